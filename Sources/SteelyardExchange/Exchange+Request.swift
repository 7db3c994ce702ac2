public import SteelyardPolicy
public import SteelyardWire

/// From the client's request to what the provider is sent.
extension Exchange {
    /// The request's head has passed our own checks.
    ///
    /// - Parameter credentials: the keys it presents.
    public mutating func receivedHead(
        _ head: RequestHead,
        credentials: [Credential] = [],
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard phase == .received, inbound == nil else { return }
        method = head.method
        do throws(Refusal) {
            let path = TeamPath(head.path)
            let inbound = try route(head, path.path)
            self.inbound = inbound
            if !inbound.isPreflight {
                try identify(head, path, credentials, provider: inbound.provider)
                try checkAdministration(inbound)
            }
            try checkStrayKeys(inbound, presented: credentials)
            try beginBody(of: inbound, at: now, into: &effects)
        } catch {
            refuse(error, at: now, into: &effects)
        }
    }

    private mutating func beginBody(
        of inbound: Inbound,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) throws(Refusal) {
        client.requestIsWhole = !inbound.head.hasBody
        if inbound.isUnreadForm, modelDecides { throw Refusal(unread: .unreadable, team: teamName, limitBytes: 0) }
        if inbound.gathersBody { return try beginGather(inbound, into: &effects) }
        if inbound.peeksBody { return beginPeek(inbound) }
        try admit(inbound, at: now)
        open(at: now, into: &effects)
    }

    private mutating func beginGather(_ inbound: Inbound, into effects: inout ExchangeEffects) throws(Refusal) {
        try checkAnnouncedLength(inbound.head)
        phase = .gathering
        reader.countsCharacters = inbound.route.speaks
        effects.add(.gather)
    }

    private mutating func beginPeek(_ inbound: Inbound) {
        form = MultipartPeek(inbound.head.fields)
        phase = .peeking
    }

    private func route(_ head: RequestHead, _ path: Substring) throws(Refusal) -> Inbound {
        guard let (provider, mountLength) = rules.providers.provider(forPath: path) else { throw .unknownPath }
        let relative = String(path.dropFirst(mountLength))
        return Inbound(
            head: head,
            route: rules.routes.route(method: head.method, path: relative, hasBody: head.hasBody),
            provider: provider,
            target: provider.origin.pathPrefix + relative + head.query,
            isForm: head.hasBody && head.fields.hasMediaType("multipart/form-data")
        )
    }

    /// A client with a Steelyard key may not change, or read, the settings of the provider's account behind that key.
    private func checkAdministration(_ inbound: borrowing Inbound) throws(Refusal) {
        guard inbound.route.kind == .administration, identity?.substitutesKey == true else { return }
        throw .administration(team: teamName)
    }

    private func checkAnnouncedLength(_ head: RequestHead) throws(Refusal) {
        guard let length = head.facts.contentLength, length > Int64(bodyLimitBytes) else { return }
        throw .bodyTooLarge(limitBytes: bodyLimitBytes)
    }

    /// Reads one more slice of a gathered body, or of its decoded copy, from where the last call stopped. `body` is all
    /// of it that has come so far. False when there is nothing left to read yet.
    public mutating func readOn(in body: Span<UInt8>) -> Bool { phase == .gathering && reader.read(body) }

    /// The edit that would be made to a body that has been read to its end. Making it in a coded body takes the caller
    /// time.
    public var expectedEdit: ByteEdit? {
        guard phase == .gathering, var inbound, let facts = try? reader.facts else { return nil }
        inbound.facts = facts
        return edit(for: inbound)
    }

    /// The whole body of a gathered request.
    ///
    /// - Parameters:
    ///   - body: the body, or the copy of it that was decoded.
    ///   - copy: what became of that copy.
    ///   - sentBytes: how large the body was as it came; nil for one that is not coded.
    public mutating func receivedBody(
        _ body: Span<UInt8>,
        copy: BodyCopy = .whole,
        sentBytes: Int? = nil,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard phase == .gathering, var inbound else { return }
        client.requestBytes = Int64(sentBytes ?? body.count)
        client.requestIsWhole = true
        do throws(Refusal) {
            inbound.facts = try facts(of: body, copy)
            self.inbound = inbound
            try admit(inbound, at: now)
        } catch {
            return refuse(error, at: now, into: &effects)
        }
        open(at: now, into: &effects)
    }

