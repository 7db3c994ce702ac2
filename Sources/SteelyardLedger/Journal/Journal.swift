import Dispatch
import Glibc
public import SteelyardPolicy
import Synchronization

/// Records everything that may cost money, before it can: an opening before its request leaves, and a settlement before
/// the last piece of the answer reaches the client.
///
/// A batch is one `write(2)` to an append-only file, so that it survives the death of the process. With
/// ``Durability/power`` an opening also waits for an `fdatasync`, which it shares with others. ``Ledger`` reads the
/// records back, and deletes a segment when all of its records are in the ledger. So the unread records in the files
/// are the ledger's queue: this queue takes no memory and loses nothing.
///
/// After an error a segment is never used again. While the journal ``isFailing``, openings are refused. Records that
/// close a charge are kept in memory, up to a limit, until ``recover()`` finds that a new segment can be written.
public final class Journal: Sendable {
    /// One segment, as its readers see it.
    struct Segment: Hashable {
        var number: Int
        /// The file has whole records up to here.
        var bytes: Int
        /// Whether the segment is complete: nothing will be added.
        var isClosed: Bool
    }

    struct State {
        var current: SegmentFile?
        var segments: [Segment] = []
        var nextNumber: Int
        var records = 0
        var failure: JournalFailure?
        var failures = 0
        var unwritten = UnwrittenRecords()
        var isRecovering = false
        /// Called once when there is something to read. Each call removes it, and the reader sets a new one.
        var wakeReader: (@Sendable () -> Void)?
        var awaitsSync = false
    }

    let folder: String
    let durability: Durability
    let segmentBytes: Int
    let run: RunID
    let calls: SegmentCalls
    let state: Mutex<State>
    private let syncs: SyncGroup
    /// How long a settlement waits for a sync that others may do anyway.
    private static let settlementSyncDelay = DispatchTimeInterval.milliseconds(5)
    private let lateSyncs = DispatchQueue(label: "steelyard.journal")

    /// Creates the first segment of a run in an existing folder. Its number is higher than all others there.
    init(
        folder: String,
        durability: Durability,
        segmentBytes: Int = 8 << 20,
        run: RunID,
        firstNumber: Int,
        calls: SegmentCalls = .system
    ) throws(JournalFailure) {
        self.folder = folder
        self.durability = durability
        self.segmentBytes = segmentBytes
        self.run = run
        self.calls = calls
        syncs = SyncGroup(folder: folder)
        let header = SegmentHeader(run: run, number: firstNumber)
        var state = State(nextNumber: firstNumber + 1)
        state.begin(try SegmentFile(header, in: folder, calls: calls))
        self.state = Mutex(state)
    }

    /// Writes records, all or none, and returns when they survive what ``durability`` promises.
    ///
    /// Can be called from any thread. With ``Durability/power`` a batch with an opening waits for the disk, so an event
    /// loop must not call this for one. Other batches return at once and are on the disk a few milliseconds later.
    ///
    /// - Throws: Why the records are not recorded. In that case do not act on an opening, unless its request may go
    ///   unrecorded. Deferrals, settlements and releases need no second attempt: ``recover()`` writes them.
    public func append(_ records: [ChargeRecord]) throws(JournalFailure) {
        guard !records.isEmpty else { return }
        let batch = RecordBatch(records)
        let (ticket, wakeReader) = try state.withLock { (state) throws(JournalFailure) in
            let ticket = try write(batch, &state)
            defer { state.wakeReader = nil }
            return (ticket, state.wakeReader)
        }
        wakeReader?()
        guard durability == .power else { return }
        if batch.holdsOpening { try sync(ticket, batch) } else { syncLater() }
    }

    /// Whether records are refused until ``recover()`` succeeds.
    public var isFailing: Bool { state.withLock { $0.failure != nil } }

    /// The state of the journal, for metrics and checks.
    public var standing: JournalStanding {
        state.withLock { state in
            JournalStanding(
                bytes: state.segments.reduce(0) { $0 + $1.bytes },
                segments: state.segments.count,
                records: state.records,
                failure: state.failure,
                failures: state.failures,
                unwrittenRecords: state.unwritten.records,
                lostRecords: state.unwritten.lostRecords
            )
        }
    }

    // MARK: Writing

    private func write(_ batch: RecordBatch, _ state: inout State) throws(JournalFailure) -> SyncGroup.Ticket {
        do throws(JournalFailure) {
            if let failure = state.failure { throw failure }
            try rotate(&state, beforeBytes: batch.bytes.count)
            return try put(batch.bytes, records: batch.records, &state)
        } catch {
            state.unwritten.add(batch)
            throw error
        }
    }

