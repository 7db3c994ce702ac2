import Synchronization

/// A charge whose amount only a later answer will tell, for a response made in the background or a run of an assistant.
public struct OpenJob: Hashable, Sendable {
    /// Its opening. The prices in force at that instant apply.
    public var opening: ChargeOpening
    /// What was requested. It is used for an estimate if nobody ever fetches the result.
    public var work: RequestedWork
    /// The most bytes of its output that a re-read has shown so far. It is lost at a restart.
    public var seenOutputBytes: Int64 = 0

    /// Makes a job.
    public init(opening: ChargeOpening, work: RequestedWork) {
        self.opening = opening
        self.work = work
    }
}

/// The jobs whose usage is still to come, by provider and the provider's id.
///
/// Polling shows the same usage again and again. The first terminal answer removes the job, so that it is charged once,
/// however often it is read. The id only serves to recognise re-reads: a new answer to a POST is always a new charge.
public final class OpenJobs: Sendable {
    /// The result of adding a job.
    public enum Insertion: Hashable, Sendable {
        /// The job was added. Its first terminal re-read will settle its charge.
        case waits
        /// The same work is in the table already. Its end covers this request too.
        case isKnown
        /// Too many jobs are in the table. The caller charges an estimate.
        case isFull
    }

    private struct Name: Hashable {
        var provider: ByteText
        var id: ByteText

        init(_ provider: String, _ id: String) { (self.provider, self.id) = (ByteText(provider), ByteText(id)) }
    }

    /// The most jobs in the table: a client that opens jobs and never reads them must not fill the memory.
    private let limit: Int
    private let jobs = Mutex<[Name: OpenJob]>([:])

    /// Starts without jobs. At most `limit` jobs are kept at once.
    public init(limit: Int = 65_536) { self.limit = limit }

    /// The number of jobs.
    public var count: Int { jobs.withLock { $0.count } }

    /// Adds a job, to wait for its usage.
    public func insert(_ job: OpenJob, provider: String, id: String) -> Insertion {
        let name = Name(provider, id)
        return jobs.withLock { jobs in
            guard jobs[name] == nil else { return .isKnown }
            guard jobs.count < limit else { return .isFull }
            jobs[name] = job
            return .waits
        }
    }

    /// Notes how many bytes of a job's output a re-read has shown.
    public func sawOutput(bytes: Int64, provider: String, id: String) {
        guard bytes > 0 else { return }
        let name = Name(provider, id)
        jobs.withLock { jobs in
            guard let seen = jobs[name]?.seenOutputBytes, bytes > seen else { return }
            jobs[name]?.seenOutputBytes = bytes
        }
    }

    /// The team that pays for a job; nil if the job is not in the table.
    public func team(provider: String, id: String) -> String? {
        jobs.withLock { $0[Name(provider, id)]?.opening.team }
    }

    /// Removes a job, so that the caller settles it. Nil if it is not in the table, or was already taken.
    public func take(provider: String, id: String) -> OpenJob? {
        jobs.withLock { $0.removeValue(forKey: Name(provider, id)) }
    }

    /// Removes the jobs that were opened before an instant (seconds since 1970). Nobody fetched their results, so the
    /// caller estimates them.
    public func takeExpired(openedBefore seconds: Int64) -> [OpenJob] {
        jobs.withLock { jobs in
            let expired = jobs.filter { $0.value.opening.openedAtSeconds < seconds }
            for name in expired.keys { jobs[name] = nil }
            return Array(expired.values)
        }
    }
}
