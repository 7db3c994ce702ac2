import CCurl
import Glibc
public import SteelyardPolicy
import Synchronization

/// The upstream side: a fixed number of worker threads, each with its own connections.
public final class UpstreamPool: Sendable {
    private struct State {
        var table: ProviderTable
        var threads: [WorkerThread] = []
    }

    private let workers: [UpstreamWorker]
    private let state: Mutex<State>

    /// Starts the workers.
    ///
    /// - Parameters:
    ///   - workerCount: At least one is started.
    ///   - providers: The providers to keep connections to.
    ///   - guards: The guards against faults of libcurl; production uses all of them.
    ///   - onOpenings: Called on a worker's thread, once per round, with the openings of all new requests before the
    ///     first of them starts. It blocks its worker and returns whether the openings are recorded. If not, requests
    ///     that must be recorded are not sent.
    /// - Throws: ``UpstreamSetupError`` when the system has no descriptors, threads or memory left.
    public init(
        workerCount: Int,
        providers: [Provider],
        guards: TransferGuards = .all,
        onOpenings: (@Sendable ([ChargeOpening]) -> Bool)? = nil
    ) throws {
        try Self.prepareProcess()
        let table = ProviderTable(providers)
        var workers: [UpstreamWorker] = []
        var threads: [WorkerThread] = []
        do {
            for _ in 0..<max(1, workerCount) {
                let worker = UpstreamWorker(inbox: try WorkerInbox())
                let loop = try WorkerLoop(inbox: worker.inbox, table: table, guards: guards, onOpenings: onOpenings)
                threads.append(try WorkerThread(running: loop))
                workers.append(worker)
            }
        } catch {
            Self.stop(workers, threads)
            throw error
        }
        self.workers = workers
        state = Mutex(State(table: table, threads: threads))
    }

    deinit { shutdown() }

    /// A worker. Indices beyond the last worker start again at the first, so callers can pass an event loop's own
    /// index.
    public func worker(_ index: Int) -> UpstreamWorker { workers[Int(index.magnitude % UInt(workers.count))] }

    /// The providers to which connections are kept.
    public var providers: [Provider] { state.withLock { $0.table.entries.map(\.provider) } }

    /// Keeps connections to these providers only. An object that was there before keeps its own; running requests go
    /// on.
    public func replaceProviders(_ providers: [Provider]) {
        state.withLock { state in
            state.table = ProviderTable(providers, after: state.table)
            // Within the lock, so that two reloads reach every worker in the same order.
            for worker in workers { worker.inbox.push(.replaceProviders(state.table)) }
        }
    }

    /// Cancels all transfers, closes every connection and waits for the threads; observers still receive their events.
    ///
    /// It blocks; never call it from a worker's thread (`onOpenings`). A second call does nothing.
    public func shutdown() {
        let threads = state.withLock { state in
            defer { state.threads = [] }
            return state.threads
        }
        Self.stop(workers, threads)
    }

    private static func stop(_ workers: [UpstreamWorker], _ threads: [WorkerThread]) {
        for worker in workers { worker.inbox.push(.stop) }
        for thread in threads { thread.join() }
    }

    /// Prepares libcurl once per process, before its first use. If this fails, every later call gets the same error.
    private static let globalResult: CURLcode = {
        // A peer that closes early must be an error of one transfer, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(ccurl_global_default)
    }()

    private static func prepareProcess() throws {
        guard globalResult == CURLE_OK else {
            throw UpstreamSetupError(step: "curl_global_init", code: Int32(bitPattern: globalResult.rawValue))
        }
    }
}
