import SteelyardPolicy
import Synchronization

/// Measures tools from outside: an answer requests a call, and a later request brings its result under the same call
/// id.
///
/// It is bounded: calls without a result fall out, oldest first.
final class ToolClock: Sendable {
    /// A call of a tool. Some providers make ids that are not unique (`call_0`), and no team may answer another team's
    /// call.
    struct Call: Hashable, Sendable {
        var team: String
        var id: String
    }

    private struct Asked {
        var tool: String
        var at: Tick
        /// Distinguishes this call from an earlier one with the same id.
        var turn: UInt64
    }

    private struct State {
        var asked: [Call: Asked] = [:]
        /// All calls in order, including answered ones; the first is at `oldest`.
        var order: [(call: Call, turn: UInt64)] = []
        var oldest = 0
        var turn: UInt64 = 0
    }

    private let limit: Int
    private let state = Mutex(State())

    /// Makes a clock that remembers the latest `limit` calls.
    init(limit: Int = 16_384) { self.limit = limit }

    /// How many calls still wait for their result.
    var waitingCount: Int { state.withLock { $0.asked.count } }

    /// An answer requested a call. If it was requested before under the same id, the time starts again.
    func asked(_ call: Call, tool: String, at now: Tick) {
        guard !call.id.isEmpty else { return }
        state.withLock { state in
            state.turn &+= 1
            state.asked[call] = Asked(tool: tool, at: now, turn: state.turn)
            state.order.append((call, state.turn))
            if state.order.count - state.oldest > limit { forgetOldest(&state) }
        }
    }

    /// A request brought the result of a call; nil if the call is unknown or was answered before. Agents send every
    /// result again with each later turn of the conversation.
    func answered(_ call: Call, at now: Tick) -> (tool: String, nanoseconds: UInt64)? {
        state.withLock { state in
            guard let asked = state.asked.removeValue(forKey: call), now >= asked.at else { return nil }
            return (asked.tool, now.nanoseconds(since: asked.at))
        }
    }

    private func forgetOldest(_ state: inout State) {
        let (call, turn) = state.order[state.oldest]
        if state.asked[call]?.turn == turn { state.asked[call] = nil }
        state.oldest += 1
        // The older half is dropped at once: one move for every `limit` calls.
        guard state.oldest >= limit else { return }
        state.order.removeFirst(state.oldest)
        state.oldest = 0
    }
}
