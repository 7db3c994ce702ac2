import SteelyardPolicy
import SteelyardWire

/// What came from the client: the request, as far as it has come and has been read, and who pays for it.
struct ClientRequest: Sendable {
    let rules: Rules
    let clock: ExchangeClock
    /// The method; it is known before the route is.
    private(set) var method = ""
    /// The head with its route; nil until there is one.
    private(set) var inbound: Inbound?
    /// What the body said; nil when it was not read.
    private(set) var facts: RequestFacts? { didSet { model = facts?.model } }
    /// The model it asks for; nil when that is not known.
    private(set) var model: String?
    /// Who pays; nil until that is known.
    private(set) var identity: Identity?
    /// Bytes of the body, as they came.
    private(set) var bodyBytes: Int64 = 0
    /// Whether all of it has come.
    private(set) var isWhole = false
    /// Reads a body that is gathered; nil for other bodies, and when it has been read.
    private var reader: RequestBodyReader?
    /// What is read of a form as it is uploaded; nil for other bodies.
    private var form: MultipartPeek?

    init(rules: Rules, clock: ExchangeClock) {
        self.rules = rules
        self.clock = clock
    }

    /// The provider that was chosen; nil while none is.
    var provider: Provider? { inbound?.provider }

    /// The provider's name; `none` while none is chosen.
    var providerName: String { provider?.name ?? "none" }

    /// How long the provider may be silent; nil while none is chosen.
    var timeouts: ProviderTimeouts? { provider?.timeouts }
}

/// The head.
extension ClientRequest {
    /// Takes in the head: where it goes, and who pays.
    ///
    /// - Throws: why Steelyard answers it itself. What was found until then stays, for the summary.
    mutating func received(_ head: RequestHead, _ credentials: [Credential]) throws(Objection) {
        method = head.method
        isWhole = !head.hasBody
        let path = TeamPath(head.path)
        let inbound = try Inbound(head, path: path.path, rules)
        self.inbound = inbound
        if !inbound.isPreflight {
            try identify(inbound, path, credentials)
            try checkAdministration(inbound)
        }
        try checkStrayKeys(inbound, presented: credentials)
        if inbound.isUnreadForm, modelDecides {
            throw Objection(Refusal(unread: .unreadable, team: teamName, limitBytes: 0))
        }
    }

    private mutating func identify(
        _ inbound: Inbound,
        _ path: TeamPath,
        _ credentials: [Credential]
    ) throws(Objection) {
        do throws(IdentityRefusal) {
            identity = try rules.identities.identity(
                of: credentials,
                claiming: TeamClaim(path: path.team, header: inbound.head.fields.first("x-steelyard-team")?[...]),
                canReplaceKey: inbound.provider.apiKey != nil,
                nowSeconds: clock.startSeconds
            )
        } catch {
            throw Objection(error)
        }
    }

    /// A client with a Steelyard key may not change, or read, the settings of the provider's account behind that key.
    private func checkAdministration(_ inbound: Inbound) throws(Objection) {
        guard inbound.route.kind == .administration, substitutesKey else { return }
        throw Objection(.administration(team: teamName))
    }

    /// Refuses a head that would carry anything in the form of a Steelyard key to the provider, apart from the keys
    /// that were presented as credentials: in a field of another name, in a field's name, in a cookie, in the query, in
    /// quotation marks, in `Basic`.
    ///
    /// All these go to the provider unchanged, and a Steelyard key must never go there. Bodies are not searched:
    /// SECURITY.md says so.
    private mutating func checkStrayKeys(_ inbound: Inbound, presented: [Credential]) throws(Objection) {
        let fields = inbound.head.fields
        let isInTarget = KeySearch.finds(in: inbound.target.utf8Span.span)
        guard isInTarget || fields.keyCount > presented.count(where: \.isSteelyard) else { return }
        guard isInTarget || fields.forwardedUpstream(headerRules(isEdited: false)).keyCount > 0 else { return }
        identity = nil
        throw Objection(IdentityRefusal.keyMisplaced)
    }
}

/// Who pays.
extension ClientRequest {
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

    /// Whether the provider's key takes the place of the client's.
    var substitutesKey: Bool { identity?.substitutesKey == true }

    /// Whether a budget can refuse this team's requests.
    var isBudgeted: Bool { rules.admission.blocks(team: teamName, key: keyID) }

    /// Whether the model must be known before the request goes to the provider.
    var modelDecides: Bool {
        rules.refusesUnpriced || rules.admission.modelDecides(team: teamName, key: keyID)
    }

    /// Whether the request may be sent only after its charge has been recorded.
    var mustBeRecorded: Bool {
        switch rules.unrecorded {
        case .allow: false
        case .refuseAll: true
        case .refuseBudgeted: isBudgeted
        }
    }
}

