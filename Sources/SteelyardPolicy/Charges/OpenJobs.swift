import Synchronization

/// A charge whose amount only a later answer will tell: a response made in the background, a run of an assistant.
public struct OpenJob: Hashable, Sendable {
    /// Its opening; the price in force is the one at that instant.
    public var opening: ChargeOpening
    /// What was asked for, for an estimate if nobody ever asks for the result.
    public var work: RequestedWork
    /// The most bytes of its output that a re-read has shown so far; it is not kept over a restart.
    public var seenOutputBytes: Int64 = 0

    /// Makes a job.
    public init(opening: ChargeOpening, work: RequestedWork) {
        self.opening = opening
        self.work = work
    }
}

/// The jobs that wait for their usage, by provider and the provider's id.
///
/// Polling shows the same usage again and again; the first terminal answer takes the job out, so that it is charged
/// once however often it is read. Ids only keep re-reads from counting: a new answer to a POST is always a new charge.
public final class OpenJobs: Sendable {
    /// What became of an attempt to wait.
    public enum Insertion: Hashable, Sendable {
        /// The job's first terminal re-read will be its charge.
        case waits
        /// The same work is waited for already: what its end tells covers this request too.
        case isKnown
        /// Too many jobs wait: the caller charges an estimate.
        case isFull
    }

    private struct Name: Hashable {
        var provider: ByteText
        var id: ByteText

        init(_ provider: String, _ id: String) { (self.provider, self.id) = (ByteText(provider), ByteText(id)) }
    }

    /// A client that opens jobs and never reads them must not fill the memory.
    private let limit: Int
    private let jobs = Mutex<[Name: OpenJob]>([:])

    /// Starts without jobs; at most `limit` wait at once.
    public init(limit: Int = 65_536) { self.limit = limit }

    /// How many jobs wait.
    public var count: Int { jobs.withLock { $0.count } }

    /// Begins to wait for a job's usage.
    public func insert(_ job: OpenJob, provider: String, id: String) -> Insertion {
        let name = Name(provider, id)
        return jobs.withLock { jobs in
            guard jobs[name] == nil else { return .isKnown }
            guard jobs.count < limit else { return .isFull }
            jobs[name] = job
            return .waits
        }
    }

    /// Takes note of how much a re-read has shown of a job's output.
    public func sawOutput(bytes: Int64, provider: String, id: String) {
        guard bytes > 0 else { return }
        let name = Name(provider, id)
        jobs.withLock { jobs in
            guard let seen = jobs[name]?.seenOutputBytes, bytes > seen else { return }
            jobs[name]?.seenOutputBytes = bytes
        }
    }

    /// The team that a job is charged to; nil when it is not waited for.
    public func team(provider: String, id: String) -> String? {
        jobs.withLock { $0[Name(provider, id)]?.opening.team }
    }

    /// Takes a job out: the caller settles it. Nil when it is not waited for, or already taken.
    public func take(provider: String, id: String) -> OpenJob? {
        jobs.withLock { $0.removeValue(forKey: Name(provider, id)) }
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
