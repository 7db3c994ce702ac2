public import SteelyardPolicy
import SteelyardWire

/// Why Steelyard itself turned a request away: what `ai_auth_failures_total` and the rejection counters count.
public enum TurnedAway: Hashable, Sendable {
    /// Nobody can be charged for it.
    case unidentified(IdentityRefusal)
    /// A budget, a rate limit or a rule does not allow it, or it cannot be recorded.
    case rejected(Rejection)
}

/// Who pays for the request, and whether it is admitted.
extension Exchange {
    /// The team that pays; `none` while that is unknown.
    var teamName: String {
        guard let identity else { return "none" }
        return rules.identities.teams[identity.team].name
    }

    /// The public id of the Steelyard key that was presented; empty for none.
    var keyID: String {
        guard let identity, let key = identity.key else { return "" }
        return rules.identities.teams[identity.team].keys[key].id
    }

    /// Finds out who pays: from the credentials first, then from what the request claims.
    mutating func identify(
        _ head: RequestHead,
        _ path: TeamPath,
        _ credentials: [Credential],
        provider: Provider
    ) throws(Refusal) {
        do throws(IdentityRefusal) {
            identity = try rules.identities.identity(
                of: credentials,
                claiming: TeamClaim(path: path.team, header: head.fields.first("x-steelyard-team")?[...]),
                canReplaceKey: provider.apiKey != nil,
                nowSeconds: wallSeconds
            )
        } catch {
            turnedAway = .unidentified(error)
            throw Refusal(error)
        }
    }

    /// Reserves what the request may cost and opens its charge. A refused request reserves nothing.
    mutating func admit(_ inbound: borrowing Inbound, at now: Tick) throws(Refusal) {
        guard inbound.route.mayCostMoney, let identity else { return }
        let estimate = holdEstimate(inbound, identity, at: now)
        do throws(Rejection) {
            if estimate.price == .unpriced, rules.refusesUnpriced { throw .notPriced }
            guard isRecordable else { throw .unrecorded }
            let request = admissionRequest(inbound, estimate, at: now)
            let reservation = try rules.admission.admit(request)
            charge.opening = opening(inbound, reservation)
            charge.ceiling = estimate.price == .priced ? estimate.ceiling : nil
            self.reservation = consume reservation
        } catch {
            throw rejected(error, model: inbound.facts?.model)
        }
        growth = estimate.growth.map { GrowingHold($0) }
    }

    mutating func rejected(_ rejection: Rejection, model: String?) -> Refusal {
        turnedAway = .rejected(rejection)
        return Refusal(rejection, team: teamName, model: model)
    }

    /// Whether the charge can be recorded, or does not have to be.
    private var isRecordable: Bool { !rules.recording.isFailing || !mustBeRecorded }

    /// Whether the request may be sent only after its charge has been recorded.
    var mustBeRecorded: Bool {
        switch rules.unrecorded {
        case .allow: false
        case .refuseAll: true
        case .refuseBudgeted: isBudgeted
        }
    }

    /// Whether a budget can refuse this team's requests.
    var isBudgeted: Bool { rules.admission.blocks(team: teamName, key: keyID) }

    private func admissionRequest(
        _ inbound: borrowing Inbound,
        _ estimate: HoldEstimate,
        at now: Tick
    ) -> AdmissionRequest {
        let model = inbound.facts?.model
        return AdmissionRequest(
            charge: id,
            team: teamName,
            key: keyID,
            model: model,
            bookModels: model.map { rules.prices.names(of: $0) } ?? [],
            estimate: estimate,
            now: now,
            wallSeconds: wallSeconds(at: now)
        )
    }

    /// The wall-clock time at `now`. The start of the request may be minutes ago, because its body can take that long.
    func wallSeconds(at now: Tick) -> Int64 {
        wallSeconds &+ Int64(clamping: now.nanoseconds(since: receivedAt) / 1_000_000_000)
    }

