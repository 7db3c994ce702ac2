import SteelyardPolicy
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
    /// Whether charges can be put on record.
    private let recording: Recording
    /// Whether what is on record stays in the journal, because the ledger's file cannot be written.
    private let isLedgerStuck: @Sendable () -> Bool

    init(_ recording: Recording, isLedgerStuck: @escaping @Sendable () -> Bool) {
        self.recording = recording
        self.isLedgerStuck = isLedgerStuck
    }

    func become(_ new: State) { state.withLock { $0 = new } }

    /// 200 when ready, else 503 and the reason.
    ///
    /// A failing ledger does not take the process out of rotation: its neighbours may share the disk, and teams without
    /// budgets are served. It is said beside `ready`.
    var answer: AdminAnswer {
        let current = state.withLock { $0 }
        let isReady = current == .ready
        return .text(isReady ? 200 : 503, current.rawValue + (isReady ? caveat : "") + "\n")
    }

    /// Without the file, for everybody may ask: the log names it.
    private var caveat: String {
        if recording.isFailing { return ", but the ledger fails: Steelyard cannot record charges" }
        return isLedgerStuck() ? ", but the ledger fails: charges are recorded, but only in the journal" : ""
    }
}
