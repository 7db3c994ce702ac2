public import SteelyardPolicy

/// Why Steelyard itself turned a request away: what `ai_auth_failures_total` and the rejection counters count.
public enum TurnedAway: Hashable, Sendable {
    /// Nobody can be charged for it.
    case unidentified(IdentityRefusal)
    /// A budget, a rate limit or a rule does not allow it, or it cannot be recorded.
    case rejected(Rejection)
}

/// Why a request goes no further: what its client is told, and what is counted.
struct Objection: Error {
    /// The answer.
    let refusal: Refusal
    /// What the counters count; nil when it is the request's format.
    let turnedAway: TurnedAway?

    init(_ refusal: Refusal) {
        self.refusal = refusal
        turnedAway = nil
    }

    init(_ identity: IdentityRefusal) {
        refusal = Refusal(identity)
        turnedAway = .unidentified(identity)
    }

    /// The refusal of a request that this team may not make, or not now.
    init(_ rejection: Rejection, of request: borrowing ClientRequest) {
        refusal = Refusal(rejection, team: request.teamName, model: request.model)
        turnedAway = .rejected(rejection)
    }
}
