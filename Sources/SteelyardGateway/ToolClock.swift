import Synchronization

/// Measures tools from outside: an answer asks for a call, a later request brings its result under the same call id.
///
/// Bounded: calls whose result never comes fall out, oldest first.
final class ToolClock: Sendable {
    private struct Asked {
        var tool: String
        var atNanoseconds: UInt64
    }

    private struct State {
        var asked: [String: Asked] = [:]
        var order: [String] = []
        var oldest = 0
    }

    private static let limit = 16_384
    private let state = Mutex(State())

    /// An answer asked for a call.
    func asked(callID: String, tool: String, atNanoseconds now: UInt64) {
        guard !callID.isEmpty else { return }
        state.withLock { state in
            guard state.asked.updateValue(Asked(tool: tool, atNanoseconds: now), forKey: callID) == nil else { return }
            state.order.append(callID)
            if state.order.count - state.oldest > Self.limit { Self.forgetOldest(&state) }
        }
    }

    /// A request brought a call's result; nil when the call is not known or was answered before.
    func answered(callID: String, atNanoseconds now: UInt64) -> (tool: String, nanoseconds: UInt64)? {
        state.withLock { state in
            guard let asked = state.asked.removeValue(forKey: callID), now >= asked.atNanoseconds else { return nil }
            return (asked.tool, now - asked.atNanoseconds)
        }
    }

    private static func forgetOldest(_ state: inout State) {
        state.asked[state.order[state.oldest]] = nil
        state.oldest += 1
        guard state.oldest > limit else { return }
        state.order.removeFirst(state.oldest)
        state.oldest = 0
    }
}
