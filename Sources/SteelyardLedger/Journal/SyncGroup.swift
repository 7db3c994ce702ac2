import Dispatch
import Synchronization

/// Shares one `fdatasync` among all threads that wait for one. The first thread does it and the others wait; then one
/// of those that came in the meantime does the next. No lock is held while the disk is busy.
final class SyncGroup: Sendable {
    /// Identifies a write. The write is durable when a sync that began later has returned.
    typealias Ticket = UInt64

    private struct State {
        var written: Ticket = 0
        var synced: Ticket = 0
        var isSyncing = false
        /// Segments with writes since their last sync.
        var unsynced: [SegmentFile] = []
        /// The newest segment, and whether its name may still be missing on the disk.
        var newest: SegmentFile?
        var hasNewFile = false
        var waiters: [SyncWaiter] = []
    }

    private let folder: String
    private let state = Mutex(State())

    init(folder: String) { self.folder = folder }

    /// Notes that a file was written to.
    func wrote(to file: SegmentFile) -> Ticket {
        state.withLock { state in
            if state.unsynced.last !== file { state.unsynced.append(file) }
            if state.newest !== file { (state.newest, state.hasNewFile) = (file, true) }
            state.written += 1
            return state.written
        }
    }

    /// Returns when a write, and all writes before it, are on the disk.
    func wait(for ticket: Ticket) throws(JournalFailure) {
        let waiter = SyncWaiter(ticket: ticket)
        let turn = state.withLock { state -> SyncWaiter.Turn? in
            guard state.synced < ticket else { return .synced }
            guard state.isSyncing else {
                state.isSyncing = true
                return .leads
            }
            state.waiters.append(waiter)
            return nil
        }
        switch turn ?? waiter.wait() {
        case .synced: return
        case .failed(let failure): throw failure
        case .leads: try lead()
        }
    }

    /// Returns when everything written so far is on the disk.
    func waitForAll() throws(JournalFailure) { try wait(for: state.withLock { $0.written }) }

    /// Syncs everything written so far, and lets the other threads continue.
    private func lead() throws(JournalFailure) {
        let (files, hasNewFile, through) = state.withLock { state in
            defer { (state.unsynced, state.hasNewFile) = ([], false) }
            return (state.unsynced, state.hasNewFile, state.written)
        }
        var failure: JournalFailure?
        do throws(JournalFailure) {
            for file in files { try file.sync() }
            if hasNewFile { try SegmentFile.syncFolder(folder) }
        } catch {
            failure = error
        }
        finish(through, failure)
        if let failure { throw failure }
    }

    private func finish(_ through: Ticket, _ failure: JournalFailure?) {
        let (done, next) = state.withLock { state -> ([SyncWaiter], SyncWaiter?) in
            state.synced = through
            let done = state.waiters.filter { $0.ticket <= through }
            state.waiters.removeAll { $0.ticket <= through }
            let next = state.waiters.isEmpty ? nil : state.waiters.removeFirst()
            state.isSyncing = next != nil
            return (done, next)
        }
        for waiter in done { waiter.resume(failure.map { .failed($0) } ?? .synced) }
        next?.resume(.leads)
    }
}

/// A thread that waits for a sync.
private final class SyncWaiter: Sendable {
    enum Turn {
        /// The write is on the disk.
        case synced
        /// The write may not be on the disk.
        case failed(JournalFailure)
        /// This waiter must do the next sync.
        case leads
    }

    let ticket: SyncGroup.Ticket
    private let turn = Mutex(Turn.synced)
    private let semaphore = DispatchSemaphore(value: 0)

    init(ticket: SyncGroup.Ticket) { self.ticket = ticket }

    func wait() -> Turn {
        semaphore.wait()
        return turn.withLock { $0 }
    }

    func resume(_ turn: Turn) {
        self.turn.withLock { $0 = turn }
        semaphore.signal()
    }
}
