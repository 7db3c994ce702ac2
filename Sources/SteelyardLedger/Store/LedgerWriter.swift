import Dispatch
import Glibc
import SteelyardPolicy
import Synchronization

/// Moves the journal's records into the ledger, on its own thread.
final class LedgerWriter: Sendable {
    /// The state that only the writer's queue uses. So nobody ever waits for its lock.
    private struct State {
        var books: LedgerBooks
        /// How far each segment has been read, by its number.
        var offsets: [Int: Int] = [:]
        /// All segments up to this number are deleted.
        var retired = 0
        var mustReopen = false
        /// Released together with the books, which nobody may use after that.
        var lock: LedgerLock?
        var pruning: Pruning

        func offset(in segment: Int) -> Int { offsets[segment] ?? JournalFormat.headerBytes }
    }

    /// How long to wait for more records, so that many share a transaction and its sync.
    private static let gatheringTime = DispatchTimeInterval.milliseconds(200)
    /// Requests are more important: under full load the ledger needs only a third of a thread's usual share.
    private static let niceness: Int32 = 5
    /// A larger batch would make readers wait and take more memory.
    static let batchRecords = 2000

    private let journal: Journal
    private let folder: SegmentFolder
    private let queue = DispatchQueue(label: "steelyard.ledger", qos: .utility)
    private let state: Mutex<State>
    private let shown = Mutex(LedgerStanding())
    private let takenRecords = Atomic<Int>(0)

    init(_ settings: LedgerSettings, lock: LedgerLock, journal: Journal, books: LedgerBooks) {
        self.journal = journal
        folder = SegmentFolder(path: settings.journalFolder)
        state = Mutex(State(books: books, lock: lock, pruning: Pruning(keepSeconds: settings.keepSeconds)))
        queue.async { self.drain() }
    }

    var standing: LedgerStanding {
        var standing = shown.withLock { $0 }
        standing.queueLength = max(0, journal.standing.records - takenRecords.load(ordering: .relaxed))
        return standing
    }

    func passed(nowSeconds: Int64) {
        queue.async {
            self.journal.recover()
            if self.standing.failure?.mayPass == true { self.drain() }
            self.prune(nowSeconds: nowSeconds)
        }
    }

    func flush(withinSeconds seconds: Double) -> Bool {
        finish(withinSeconds: seconds) {
            self.drain()
            // Records that could not be written are waiting in memory, where no reader of the file sees them.
            return self.standing.failure == nil && self.journal.standing.unwrittenRecords == 0
        }
    }

    func close(withinSeconds seconds: Double) -> Bool {
        finish(withinSeconds: seconds) {
            self.drain()
            return self.end()
        }
    }

    private func finish(withinSeconds seconds: Double, _ work: @escaping @Sendable () -> Bool) -> Bool {
        let (done, result) = (DispatchSemaphore(value: 0), Outcome(false))
        queue.async {
            result.value.withLock { $0 = work() }
            done.signal()
        }
        return done.wait(timeout: .now() + seconds) == .success && result.value.withLock { $0 }
    }

    // MARK: On the queue

    /// Enters all available records. After a failure it is tried again later.
    private func drain() {
        letOthersGoFirst()
        state.withLock { state in
            guard let lock = state.lock, shown.withLock({ $0.failure?.mayPass ?? true }) else { return }
            let segments = journal.takeExtent { [weak self] in self?.drainSoon() }
            do throws(LedgerError) {
                try reopenIfFailed(&state, lock)
                try take(segments, &state)
                shown.withLock { $0.failure = nil }
            } catch {
                state.mustReopen = true
                shown.withLock { shown in
                    shown.failure = error
                    shown.failures += 1
                }
            }
        }
    }

    /// Sets the niceness of the current thread only (setpriority(2), "C library/kernel differences"). Dispatch has
    /// separate threads for each quality of service, and nothing else here uses this one.
    private func letOthersGoFirst() {
        let thread = __priority_which_t(PRIO_PROCESS.rawValue)
        // If the process already runs with lower priority, this thread must not get a higher one than the others.
        if getpriority(thread, 0) < Self.niceness { setpriority(thread, 0, Self.niceness) }
    }

    /// While the ledger fails, new records do not trigger another attempt: ``passed(nowSeconds:)`` tries again.
    private func drainSoon() {
        queue.asyncAfter(deadline: .now() + Self.gatheringTime) {
            if self.standing.failure == nil { self.drain() }
        }
    }

