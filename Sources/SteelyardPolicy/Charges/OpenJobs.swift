import Synchronization

/// A charge whose amount only a later answer will tell: a response made in the background.
public struct OpenJob: Hashable, Sendable {
    /// Its opening; the price in force is the one at that instant.
    public var opening: ChargeOpening
    /// Bytes of the request's text, for an estimate if nobody ever asks.
    public var inputBytes: Int64

    /// Makes a job.
    public init(opening: ChargeOpening, inputBytes: Int64) {
        self.opening = opening
        self.inputBytes = inputBytes
    }
}

/// The jobs that wait for their usage, by provider and the provider's id.
///
/// Polling shows the same usage again and again; the first terminal answer takes the job out, so that it is charged
/// once however often it is read. Ids only keep re-reads from counting: a new answer to a POST is always a new charge.
public final class OpenJobs: Sendable {
    private struct Name: Hashable {
        var provider: String
        var id: String
    }

    private let jobs = Mutex<[Name: OpenJob]>([:])

    /// Starts without jobs.
    public init() {}

    /// How many jobs wait.
    public var count: Int { jobs.withLock { $0.count } }

    /// Begins to wait for a job's usage.
    public func insert(_ job: OpenJob, provider: String, id: String) {
        jobs.withLock { $0[Name(provider: provider, id: id)] = job }
    }

    /// Takes a job out: the caller settles it. Nil when it is not waited for, or already taken.
    public func take(provider: String, id: String) -> OpenJob? {
        jobs.withLock { $0.removeValue(forKey: Name(provider: provider, id: id)) }
    }

    /// Takes out the jobs that were opened before an instant (seconds since 1970): nobody asked, they are estimated.
    public func takeExpired(openedBefore seconds: Int64) -> [OpenJob] {
        jobs.withLock { jobs in
            let expired = jobs.filter { $0.value.opening.openedAtSeconds < seconds }
            for name in expired.keys { jobs[name] = nil }
            return Array(expired.values)
        }
    }
}
