import SteelyardPolicy

/// Events that come when they cannot happen: the owner has made a mistake.
extension Exchange {
    /// Stops a debug build. A release build does not lose a charge for it, nor serve on in doubt: the exchange ends as an
    /// internal error. After its end, there is nothing left to be done wrong.
    mutating func misplaced(_ event: StaticString, at now: Tick, into effects: inout ExchangeEffects) {
        assert(!assertsPlaces, "\(event) came in phase \(phase)")
        guard !isOver else { return }
        refuse(Objection(.internalError), at: now, into: &effects)
    }
}

extension Refusal {
    /// Steelyard has a defect.
    static let internalError = Refusal(
        status: 500,
        error: .gatewayInternal,
        type: "server_error",
        code: "internal_error",
        message: "Steelyard made a mistake with this request; please report it"
    )
}
