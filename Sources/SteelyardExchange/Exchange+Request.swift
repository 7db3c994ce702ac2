public import SteelyardPolicy
public import SteelyardWire

/// From the client's request to what the provider is sent.
extension Exchange {
    /// The request's head has passed our own checks.
    ///
    /// - Parameter credentials: the keys it presents.
    public mutating func receivedHead(_ head: RequestHead, credentials: [Credential] = []) -> HeadDecision {
        guard phase == .received else { return .refuse(.unknownPath) }
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
            return try beginBody(of: inbound)
        } catch {
            return .refuse(refused(with: error))
        }
    }

    private mutating func beginBody(of inbound: Inbound) throws(Refusal) -> HeadDecision {
        client.requestIsWhole = !inbound.head.hasBody
        if inbound.isUnreadForm, modelDecides { throw Refusal(unread: .unreadable, team: teamName, limitBytes: 0) }
        if inbound.gathersBody { return try beginGather(inbound) }
        if inbound.peeksBody { return beginPeek(inbound) }
        try admit(inbound, at: receivedAt)
        return .relay(plan(inbound, at: receivedAt))
    }

    private mutating func beginGather(_ inbound: Inbound) throws(Refusal) -> HeadDecision {
        try checkAnnouncedLength(inbound.head)
        phase = .gathering
        reader.countsCharacters = inbound.route.speaks
        return .gather(expectedBytes: Int(clamping: inbound.head.facts.contentLength ?? 0))
    }

    private mutating func beginPeek(_ inbound: Inbound) -> HeadDecision {
        form = MultipartPeek(inbound.head.fields)
        phase = .peeking
        return .peek
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
        at now: Tick
    ) -> BodyDecision {
        guard phase == .gathering, var inbound else { return .refuse(.unknownPath) }
        client.requestBytes = Int64(sentBytes ?? body.count)
        client.requestIsWhole = true
        do throws(Refusal) {
            inbound.facts = try facts(of: body, copy)
            self.inbound = inbound
            try admit(inbound, at: now)
        } catch {
            return .refuse(refused(with: error))
        }
        return .forward(plan(inbound, at: now))
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

    /// Hands the request over to the provider's side, and returns how to send it.
    mutating func plan(_ inbound: Inbound, at now: Tick) -> UpstreamPlan {
        let edit = edit(for: inbound)
        self.inbound = inbound
        self.inbound?.isArmed = edit != nil
        times.requestComplete = now
        return handedOver(inbound, edit: edit, at: now)
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

    private mutating func handedOver(_ inbound: Inbound, edit: ByteEdit?, at now: Tick) -> UpstreamPlan {
        phase = .asked
        isForwarded = true
        times.handedOver = now
        times.lastActivity = now
        return UpstreamPlan(
            provider: inbound.provider,
            method: inbound.head.method,
            target: inbound.target,
            fields: inbound.head.fields.forwardedUpstream(headerRules(isEdited: edit != nil)),
            edit: edit,
            substitutesKey: identity?.substitutesKey ?? false,
            opening: charge.opening,
            mustBeRecorded: charge.opening != nil && mustBeRecorded
        )
    }

    func headerRules(isEdited: Bool) -> UpstreamHeaderRules {
        var headerRules: UpstreamHeaderRules = isEdited ? .asksForIdentityCoding : []
        if identity?.substitutesKey == true || inbound?.isPreflight == true { headerRules.insert(.substitutesKey) }
        return headerRules
    }

    /// Plans the repetition with the original bytes instead of the edited ones. It happens only once, because a
    /// repeated request is not armed.
    mutating func planUnedited(_ inbound: Inbound, at now: Tick) -> UpstreamPlan {
        self.inbound?.isArmed = false
        self.inbound?.injectionRefused = true
        answer = nil
        kept = nil
        times.departed = nil
        times.answered = nil
        var plan = handedOver(inbound, edit: nil, at: now)
        // The opening was recorded at the first attempt.
        plan.opening = nil
        plan.mustBeRecorded = false
        return plan
    }

    /// Notes that Steelyard answers the request itself. If a transfer is already running, the caller must stop it, and
    /// its end concludes the exchange.
    @discardableResult
    public mutating func refused(with refusal: Refusal) -> Refusal {
        client.status = client.status ?? refusal.status
        failure = failure ?? ExchangeFailure(error: refusal.error, detail: refusal.code)
        if !awaitsProvider { phase = .over }
        return refusal
    }
}

extension Inbound {
    /// Generating requests with a JSON body are read before they are sent; forms and unknown bodies stream through.
    var gathersBody: Bool { route.isGeneration && head.hasBody && !isForm }

    /// Whether a browser asks here if a page may send a request (Fetch §4.8, CORS-preflight fetch). Such a request
    /// carries no key by definition. It is passed on without identifying anybody, without a body and without
    /// credentials.
    var isPreflight: Bool {
        head.method == "OPTIONS" && !head.hasBody && head.fields.first("access-control-request-method") != nil
            && head.fields.first("origin") != nil
    }
}