    /// Writes to the current segment. After an error the segment is not used again.
    func put(_ bytes: [UInt8], records: Int, _ state: inout State) throws(JournalFailure) -> SyncGroup.Ticket {
        guard let file = state.current else { return 0 }
        do throws(JournalFailure) { try file.write(bytes[...]) } catch {
            file.truncate(toBytes: state.currentBytes)
            state.fail(error)
            throw error
        }
        state.grow(bytes: bytes.count, records: records)
        return durability == .power ? syncs.wrote(to: file) : 0
    }

    private func rotate(_ state: inout State, beforeBytes bytes: Int) throws(JournalFailure) {
        let isEmpty = state.currentBytes == JournalFormat.headerBytes
        guard !isEmpty, state.currentBytes + bytes > segmentBytes else { return }
        try beginSegment(&state)
    }

    private func beginSegment(_ state: inout State) throws(JournalFailure) {
        let header = SegmentHeader(run: run, number: state.nextNumber)
        state.nextNumber += 1
        do throws(JournalFailure) { state.begin(try SegmentFile(header, in: folder, calls: calls)) } catch {
            state.fail(error)
            throw error
        }
    }

    // MARK: Syncing

    private func sync(_ ticket: SyncGroup.Ticket, _ batch: RecordBatch) throws(JournalFailure) {
        do throws(JournalFailure) { try syncs.wait(for: ticket) } catch {
            state.withLock { state in
                state.fail(error)
                // The openings may be on the disk nevertheless, but their requests do not leave.
                state.unwritten.add(batch.undone)
            }
            throw error
        }
    }

    private func syncLater() {
        let isFirst = state.withLock { state in
            defer { state.awaitsSync = true }
            return !state.awaitsSync
        }
        guard isFirst else { return }
        lateSyncs.asyncAfter(deadline: .now() + Self.settlementSyncDelay) { [weak self] in self?.syncEverything() }
    }

    private func syncEverything() {
        state.withLock { $0.awaitsSync = false }
        // The failure is noted. The settlements can still be read, and their openings are on the disk.
        do throws(JournalFailure) { try syncs.waitForAll() } catch { state.withLock { $0.fail(error) } }
    }

    // MARK: Reading

    /// All segments that can be read now. The next record wakes the reader, once.
    func takeExtent(wakingBy wake: @escaping @Sendable () -> Void) -> [Segment] {
        state.withLock { state in
            state.wakeReader = wake
            return state.segments
        }
    }

    /// Deletes a closed segment when its records are in the ledger.
    func retire(_ number: Int) {
        let isGone = state.withLock { state in
            guard let index = state.segments.firstIndex(where: { $0.number == number && $0.isClosed }) else {
                return false
            }
            state.segments.remove(at: index)
            return true
        }
        if isGone { unlink(SegmentFile.path(of: number, in: folder)) }
    }
}

extension Journal.State {
    /// The current segment has whole records up to here.
    var currentBytes: Int { segments.last?.bytes ?? 0 }

    mutating func begin(_ file: SegmentFile) {
        close()
        current = file
        segments.append(
            Journal.Segment(number: file.number, bytes: JournalFormat.headerBytes, isClosed: false)
        )
    }

    mutating func grow(bytes: Int, records count: Int) {
        segments[segments.count - 1].bytes += bytes
        records += count
    }

    mutating func fail(_ error: JournalFailure) {
        failures += 1
        guard failure == nil else { return }
        failure = error
        close()
    }

    mutating func end() {
        close()
        failure = .closed
    }

    private mutating func close() {
        current = nil
        if let last = segments.indices.last { segments[last].isClosed = true }
    }
}

/// The state of a journal, for metrics and checks.
public struct JournalStanding: Hashable, Sendable {
    /// The size of all segments together: `ai_journal_bytes`.
    public var bytes: Int
    /// The number of segments.
    public var segments: Int
    /// Records written in this run.
    public var records: Int
    /// Why records are refused; nil while they are accepted.
    public var failure: JournalFailure?
    /// Calls that failed in this run.
    public var failures: Int
    /// Records that wait in memory for ``Journal/recover()``.
    public var unwrittenRecords: Int
    /// Records for which even memory had no room. After a restart their charges count as interrupted, at their holds.
    public var lostRecords: Int
}