/// A body that is gathered.
extension ClientRequest {
    /// Begins to read a JSON body; what is announced as too large is refused before it comes.
    mutating func gather() throws(Objection) {
        guard let inbound else { return }
        if let length = inbound.head.facts.contentLength, length > Int64(rules.bodyLimitBytes) {
            throw Objection(.bodyTooLarge(limitBytes: rules.bodyLimitBytes))
        }
        reader = RequestBodyReader()
        reader?.countsCharacters = inbound.route.speaks
    }

    /// Reads one more slice; false when there is nothing left to read yet.
    mutating func readOn(in body: Span<UInt8>) -> Bool { reader?.read(body) ?? false }

    /// What a gathered body said that has been read to its end.
    var gatheredFacts: RequestFacts? { reader.flatMap { try? $0.facts } }

    /// Takes in the whole body, of which this is what can be read.
    mutating func received(_ body: Span<UInt8>, _ copy: BodyCopy, sentBytes: Int?) throws(Objection) {
        bodyBytes = Int64(sentBytes ?? body.count)
        isWhole = true
        let facts = try facts(of: body, copy)
        self.facts = facts
        reader = nil
    }

    /// What the body says; nil when it cannot be read. Such a body is refused where the decision depends on the model.
    private mutating func facts(of body: Span<UInt8>, _ copy: BodyCopy) throws(Objection) -> RequestFacts? {
        guard copy == .whole else {
            guard modelDecides else { return nil }
            throw Objection(Refusal(unread: copy, team: teamName, limitBytes: rules.bodyLimitBytes))
        }
        while readOn(in: body) {}
        do throws(RequestBodyDefect) { return try reader?.facts } catch { throw Objection(Refusal(error)) }
    }
}

/// A body that streams through.
///
/// Forms are read while the client uploads them. At most the first 64 KiB are kept back, until they name the model; then
/// everything streams. Where the decision depends on the model, a form that names it only after a large file is kept
/// back until it does (docs/decisions/0015).
extension ClientRequest {
    /// Begins to read a form.
    mutating func readForm() { form = inbound.flatMap { MultipartPeek($0.head.fields) } }

    /// A piece came. The last announced byte would give the provider the whole form, so the form is checked as a whole
    /// before that byte is sent.
    mutating func received(_ piece: Span<UInt8>) {
        bodyBytes += Int64(piece.count)
        form?.received(piece)
        if inbound?.head.facts.contentLength == bodyBytes { form?.receivedEnd() }
    }

    /// The form ends here. It may still be refused before its end is passed on.
    mutating func receivedFormEnd() { form?.receivedEnd() }

    /// All of it has come.
    mutating func receivedEnd() { isWhole = true }

    /// Takes in what the form says, once that is enough to decide by; false when more of it must come first.
    mutating func knowsForm() throws(Objection) -> Bool {
        guard form?.verdict != nil else { return false }
        let facts = try formFacts()
        if let facts, mayNameModelYet(facts) { return try waitForModel() }
        self.facts = facts
        return true
    }

    /// Whether it is worth waiting for a model: what no answer states the cost of is refused for the lack of one.
    private func mayNameModelYet(_ facts: borrowing RequestFacts) -> Bool {
        guard facts.model == nil, inbound?.route.isGeneration == true else { return false }
        return !isWhole && form?.facts.isWhole == false && modelDecides
    }

    private func waitForModel() throws(Objection) -> Bool {
        guard bodyBytes <= Int64(rules.bodyLimitBytes) else {
            throw Objection(.modelTooLate(limitBytes: rules.bodyLimitBytes))
        }
        return false
    }

    /// Takes in what the form says late; false when that is nothing new.
    mutating func tookLateFacts() throws(Objection) -> Bool {
        guard form != nil else { return false }
        let facts = try formFacts()
        guard facts != self.facts else { return false }
        if facts == nil, modelDecides { throw Objection(.unreadableForm) }
        self.facts = facts
        return true
    }

    /// What is known of the form so far; nil when it cannot be read as a form, so that its model is unknown.
    private func formFacts() throws(Objection) -> RequestFacts? {
        switch form?.objection ?? form?.verdict {
        case .ambiguous(let field): throw Objection(Refusal(ambiguous: field))
        case .mistyped(let field): throw Objection(Refusal(mistyped: field))
        case .malformed: return nil
        case .known, .notFound, nil: return form.map { RequestFacts($0.facts) }
        }
    }
}

extension Credential {
    fileprivate var isSteelyard: Bool { if case .steelyard = kind { true } else { false } }
}

extension HeaderFields {
    /// How many fields have a Steelyard key in their name or value.
    fileprivate var keyCount: Int { (0..<count).count { KeySearch.finds(in: line(at: $0).span) } }
}
