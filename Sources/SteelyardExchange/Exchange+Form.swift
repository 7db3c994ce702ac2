public import SteelyardPolicy
import SteelyardWire

/// Forms: Steelyard reads what a form asks for while the client uploads it.
///
/// At most its first 64 KiB are kept back, until they name the model; then everything streams. Where the decision
/// depends on the model, a form that names it only after a large file is kept back until it does (docs/decisions/0015).
extension Exchange {
    /// A piece of a body that is not gathered.
    ///
    /// If the owner has no room for a piece that is to be kept back, it skips the other effects and calls
    /// ``refusedToGather(_:at:into:)``.
    public mutating func receivedPiece(ofBody piece: Span<UInt8>, at now: Tick, into effects: inout ExchangeEffects) {
        guard takesPieces else { return }
        client.requestBytes += Int64(piece.count)
        form?.received(piece)
        endFormWhereAnnounced()
        if phase == .peeking { return peeked(at: now, into: &effects) }
        relayed(at: now, into: &effects)
    }

    /// The end of a body that is not gathered.
    public mutating func receivedBodyEnd(at now: Tick, into effects: inout ExchangeEffects) {
        guard takesPieces else { return }
        form?.receivedEnd()
        if phase == .peeking { return peekedToEnd(at: now, into: &effects) }
        guard review(at: now, into: &effects) else { return }
        client.requestIsWhole = true
        if phase != .opening { effects.add(.relayEnd) }
    }

    private var takesPieces: Bool {
        guard inbound?.streamsBody == true, !client.requestIsWhole else { return false }
        return phase == .peeking || phase == .opening || awaitsProvider
    }

    private mutating func peeked(at now: Tick, into effects: inout ExchangeEffects) {
        effects.add(.keepPiece)
        decide(at: now, into: &effects)
    }

    private mutating func peekedToEnd(at now: Tick, into effects: inout ExchangeEffects) {
        client.requestIsWhole = true
        decide(at: now, into: &effects)
    }

    /// Admits the form once enough of it is known.
    private mutating func decide(at now: Tick, into effects: inout ExchangeEffects) {
        guard form?.verdict != nil, var inbound else { return }
        do throws(Refusal) {
            inbound.facts = try formFacts()
            if mayNameModelYet(inbound) { return try waitForModel() }
            self.inbound = inbound
            try admit(inbound, at: now)
        } catch {
            return refuse(error, at: now, into: &effects)
        }
        open(at: now, into: &effects)
    }

    /// Whether it is worth waiting for a model: what no answer states the cost of is refused for the lack of one.
    private func mayNameModelYet(_ inbound: borrowing Inbound) -> Bool {
        guard let facts = inbound.facts, facts.model == nil, inbound.route.isGeneration else { return false }
        return !client.requestIsWhole && form?.facts.isWhole == false && modelDecides
    }

    private func waitForModel() throws(Refusal) {
        guard client.requestBytes <= Int64(bodyLimitBytes) else { throw .modelTooLate(limitBytes: bodyLimitBytes) }
    }

    /// Whether the model must be known before the request goes to the provider.
    var modelDecides: Bool {
        rules.refusesUnpriced || rules.admission.modelDecides(team: teamName, key: keyID)
    }

    /// What is known of the form so far; nil when it cannot be read as a form, so that its model is unknown.
    private func formFacts() throws(Refusal) -> RequestFacts? {
        switch form?.objection ?? form?.verdict {
        case .ambiguous(let field): throw Refusal(ambiguous: field)
        case .mistyped(let field): throw Refusal(mistyped: field)
        case .malformed: return nil
        case .known, .notFound, nil: return form.map { RequestFacts($0.facts) }
        }
    }
}

/// The rest of a form, after the part that was kept back.
extension Exchange {
    /// A piece goes to the provider; or it waits behind what is kept back, while the opening is being recorded.
    private mutating func relayed(at now: Tick, into effects: inout ExchangeEffects) {
        times.requestComplete = now
        if awaitsProvider { times.lastActivity = now }
        if phase == .opening { effects.add(.keepPiece) }
        guard review(at: now, into: &effects) else { return }
        if awaitsProvider { effects.add(.relayPiece) }
    }

    /// Ends the form when its last announced byte has come. That byte would give the provider the whole form, so the
    /// form is checked as a whole before the byte is sent.
    private mutating func endFormWhereAnnounced() {
        if inbound?.head.facts.contentLength == client.requestBytes { form?.receivedEnd() }
    }

    /// Takes in what the form says late. Once the answer has begun, nothing more is taken in: the answer is to the form
    /// as it was by then. False when the request is refused.
    private mutating func review(at now: Tick, into effects: inout ExchangeEffects) -> Bool {
        guard phase == .asked || phase == .opening, form != nil else { return true }
        do throws(Refusal) {
            let facts = try formFacts()
            guard facts != inbound?.facts else { return true }
            if facts == nil, modelDecides { throw .unreadableForm }
            inbound?.facts = facts
            try holdForLateFacts(at: now)
        } catch {
            refuse(error, at: now, into: &effects)
            return false
        }
        addRecord(to: &effects)
        return true
    }

    /// Reserves more if the form has more pictures, or more files, than the part that was kept back had shown.
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
    /// Whether Steelyard reads the form while it streams: only where it may cost money.
    var peeksBody: Bool { isForm && route.mayCostMoney && !isCoded }

    /// Whether it is a form that Steelyard does not read although its route generates.
    var isUnreadForm: Bool { isForm && route.isGeneration && isCoded }

    /// Whether its body has a content coding.
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

    /// A form in which a field has a value that servers read in different ways.
    init(mistyped field: FormField) {
        let value = field == .stream ? "true or false" : "a whole number"
        self.init(
            ambiguous: field.rawValue,
            "The field \"\(field.rawValue)\" of the form must be \(value): servers do not agree on any other value"
        )
    }

    /// The model was known, but then the form went on in a way that could name another one.
    static let unreadableForm = Refusal(
        status: 400,
        code: "malformed_request",
        message: "The form is malformed (RFC 7578), so Steelyard cannot tell which model it names",
        shouldRetry: false
    )

    /// `limitBytes` were kept back to wait for a model, and none came.
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
