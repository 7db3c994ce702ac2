public import SteelyardPolicy
import Synchronization

/// One writer's way into a ``Journal``: each event loop has its own, with its own segment. So no lane waits for another,
/// whatever the disk does.
///
/// Its lock makes it safe on any thread, but two threads that share a lane wait for each other's writes.
public final class JournalLane: Sendable {
    private struct State {
        /// Nil until the next record, after a segment was closed.
        var file: SegmentFile?
        /// The journal's phase in which the segment was begun.
        var phase = 0
        var hasPreparedNext = false
        /// Kept, so that a record allocates no memory.
        var encoder = RecordEncoder()
    }

    private enum Attempt {
        case written
        /// The journal refuses records at the moment.
        case refused
        case failed(JournalFailure)
    }

    private let segments: JournalSegments
    /// Nil if nobody waits for the disk.
    private let syncs: SyncGroup?
    private let state = Mutex(State())
    private let written = Atomic<Int>(0)

    /// Begins a segment.
    init(_ segments: JournalSegments, _ syncs: SyncGroup?) throws(JournalFailure) {
        (self.segments, self.syncs) = (segments, syncs)
        try state.withLock { (state) throws(JournalFailure) in _ = try beginSegment(&state, segments.phase) }
    }

    /// Begins a segment with the first record.
    init(lazily segments: JournalSegments, _ syncs: SyncGroup?) { (self.segments, self.syncs) = (segments, syncs) }

    /// Records written so far.
    var writtenRecords: Int { written.load(ordering: .relaxed) }

    /// Writes one record, and returns at once: it waits for no other lane, no reader and no sync.
    ///
    /// With ``Durability/process`` the record survives the death of the process when this returns. With
    /// ``Durability/power`` an opening is safe later; other records are on the disk a few milliseconds later.
    ///
    /// - Parameter whenSafe: Called once, on another thread, if this returns false: with nil when the record is on the
    ///   disk, or with the failure; then do not act on the opening.
    /// - Returns: Whether the record is safe already; false only for an opening with ``Durability/power``.
    /// - Throws: Why the record is not written. In that case do not act on an opening, unless its request may go
    ///   unrecorded. Other records need no second attempt: ``Journal/recover()`` writes them.
    public func append(
        _ record: ChargeRecord,
        whenSafe: (@Sendable (JournalFailure?) -> Void)? = nil
    ) throws(JournalFailure) -> Bool {
        guard syncs != nil, record.isOpening else {
            try write(CollectionOfOne(record), nil)
            return true
        }
        try write(CollectionOfOne(record)) { failure in whenSafe?(failure) }
        return false
    }

    /// Writes records, all or none. `whenSafe` is called after the next sync.
    func write(
        _ records: some Collection<ChargeRecord>,
        _ whenSafe: (@Sendable (JournalFailure?) -> Void)?
    ) throws(JournalFailure) {
        while true {
            switch state.withLock({ attempt(records, whenSafe, &$0) }) {
            case .written: return segments.wakeReader()
            case .failed(let failure): throw failure
            case .refused:
                // If the journal has recovered meanwhile, the records are written.
                if let failure = segments.refuse(keeping: Array(records).withoutOpenings) { throw failure }
            }
        }
    }

    private func attempt(
        _ records: some Collection<ChargeRecord>,
        _ whenSafe: (@Sendable (JournalFailure?) -> Void)?,
        _ state: inout State
    ) -> Attempt {
        let phase = segments.phase
        guard phase.isMultiple(of: 2) else { return .refused }
        state.encoder.encode(records)
        do throws(JournalFailure) {
            let file = try segment(fitting: state.encoder.bytes.count, &state, phase)
            try file.append(state.encoder.bytes)
            syncs?.wrote(to: file, whenSafe.map { SyncGroup.Waiter(undone: Array(records).undone, resume: $0) })
            wrote(to: file, &state)
            return .written
        } catch {
            let isGone = state.file?.cutOff() ?? true
            closeSegment(&state)
            segments.fail(error, keeping: isGone ? Array(records).withoutOpenings : Array(records).undone)
            return .failed(error)
        }
    }

    private func wrote(to file: SegmentFile, _ state: inout State) {
        // Only this lane stores it, with its lock held.
        written.store(written.load(ordering: .relaxed) + state.encoder.records, ordering: .relaxed)
        prepareNext(file, &state)
    }

    /// Closes the segment if nobody is writing to it and its number is below another: an idle lane must not keep the
    /// segments of others from being deleted.
    func closeIdleSegment(below number: Int) {
        state.withLockIfAvailable { state in
            guard let file = state.file, file.number < number else { return }
            closeSegment(&state)
            segments.prepareNext()
        }
    }

    /// Closes the segment, after a write that is in progress.
    func close() { state.withLock { closeSegment(&$0) } }

    // MARK: Segments

    private func segment(
        fitting bytes: Int,
        _ state: inout State,
        _ phase: Int
    ) throws(JournalFailure) -> SegmentFile {
        if let file = state.file {
            if state.phase == phase, file.isEmpty || file.bytes + bytes <= segments.segmentBytes { return file }
            closeSegment(&state)
        }
        return try beginSegment(&state, phase)
    }

    private func beginSegment(_ state: inout State, _ phase: Int) throws(JournalFailure) -> SegmentFile {
        let file = try segments.begin()
        syncs?.began()
        (state.file, state.phase, state.hasPreparedNext) = (file, phase, false)
        return file
    }

    private func closeSegment(_ state: inout State) {
        if let file = state.file { segments.close(file) }
        state.file = nil
    }

    /// Has the next file created while the last quarter of this one fills.
    private func prepareNext(_ file: SegmentFile, _ state: inout State) {
        guard !state.hasPreparedNext, file.bytes > segments.segmentBytes / 4 * 3 else { return }
        state.hasPreparedNext = true
        segments.prepareNext()
    }
}
