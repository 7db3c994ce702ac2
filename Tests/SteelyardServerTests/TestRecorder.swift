import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Synchronization

@testable import SteelyardServer

/// Keeps everything a server reports.
final class TestRecorder: ExchangeRecorder {
    private struct State {
        var active: ActiveRules
        var summaries: [ExchangeSummary] = []
        var records: [ChargeRecord] = []
        var refusals: [Refusal] = []
        var inFlight = 0
        var waiters: [(count: Int, resume: @Sendable () -> Void)] = []
    }

    private let onOpening: (@Sendable (ChargeOpening) -> Bool)?
    private let recordsLater: Bool
    private let state: Mutex<State>

    init(_ active: ActiveRules, _ settings: ServerSettings) {
        state = Mutex(State(active: active))
        onOpening = settings.onOpening
        recordsLater = settings.recordsLater
    }

    /// The rules for requests that begin now.
    var active: ActiveRules { state.withLock(\.active) }

    var rules: Rules { active.rules }

    /// Puts other rules in force.
    func install(_ active: ActiveRules) { state.withLock { $0.active = active } }

    func began(provider: String) { state.withLock { $0.inFlight += 1 } }

    func open(_ record: ChargeRecord, on loop: Int, whenSafe: @escaping @Sendable (Bool) -> Void) -> Bool? {
        guard case .opened(let opening) = record else { return true }
        let isRecorded = onOpening?(opening) ?? true
        guard recordsLater else { return isRecorded }
        inNewThread { whenSafe(isRecorded) }
        return nil
    }

    func record(_ record: ChargeRecord, _ account: ChargeAccount?, on loop: Int) {
        state.withLock { $0.records.append(record) }
    }

    func ended(_ summary: ExchangeSummary) {
        let due = state.withLock { state in
            state.summaries.append(summary)
            if summary.isForwarded { state.inFlight -= 1 }
            let due = state.waiters.filter { $0.count <= state.summaries.count }
            state.waiters.removeAll { $0.count <= state.summaries.count }
            return due
        }
        for waiter in due { waiter.resume() }
    }

    func refused(_ refusal: Refusal, id: ChargeID) { state.withLock { $0.refusals.append(refusal) } }

    /// The ends of all exchanges so far, in order.
    var summaries: [ExchangeSummary] { state.withLock(\.summaries) }
    /// What was put on record.
    var records: [ChargeRecord] { state.withLock(\.records) }
    /// What was refused before it became an exchange.
    var refusals: [Refusal] { state.withLock(\.refusals) }
    /// Requests that went to a provider and have not ended.
    var inFlight: Int { state.withLock(\.inFlight) }

    /// The summaries once there are `count`.
    func summaries(count: Int) async -> [ExchangeSummary] {
        await withCheckedContinuation { continuation in
            let isDue = state.withLock { state in
                if state.summaries.count >= count { return true }
                state.waiters.append((count, { continuation.resume() }))
                return false
            }
            if isDue { continuation.resume() }
        }
        return summaries
    }
}

extension ChargeRecord {
    /// The settlement; nil for a release.
    var settlement: ChargeSettlement? { if case .settled(let settlement) = self { settlement } else { nil } }

    /// Whose fact it is.
    var charge: ChargeID {
        switch self {
        case .opened(let opening), .grown(let opening): opening.charge
        case .deferred(let deferral): deferral.opening.charge
        case .settled(let settlement): settlement.charge
        case .released(let charge): charge
        }
    }
}