    private func reopenIfFailed(_ state: inout State, _ lock: LedgerLock) throws(LedgerError) {
        guard state.mustReopen else { return }
        try state.books.reopen(lock)
        state.mustReopen = false
    }

    private func take(_ segments: [Journal.Segment], _ state: inout State) throws(LedgerError) {
        // It exists until it is retired, and then the ledger knows that it is done.
        if let first = segments.first(where: { $0.bytes > JournalFormat.headerBytes }) {
            try state.books.begin(segment: first.number)
        }
        for (index, segment) in segments.enumerated() {
            try take(segment, &state)
            // At once: if the disk is full, nothing goes on before something is deleted.
            if segment.isClosed { try retire(segments[...index], readThrough: segment.number, &state) }
        }
        state.books.readAll()
        try retire(segments[...], readThrough: .max, &state)
        if let last = segments.last(where: \.isClosed) { journal.closeIdleSegments(below: last.number) }
    }

    private func take(_ segment: Journal.Segment, _ state: inout State) throws(LedgerError) {
        let offset = state.offset(in: segment.number)
        guard offset < segment.bytes else { return }
        let bytes = try folder.bytes(segment.number, from: offset, to: segment.bytes)
        var reader = SegmentReader(bytes, from: 0)
        while reader.ending == nil {
            let records = reader.batch(limit: Self.batchRecords)
            let added = records.isEmpty ? 0 : try state.books.enter(records, segment: segment.number)
            state.offsets[segment.number] = offset + reader.offset
            show(records: records.count, added: added, state)
        }
        guard reader.ending == .whole else {
            throw .journalDamaged(path: folder.file(segment.number), at: offset + reader.offset)
        }
    }

    /// Deletes the segments that are done, in the order of their numbers: the ledger stores only one number, below which
    /// everything is done.
    ///
    /// - Parameter number: All segments up to this one have been read in this pass.
    private func retire(
        _ segments: ArraySlice<Journal.Segment>,
        readThrough number: Int,
        _ state: inout State
    ) throws(LedgerError) {
        let done = segments.drop { $0.number <= state.retired }.prefix {
            $0.isClosed && $0.bytes <= state.offset(in: $0.number)
        }
        guard let last = Self.lastRetirable(done, readThrough: number, state.books.open) else { return }
        try state.books.outlive(segment: last)
        for segment in done where segment.number <= last {
            journal.retire(segment.number)
            state.offsets[segment.number] = nil
        }
        state.retired = last
    }

    private static func lastRetirable(
        _ done: ArraySlice<Journal.Segment>,
        readThrough number: Int,
        _ open: OpenCharges
    ) -> Int? {
        var (last, needed) = (Int?.none, 0)
        for segment in done {
            needed = max(needed, open.lastSegmentNeeded(by: segment, readThrough: number))
            if needed <= segment.number { last = segment.number }
        }
        return last
    }

    private func show(records: Int, added: Int, _ state: State) {
        takenRecords.wrappingAdd(records, ordering: .relaxed)
        let openCharges = state.books.open.charges.count
        shown.withLock { shown in
            shown.entries += added
            shown.openCharges = openCharges
        }
    }

    private func prune(nowSeconds: Int64) {
        state.withLock { state in
            guard state.lock != nil, !state.mustReopen else { return }
            do throws(LedgerError) {
                let pruned = try state.pruning.passed(nowSeconds: nowSeconds, state.books.database)
                shown.withLock { $0.prunedEntries += pruned }
            } catch {
                state.mustReopen = true
                shown.withLock { shown in
                    shown.failure = error
                    shown.failures += 1
                }
            }
        }
    }

    private func end() -> Bool {
        state.withLock { state in
            guard state.lock != nil else { return true }
            defer { state.lock = nil }
            guard shown.withLock({ $0.failure == nil }) else {
                // The connection must be closed before the lock is released.
                try? state.books.close()
                return false
            }
            do throws(LedgerError) {
                try state.books.close()
                return true
            } catch {
                return false
            }
        }
    }
}

extension SegmentReader {
    /// The next records, up to `limit`.
    mutating func batch(limit: Int) -> [ChargeRecord] {
        var records: [ChargeRecord] = []
        while records.count < limit, let record = next() { records.append(record) }
        return records
    }
}
