import Synchronization

/// Measures tools from outside: an answer asks for a call, a later request brings its result under the same call id.
///
/// Bounded: calls whose result never comes fall out, oldest first.
final class ToolClock: Sendable {
    /// A call of a tool. Not every provider makes ids that nobody else has (`call_0`), and no team may answer another's.
    struct Call: Hashable, Sendable {
        var team: String
        var id: String
    }

    private struct Asked {
        var tool: String
        var atNanoseconds: UInt64
        /// Tells this call from an earlier one of the same id.
        var turn: UInt64
    }

    private struct State {
        var asked: [Call: Asked] = [:]
        /// Every call in turn, answered ones included; the first is at `oldest`.
        var order: [(call: Call, turn: UInt64)] = []
        var oldest = 0
        var turn: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// Makes a clock that remembers the latest `limit` calls.
    init(limit: Int = 16_384) { self.limit = limit }

    /// How many calls are waited for.
    var waitingCount: Int { state.withLock { $0.asked.count } }

    /// An answer asked for a call; asked again under the same id, the time counts from now.
    func asked(_ call: Call, tool: String, atNanoseconds now: UInt64) {
        guard !call.id.isEmpty else { return }
        state.withLock { state in
            state.turn &+= 1
            state.asked[call] = Asked(tool: tool, atNanoseconds: now, turn: state.turn)
            state.order.append((call, state.turn))
            if state.order.count - state.oldest > limit { forgetOldest(&state) }
        }
    }

    /// A request brought a call's result; nil when the call is not known or was answered before. Agents send every
    /// result again with each later turn of the conversation.
    func answered(_ call: Call, atNanoseconds now: UInt64) -> (tool: String, nanoseconds: UInt64)? {
        state.withLock { state in
            guard let asked = state.asked.removeValue(forKey: call), now >= asked.atNanoseconds else { return nil }
            return (asked.tool, now - asked.atNanoseconds)
        }
    }

    private func forgetOldest(_ state: inout State) {
        let (call, turn) = state.order[state.oldest]
        if state.asked[call]?.turn == turn { state.asked[call] = nil }
        state.oldest += 1
        // The forgotten half is given up at once: one move for every `limit` calls.
        guard state.oldest >= limit else { return }
        state.order.removeFirst(state.oldest)
        state.oldest = 0
    }
}