    func holdEstimate(_ inbound: borrowing Inbound, _ identity: Identity, at now: Tick) -> HoldEstimate {
        guard inbound.route.isGeneration else { return .unmetered }
        let model = inbound.facts?.model
        return HoldEstimate(
            PlannedWork(inbound, bodyBytes: client.requestBytes),
            model: model,
            label: rules.prices.label(asked: model, answered: nil),
            team: rules.identities.teams[identity.team].name,
            reserve: rules.identities.teams[identity.team].reserve,
            prices: rules.prices,
            quantiles: rules.quantiles,
            at: wallSeconds(at: now),
            region: Region(openAIHost: inbound.provider.origin.host)
        )
    }

    private func opening(_ inbound: borrowing Inbound, _ reservation: borrowing Reservation) -> ChargeOpening {
        ChargeOpening(
            charge: id,
            team: teamName,
            key: keyID,
            model: inbound.facts?.model ?? "none",
            endpoint: inbound.route.template,
            provider: inbound.provider.name,
            hold: reservation.hold,
            openedAtSeconds: reservation.admittedAtSeconds
        )
    }
}

/// A hold that grows with its answer.
struct GrowingHold: Sendable {
    var growth: HoldGrowth
    /// How many bytes of output the hold covers; nil until that has been computed.
    var coveredBytes: Int64?

    init(_ growth: HoldGrowth) { self.growth = growth }
}

/// Answers that outgrow their holds.
extension Exchange {
    /// Reserves more when the output has outgrown the hold; false when the answer must be cut off instead.
    mutating func holdCoversOutput() -> Bool {
        guard var growing = growth, !charge.isClosed, let outputBytes = answer?.outputBytes else { return true }
        let covered = growing.coveredBytes ?? coveredBytes(growing.growth.coveredTokens)
        growing.coveredBytes = covered
        defer { growth = growing }
        guard outputBytes > covered else { return true }
        guard let step = growing.growth.nextStep(outputTokens: tokens(outputBytes: outputBytes)) else { return true }
        growing.coveredBytes = nil
        return grow(by: step, &growing.growth)
    }

    /// The model's name in metrics, under which estimates are learned, and what it usually spends on thinking.
    private var usualThoughts: (label: String, tokens: Int64) {
        let label = rules.prices.label(asked: inbound?.facts?.model, answered: nil)
        return (label, rules.estimates.thoughtTokens(team: teamName, model: label) ?? 0)
    }

    /// The bytes of text that this many tokens cover, after those that the model spends on thinking.
    private func coveredBytes(_ tokens: Int64) -> Int64 {
        let (label, thoughts) = usualThoughts
        return rules.estimates.textBytes(tokens: max(0, tokens - thoughts), team: teamName, model: label)
    }

    /// The tokens of this many bytes of text, plus those that the model spends on thinking.
    private func tokens(outputBytes: Int64) -> Int64 {
        let (label, thoughts) = usualThoughts
        return rules.estimates.textTokens(bytes: outputBytes, team: teamName, model: label).addingClamped(thoughts)
    }

    private mutating func grow(by step: HoldStep, _ growth: inout HoldGrowth) -> Bool {
        do throws(BudgetShortage) {
            guard let granted = try reservation?.grow(by: step.wanted, atLeast: step.needed) else { return true }
            growth.took(granted, of: step)
            recordHold()
            return true
        } catch {
            guard mayBeCut else { return true }
            turnedAway = .rejected(.budgetHeld(error))
            failure =
                failure ?? ExchangeFailure(error: .clientBudget, detail: "the answer cost more than its budget allows")
            return false
        }
    }

    /// If the process is killed, the recorded hold is what counts. So each step is recorded before the bytes that
    /// needed it are sent.
    mutating func recordHold() {
        guard var opening = charge.opening, let hold = reservation?.hold, hold != opening.hold else { return }
        opening.hold = hold
        charge.opening = opening
        charge.record = .grown(opening)
    }

    /// Whether an answer that has outgrown its hold may be cut off: only a stream, and only if the team is configured
    /// so. A plain answer was generated whole before its first byte came, so cutting it off would save nothing and
    /// would lose the usage that it states.
    private var mayBeCut: Bool {
        guard let identity, answer?.isStream == true else { return false }
        return rules.identities.teams[identity.team].outgrownHold == .cut
    }
}