    /// What the body says; nil when it cannot be read. Such a body is refused where the decision depends on the model.
    private mutating func facts(of body: Span<UInt8>, _ copy: BodyCopy) throws(Refusal) -> RequestFacts? {
        guard copy == .whole else {
            if modelDecides { throw Refusal(unread: copy, team: teamName, limitBytes: bodyLimitBytes) }
            return nil
        }
        while reader.read(body) {}
        do throws(RequestBodyDefect) { return try reader.facts } catch { throw Refusal(error) }
    }

    /// Has the opening of an admitted request recorded. One that cannot cost money is sent at once.
    mutating func open(at now: Tick, into effects: inout ExchangeEffects) {
        times.requestComplete = now
        times.handedOver = now
        guard let opening = charge.opening else { return start(at: now, into: &effects) }
        phase = .opening
        effects.add(.record(.opened(opening), nil))
    }

    /// What became of the opening: it is on record, or it could not be written. In the second case, only a request that
    /// may go unrecorded is sent.
    ///
    /// A client may leave in the meantime; then the charge is closed already, and this changes nothing.
    public mutating func recorded(_ isRecorded: Bool, at now: Tick, into effects: inout ExchangeEffects) {
        guard phase == .opening else { return }
        guard isRecorded || !mustBeRecorded else {
            return refuse(rejected(.unrecorded, model: inbound?.facts?.model), at: now, into: &effects)
        }
        start(at: now, into: &effects)
    }

    /// Sends the request, and the end of its body too if that has come already.
    private mutating func start(at now: Tick, into effects: inout ExchangeEffects) {
        guard let inbound else { return }
        let edit = edit(for: inbound)
        self.inbound?.isArmed = edit != nil
        effects.add(.start(plan(inbound, edit: edit, at: now)))
        if inbound.streamsBody, client.requestIsWhole { effects.add(.relayEnd) }
    }

    /// The one edit, which asks for the usage. It is made only on routes whose streams state their usage on request,
    /// and not where the provider refused it before.
    private func edit(for inbound: Inbound) -> ByteEdit? {
        let provider = inbound.provider
        guard provider.settings.injectsUsage, let facts = inbound.facts, case .edit(let edit) = facts.usageAsk,
            case .generation(asksUsage: true) = inbound.route.kind,
            !rules.unedited.contains(provider: provider.name, model: facts.model ?? "")
        else { return nil }
        return edit
    }

    private mutating func plan(_ inbound: Inbound, edit: ByteEdit?, at now: Tick) -> UpstreamPlan {
        phase = .asked
        isForwarded = true
        times.lastActivity = now
        return UpstreamPlan(
            provider: inbound.provider,
            method: inbound.head.method,
            target: inbound.target,
            fields: inbound.head.fields.forwardedUpstream(headerRules(isEdited: edit != nil)),
            edit: edit,
            substitutesKey: identity?.substitutesKey ?? false
        )
    }

    func headerRules(isEdited: Bool) -> UpstreamHeaderRules {
        var headerRules: UpstreamHeaderRules = isEdited ? .asksForIdentityCoding : []
        if identity?.substitutesKey == true || inbound?.isPreflight == true { headerRules.insert(.substitutesKey) }
        return headerRules
    }

    /// Repeats the request with the original bytes instead of the edited ones. It happens only once, because a repeated
    /// request is not armed. Its opening is on record since the first attempt.
    mutating func startUnedited(_ inbound: Inbound, at now: Tick, into effects: inout ExchangeEffects) {
        self.inbound?.isArmed = false
        self.inbound?.injectionRefused = true
        answer = nil
        kept = nil
        times.departed = nil
        times.answered = nil
        times.handedOver = now
        effects.add(.start(plan(inbound, edit: nil, at: now)))
    }
}

extension Inbound {
    /// Generating requests with a JSON body are read before they are sent; forms and unknown bodies stream through.
    var gathersBody: Bool { route.isGeneration && head.hasBody && !isForm }

    /// Whether the body goes to the provider as it comes, once the request is started.
    var streamsBody: Bool { head.hasBody && !gathersBody }

    /// Whether a browser asks here if a page may send a request (Fetch §4.8, CORS-preflight fetch). Such a request
    /// carries no key by definition. It is passed on without identifying anybody, without a body and without
    /// credentials.
    var isPreflight: Bool {
        head.method == "OPTIONS" && !head.hasBody && head.fields.first("access-control-request-method") != nil
            && head.fields.first("origin") != nil
    }
}
