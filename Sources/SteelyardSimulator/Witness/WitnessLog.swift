import Synchronization

/// All requests that a simulator received and the answers that it sent, in order of arrival.
public final class WitnessLog: Sendable {
    private struct Waiter {
        var endedCount: Int
        var resume: @Sendable () -> Void
    }

    private struct State {
        var entries: [WitnessEntry] = []
        /// The index of the first entry kept.
        var firstIndex = 0
        var nextIndex = 0
        /// Grows with each `removeAll`, so that an answer that was in progress then does not count as a later one.
        var generation = 0
        var endedCount = 0
        var bodyBytes = 0
        /// The first entry that may still have its body.
        var firstBodyIndex = 0
        var waiters: [Waiter] = []
    }

    private let state = Mutex(State())
    private let limit: Int
    private let bodyLimitBytes: Int
    private let file: WitnessFile?

    init(limit: Int, bodyLimitBytes: Int, file: WitnessFile?) {
        self.limit = limit
        self.bodyLimitBytes = bodyLimitBytes
        self.file = file
    }

    /// Whether anything is kept; otherwise the caller need not collect it.
    var isOn: Bool { limit > 0 || file != nil }

    /// The entries in order of arrival; if there are too many, the oldest are dropped.
    public var entries: [WitnessEntry] { state.withLock { $0.entries } }

    /// How many requests arrived since the start or the last `removeAll`.
    public var count: Int { state.withLock { $0.nextIndex } }

    /// How many answers have ended since the start or the last `removeAll`.
    public var endedCount: Int { state.withLock { $0.endedCount } }

    /// Forgets all entries and starts numbering again. Answers in progress are not recorded.
    public func removeAll() {
        let waiters = state.withLock { state in
            let waiters = state.waiters
            let generation = state.generation + 1
            state = State()
            state.generation = generation
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until `count` answers have ended since the last `removeAll`.
    /// - Returns: the entries kept at that time.
    public func entries(onceEnded count: Int) async -> [WitnessEntry] {
        await withCheckedContinuation { continuation in
            onceEnded(count) { continuation.resume() }
        }
        return entries
    }

    /// Calls back when `count` answers have ended; at once if they already have.
    func onceEnded(_ count: Int, _ resume: @escaping @Sendable () -> Void) {
        let isDue = state.withLock { state in
            if state.endedCount >= count { return true }
            state.waiters.append(Waiter(endedCount: count, resume: resume))
            return false
        }
        if isDue { resume() }
    }

    /// Records a request and gives it its number.
    func received(_ entry: inout WitnessEntry) {
        state.withLock { state in
            entry.index = state.nextIndex
            entry.generation = state.generation
            state.nextIndex += 1
            guard limit > 0 else { return }
            state.entries.append(entry)
            state.bodyBytes += entry.body?.count ?? 0
            trim(&state)
        }
        // Only the log's copy decides how long the body is kept.
        entry.body = nil
    }

    /// Updates an entry with what is known now.
    func updated(_ entry: WitnessEntry) {
        state.withLock { replace(entry, in: &$0) }
    }

    /// Records the end of an answer.
    func ended(_ entry: WitnessEntry) {
        file?.append(entry)
        let due = state.withLock { state in
            guard entry.generation == state.generation else { return [] as [Waiter] }
            replace(entry, in: &state)
            state.endedCount += 1
            let due = state.waiters.filter { $0.endedCount <= state.endedCount }
            if !due.isEmpty { state.waiters.removeAll { $0.endedCount <= state.endedCount } }
            return due
        }
        for waiter in due { waiter.resume() }
    }

    private func replace(_ entry: WitnessEntry, in state: inout State) {
        let position = entry.index - state.firstIndex
        guard entry.generation == state.generation, state.entries.indices.contains(position) else { return }
        let body = state.entries[position].body
        state.entries[position] = entry
        state.entries[position].body = body
    }

    private func trim(_ state: inout State) {
        while state.bodyBytes > bodyLimitBytes, state.firstBodyIndex < state.nextIndex {
            let position = state.firstBodyIndex - state.firstIndex
            state.firstBodyIndex += 1
            guard state.entries.indices.contains(position) else { continue }
            state.bodyBytes -= state.entries[position].body?.count ?? 0
            state.entries[position].body = nil
        }
        guard state.entries.count >= 2 * limit else { return }
        // Drops half at a time, so that dropping the oldest has a constant cost per entry.
        let excess = state.entries.count - limit
        for entry in state.entries.prefix(excess) { state.bodyBytes -= entry.body?.count ?? 0 }
        state.entries.removeFirst(excess)
        state.firstIndex += excess
        state.firstBodyIndex = max(state.firstBodyIndex, state.firstIndex)
    }
}
