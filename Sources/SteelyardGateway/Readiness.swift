import SteelyardPolicy
import SteelyardServer
import Synchronization

/// Whether the process can serve a request now.
final class Readiness: Sendable {
    /// The state of the process.
    enum State: String, Sendable {
        /// Not all listeners are bound; next state: `ready`.
        case starting
        /// Serving; next state: `draining`.
        case ready
        /// Ending; there is no next state.
        case draining
    }

    private let state = Mutex(State.starting)
    /// Whether charges can be recorded.
    private let recording: Recording
    /// Whether recorded charges stay in the journal because the ledger's file cannot be written.
    private let isLedgerStuck: @Sendable () -> Bool

    init(_ recording: Recording, isLedgerStuck: @escaping @Sendable () -> Bool) {
        self.recording = recording
        self.isLedgerStuck = isLedgerStuck
    }

    func become(_ new: State) { state.withLock { $0 = new } }

    /// 200 when ready, otherwise 503 and the reason.
    ///
    /// A failing ledger does not take the process out of rotation: other instances may share the disk, and teams
    /// without budgets are still served. The answer mentions it after `ready`.
    var answer: AdminAnswer {
        let current = state.withLock { $0 }
        let isReady = current == .ready
        return .text(isReady ? 200 : 503, current.rawValue + (isReady ? caveat : "") + "\n")
    }

    /// It does not name the file, because anyone may ask; the log does.
    private var caveat: String {
        if recording.isFailing { return ", but the ledger fails: Steelyard cannot record charges" }
        return isLedgerStuck() ? ", but the ledger fails: charges are recorded, but only in the journal" : ""
    }
}
