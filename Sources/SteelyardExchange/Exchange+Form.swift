import SteelyardPolicy
import SteelyardWire

/// Forms: what one asks for is read while it is uploaded.
///
/// Its first 64 KiB are held back until they have told the model; then everything streams. Where the model decides, a
/// form that names it behind a large file is held back until it does (docs/decisions/0015).
extension Exchange {
    /// A piece of a form that is held back.
    public mutating func peekedBody(_ piece: Span<UInt8>, at now: Tick) -> PeekDecision {
        guard phase == .peeking else { return .more }
        client.requestBytes += Int64(piece.count)
        form?.received(piece)
        endFormWhereAnnounced()
        return decide(at: now)
    }

    /// The end of a form that is held back.
    public mutating func peekedEnd(at now: Tick) -> PeekDecision {
        guard phase == .peeking else { return .more }
        client.requestIsWhole = true
        form?.receivedEnd()
        return decide(at: now)
    }

    /// Admits the form once it has told enough.
    private mutating func decide(at now: Tick) -> PeekDecision {
        guard form?.verdict != nil, var inbound else { return .more }
        do throws(Refusal) {
            inbound.facts = try formFacts()
            if mayNameModelYet(inbound) { return try waitForModel() }
            self.inbound = inbound
            try admit(inbound, at: now)
        } catch {
            return .refuse(refused(with: error))
        }
        return .relay(plan(inbound, at: now))
    }

    /// Whether it is worth waiting for a model: what no answer states the cost of is refused for the lack of one.
    private func mayNameModelYet(_ inbound: borrowing Inbound) -> Bool {
        guard let facts = inbound.facts, facts.model == nil, inbound.route.isGeneration else { return false }
        return !client.requestIsWhole && form?.facts.isWhole == false && modelDecides
    }

    private func waitForModel() throws(Refusal) -> PeekDecision {
        guard client.requestBytes <= Int64(bodyLimitBytes) else { throw .modelTooLate(limitBytes: bodyLimitBytes) }
        return .more
    }

    /// Whether somebody has to know the model before the provider does.
    var modelDecides: Bool {
        rules.refusesUnpriced || rules.admission.modelDecides(team: teamName, key: keyID)
    }

    /// What the form has told so far; nil for one that cannot be read as one, whose model is then unknown.
    private func formFacts() throws(Refusal) -> RequestFacts? {
        switch form?.objection ?? form?.verdict {
        case .ambiguous(let field): throw Refusal(ambiguous: field)
        case .mistyped(let field): throw Refusal(mistyped: field)
        case .malformed: return nil
        case .known, .notFound, nil: return form.map { RequestFacts($0.facts) }
        }
    }
}

/// What comes behind the part that was held back.
extension Exchange {
    /// A piece of body arrived that is not gathered here; it may go to the provider when nothing objects to it.
    public mutating func relayedBody(_ piece: Span<UInt8>, at now: Tick) -> RelayDecision {
        client.requestBytes += Int64(piece.count)
        times.lastActivity = now
        times.requestComplete = now
        form?.received(piece)
        endFormWhereAnnounced()
        return review(at: now)
    }

    /// The end of a request whose body is not gathered here.
    public mutating func relayedEnd(at now: Tick) -> RelayDecision {
        form?.receivedEnd()
        let decision = review(at: now)
        if case .pass = decision { client.requestIsWhole = true }
        return decision
    }

    /// With its last announced byte a provider has the whole form, so whether it is whole is asked before that is sent.
    private mutating func endFormWhereAnnounced() {
        if inbound?.head.facts.contentLength == client.requestBytes { form?.receivedEnd() }
    }

    /// Takes in what came to light late. An answer that has begun is to the form as it was by then.
    private mutating func review(at now: Tick) -> RelayDecision {
        guard phase == .asked, form != nil else { return .pass }
        do throws(Refusal) {
            let facts = try formFacts()
            guard facts != inbound?.facts else { return .pass }
            if facts == nil, modelDecides { throw .unreadableForm }
            inbound?.facts = facts
            try holdForLateFacts(at: now)
            return .pass
        } catch {
            return .refuse(refused(with: error))
        }
    }

    /// More pictures, or more files, than the part that was held back had told of.
    private mutating func holdForLateFacts(at now: Tick) throws(Refusal) {
        guard let inbound, let identity, let held = reservation?.hold else { return }
        let estimate = holdEstimate(inbound, identity, at: now)
        guard estimate.hold > held else { return }
        do throws(BudgetShortage) {
            try reservation?.grow(by: Picodollars(estimate.hold.amount - held.amount))
            growth = estimate.growth.map { GrowingHold($0) }
            charge.ceiling = estimate.ceiling
            recordHold()
        } catch {
            throw rejected(error.rejection(ofWhole: estimate.hold, held: held), model: inbound.facts?.model)
        }
    }
}

extension Inbound {
    /// Forms are looked into where they may cost money.
    var peeksBody: Bool { isForm && route.mayCostMoney && !isCoded }

    /// Whether it is a form that is not looked into although it generates.
    var isUnreadForm: Bool { isForm && route.isGeneration && isCoded }

    /// Whether its body comes in a coding.
    var isCoded: Bool { head.hasBody && head.fields.contentCoding != .identity }
}

extension Refusal {
    /// A form with two values of a field.
    init(ambiguous field: FormField) {
        self.init(
            ambiguous: field.rawValue,
            "The field \"\(field.rawValue)\" appears twice in the form, with different values; send it once"
        )
    }

    /// A form with a value of a field that servers read in several ways.
    init(mistyped field: FormField) {
        let value = field == .stream ? "true or false" : "a whole number"
        self.init(
            ambiguous: field.rawValue,
            "The field \"\(field.rawValue)\" of the form must be \(value), because servers read other values differently"
        )
    }

    /// The model was known, and then the form went on in a way in which it could name another.
    static let unreadableForm = Refusal(
        status: 400,
        code: "malformed_request",
        message: "The form is malformed (RFC 7578), so Steelyard cannot tell which model it names",
        shouldRetry: false
    )

    /// So much was held back for a model that did not come.
    static func modelTooLate(limitBytes: Int) -> Refusal {
        Refusal(
            status: 413,
            code: "request_too_large",
            message: "The first \(limitBytes) bytes of the form contain no \"model\"; send \"model\" before the files",
            parameter: "model",
            shouldRetry: false
        )
    }
}
