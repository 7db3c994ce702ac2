import Glibc
import SteelyardPolicy
import Synchronization

/// What the lanes of a journal share: which segments there are, whether records are accepted, and which records wait for
/// a recovery. No lock here is held during a call to the disk.
final class JournalSegments: Sendable {
    /// A segment that is not deleted yet.
    private struct Live {
        let number: Int
        /// Nil while it is being created.
        var file: SegmentFile?
        var isClosed = false
        /// The highest number when it was closed.
        var peersThrough = Int.max
    }

    private struct State {
        /// By number, ascending.
        var live: [Live] = []
        var nextNumber: Int
        /// What a recovery wrote to. The next lane that needs a segment continues it.
        var spare: SegmentFile?
        var failure: JournalFailure?
        var failures = 0
        var unwritten = UnwrittenRecords()
        var isRecovering = false
        /// Called once when there is something to read. Each call removes it, and the reader sets a new one.
        var wakeReader: (@Sendable () -> Void)?

        mutating func close(_ file: SegmentFile) {
            let highest = nextNumber - 1
            update(file.number) { ($0.isClosed, $0.peersThrough) = (true, highest) }
        }

        mutating func update(_ number: Int, _ change: (inout Live) -> Void) {
            guard let index = live.lastIndex(where: { $0.number == number }) else { return }
            change(&live[index])
        }
    }

    let folder: String
    let segmentBytes: Int
    private let run: RunID
    private let state: Mutex<State>
    private let drafts: SegmentDrafts
    private let readerWaits = Atomic<Bool>(false)
    private let phaseNumber = Atomic<Int>(0)

    init(folder: String, segmentBytes: Int, run: RunID, firstNumber: Int, calls: SegmentCalls) {
        (self.folder, self.segmentBytes, self.run) = (folder, segmentBytes, run)
        drafts = SegmentDrafts(folder: folder, calls: calls)
        state = Mutex(State(nextNumber: firstNumber))
    }

    /// Counts failures and recoveries. While it is odd, records are refused. A segment from an earlier phase is not used
    /// again.
    var phase: Int { phaseNumber.load(ordering: .acquiring) }

    // MARK: Segments

    /// Creates a segment, or continues the one that a recovery began.
    func begin() throws(JournalFailure) -> SegmentFile {
        let spare = state.withLock { state in
            defer { state.spare = nil }
            return state.spare
        }
        return if let spare { spare } else { try create() }
    }

