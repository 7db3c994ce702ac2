import SteelyardServer
import Synchronization

/// Whether the process would serve a request now.
final class Readiness: Sendable {
    /// What stands in the way.
    enum State: String, Sendable {
        /// Not all listeners are bound; exits: `ready`.
        case starting
        /// Serving; exits: `draining`.
        case ready
        /// Ending; no exit.
        case draining
    }

    private let state = Mutex(State.starting)

    func become(_ new: State) { state.withLock { $0 = new } }

    /// 200 when ready, else 503 and the reason.
    var answer: AdminAnswer {
        let current = state.withLock { $0 }
        return .text(current == .ready ? 200 : 503, current.rawValue + "\n")
    }
}
