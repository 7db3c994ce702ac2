import Dispatch
import SteelyardPolicy
import Synchronization

/// Syncs segments on its own thread. All records that were written while one `fdatasync` ran share the next. No lock is
/// held while the disk is busy.
final class SyncGroup: Sendable {
    /// Somebody whose records count only when they are on the disk.
    struct Waiter: Sendable {
        /// What to write later if the sync fails.
        var undone: [ChargeRecord]
        /// Called once.
        var resume: @Sendable (JournalFailure?) -> Void
    }

    private struct State {
        /// Segments with writes since their last sync.
        var unsynced: [SegmentFile] = []
        /// Whether the name of a segment may still be missing on the disk.
        var hasNewFile = false
        var waiters: [Waiter] = []
        var isScheduled = false
    }

    /// How long records that nobody waits for are left to a sync that others may need anyway.
    private static let delay = DispatchTimeInterval.milliseconds(5)

    private let folder: String
    /// Called before the waiters resume, with everything that they want undone.
    private let failed: @Sendable (JournalFailure, [ChargeRecord]) -> Void
    private let state = Mutex(State())
    private let willSyncSoon = Atomic<Bool>(false)
    private let queue = DispatchQueue(label: "steelyard.journal.sync")

    init(folder: String, failed: @escaping @Sendable (JournalFailure, [ChargeRecord]) -> Void) {
        (self.folder, self.failed) = (folder, failed)
    }

    /// Notes that a file was written to. With a waiter, the sync begins at once or when the present one has ended,
    /// otherwise within milliseconds.
    func wrote(to file: SegmentFile, _ waiter: Waiter? = nil) {
        let isFirst = state.withLock { state in
            if !state.unsynced.contains(where: { $0 === file }) { state.unsynced.append(file) }
            guard let waiter else { return false }
            state.waiters.append(waiter)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { queue.async { self.sync() } }
        if waiter == nil { syncSoon() }
    }

    /// Notes that a segment was created.
    func began() { state.withLock { $0.hasNewFile = true } }

    private func syncSoon() {
        guard !willSyncSoon.exchange(true, ordering: .relaxed) else { return }
        queue.asyncAfter(deadline: .now() + Self.delay) {
            self.willSyncSoon.store(false, ordering: .relaxed)
            self.sync()
        }
    }

    // MARK: On the queue

    private func sync() {
        let round = state.withLock { state in
            let round = state
            state = State()
            return round
        }
        guard !round.unsynced.isEmpty else { return }
        let failure = syncedFailure(round)
        if let failure { failed(failure, round.waiters.flatMap(\.undone)) }
        for waiter in round.waiters { waiter.resume(failure) }
    }

    private func syncedFailure(_ round: State) -> JournalFailure? {
        do throws(JournalFailure) {
            for file in round.unsynced { try file.sync() }
            if round.hasNewFile { try SegmentFile.syncFolder(folder) }
            return nil
        } catch {
            return error
        }
    }
}
