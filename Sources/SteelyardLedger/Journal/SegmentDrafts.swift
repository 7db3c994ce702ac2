import Dispatch
import Synchronization

/// Creates the files of the next segments ahead, on a separate thread: to create a file, a file system may have to read
/// from the disk, so this can take much longer than a write.
final class SegmentDrafts: Sendable {
    private struct State {
        var ready: [SegmentDraft] = []
        var created = 0
        var isClosed = false
    }

    /// More than this many unused files would be of no use.
    private static let limit = 16

    private let folder: String
    private let calls: SegmentCalls
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "steelyard.journal.next")

    init(folder: String, calls: SegmentCalls) { (self.folder, self.calls) = (folder, calls) }

    /// Creates one more file soon. If that fails, the one who needs it tries for itself, and reports the error.
    func prepare() { queue.async { self.add() } }

    /// A file for a new segment, created now if none is ready.
    func take() throws(JournalFailure) -> SegmentDraft {
        if let draft = state.withLock({ $0.ready.popLast() }) { return draft }
        return try create()
    }

    /// Deletes what nobody has used, and waits for a file that is being created.
    func close() {
        let unused = state.withLock { state in
            defer { (state.ready, state.isClosed) = ([], true) }
            return state.ready
        }
        for draft in unused { draft.delete() }
        queue.sync {}
    }

    private func create() throws(JournalFailure) -> SegmentDraft {
        let number = state.withLock { state in
            state.created += 1
            return state.created
        }
        return try SegmentDraft(creating: "\(folder)/\(number)\(SegmentDraft.suffix)", calls: calls)
    }

    private func add() {
        // The one who needs the file will meet the same error.
        let isEnough = state.withLock { $0.isClosed || $0.ready.count >= Self.limit }
        guard !isEnough, let draft = try? create() else { return }
        let isUnused = state.withLock { state in
            if !state.isClosed { state.ready.append(draft) }
            return state.isClosed
        }
        if isUnused { draft.delete() }
    }
}