    /// Creates a segment. Its number is taken before its file is there, so that nobody takes all segments up to a later
    /// one for finished.
    func create() throws(JournalFailure) -> SegmentFile {
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            state.live.append(Live(number: state.nextNumber))
            return state.nextNumber
        }
        do throws(JournalFailure) {
            let file = try SegmentFile(SegmentHeader(run: run, number: number), drafts.take(), in: folder)
            state.withLock { $0.update(number) { $0.file = file } }
            return file
        } catch {
            state.withLock { $0.live.removeAll { $0.number == number } }
            throw error
        }
    }

    /// Creates the file of a later segment ahead, on another thread.
    func prepareNext() { drafts.prepare() }

    /// Notes that nothing will be added to a segment.
    func close(_ file: SegmentFile) { state.withLock { $0.close(file) } }

    /// Closes the segment that a recovery began and nobody has continued, if its number is below another.
    func closeSpare(below number: Int) {
        state.withLock { state in
            guard let spare = state.spare, spare.number < number else { return }
            state.close(spare)
            state.spare = nil
        }
    }

    /// Deletes a closed segment when its records are in the ledger.
    func retire(_ number: Int) {
        let file = state.withLock { state -> SegmentFile? in
            guard let index = state.live.firstIndex(where: { $0.number == number && $0.isClosed }) else { return nil }
            return state.live.remove(at: index).file
        }
        if let file { unlink(file.path) }
    }

    // MARK: Reading

    /// All segments that can be read now, by number. The next record wakes the reader, once.
    func takeExtent(wakingBy wake: @escaping @Sendable () -> Void) -> [Journal.Segment] {
        state.withLock { $0.wakeReader = wake }
        readerWaits.store(true, ordering: .sequentiallyConsistent)
        return state.withLock { state in
            state.live.map { live in
                let bytes = live.file?.bytes ?? JournalFormat.headerBytes
                return Journal.Segment(
                    number: live.number,
                    bytes: bytes,
                    isClosed: live.isClosed,
                    peersThrough: live.peersThrough
                )
            }
        }
    }

    /// Call it after each write.
    func wakeReader() {
        guard readerWaits.load(ordering: .sequentiallyConsistent),
            readerWaits.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        let wake = state.withLock { state in
            defer { state.wakeReader = nil }
            return state.wakeReader
        }
        wake?()
    }

    // MARK: Failing

    /// Why records are refused; nil while they are accepted.
    var failure: JournalFailure? { state.withLock { $0.failure } }

    /// Refuses records from now on, and keeps some for the recovery.
    func fail(_ failure: JournalFailure, keeping records: [ChargeRecord]) {
        state.withLock { state in
            state.failures += 1
            if state.failure == nil { refuse(failure, &state) }
            if !records.isEmpty { state.unwritten.add(records) }
        }
    }

    /// Keeps records for the recovery, if the journal fails.
    ///
    /// - Returns: Why it fails; nil if it has recovered, and then the records must be written.
    func refuse(keeping records: [ChargeRecord]) -> JournalFailure? {
        state.withLock { state in
            if state.failure != nil, !records.isEmpty { state.unwritten.add(records) }
            return state.failure
        }
    }

    /// Refuses records for ever. A write that is in progress still succeeds.
    func end() {
        state.withLock { state in
            if state.failure == nil { refuse(.closed, &state) }
            state.failure = .closed
        }
        drafts.close()
    }

    private func refuse(_ failure: JournalFailure, _ state: inout State) {
        state.failure = failure
        phaseNumber.add(1, ordering: .acquiringAndReleasing)
        // An error on any segment ends the use of all of them. The lanes close theirs.
        if let spare = state.spare { state.close(spare) }
        state.spare = nil
    }

    // MARK: Recovering

    /// - Returns: Whether the caller may try to recover. It must call ``recovered(with:)`` or ``stayedFailed()`` then.
    func beginRecovery() -> Bool {
        state.withLock { state in
            guard let failure = state.failure, failure != .closed, !state.isRecovering else { return false }
            state.isRecovering = true
            return true
        }
    }

    func stayedFailed() { state.withLock { $0.isRecovering = false } }

    /// What must be written before records are accepted again. If nothing is left, they are accepted, and the segment
    /// of the recovery waits for a lane.
    func nextUnwritten(for file: SegmentFile) -> RecordEncoder? {
        state.withLock { state in
            state.unwritten.wrote()
            if let unwritten = state.unwritten.take() { return unwritten }
            state.isRecovering = false
            accept(file, &state)
            return nil
        }
    }

    private func accept(_ file: SegmentFile, _ state: inout State) {
        guard state.failure != .closed else { return state.close(file) }
        (state.failure, state.spare) = (nil, file)
        phaseNumber.add(1, ordering: .acquiringAndReleasing)
    }

    /// Notes that a recovery could not write what it took.
    func putBack(_ unwritten: RecordEncoder) {
        state.withLock { state in
            state.failures += 1
            state.unwritten.putBack(unwritten)
        }
    }

    /// The state, except for ``JournalStanding/records``.
    var standing: JournalStanding {
        state.withLock { state in
            JournalStanding(
                bytes: state.live.reduce(0) { $0 + ($1.file?.bytes ?? 0) },
                segments: state.live.count,
                records: 0,
                failure: state.failure,
                failures: state.failures,
                unwrittenRecords: state.unwritten.records,
                lostRecords: state.unwritten.lostRecords
            )
        }
    }
}
