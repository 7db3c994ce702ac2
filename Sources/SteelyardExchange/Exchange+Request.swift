import SteelyardPolicy
import SteelyardWire

/// From the client's request to what the provider is sent.
extension Exchange {
    /// The request's head has passed our own checks.
    public mutating func receivedHead(_ head: RequestHead) -> HeadDecision {
        guard phase == .received else { return .refuse(.unknownPath) }
        do throws(Refusal) {
            let inbound = try route(head)
            self.inbound = inbound
            guard inbound.gathersBody else { return .relay(plan(inbound, at: receivedAt)) }
            try checkAnnouncedLength(head)
            phase = .gathering
            return .gather(expectedBytes: Int(clamping: head.facts.contentLength ?? 0))
        } catch {
            return .refuse(refused(with: error))
        }
    }

    private func route(_ head: RequestHead) throws(Refusal) -> Inbound {
        guard let (position, mountLength) = rules.providers.provider(forPath: head.path) else { throw .unknownPath }
        let relative = String(head.path.dropFirst(mountLength))
        return Inbound(
            head: head,
            route: rules.routes.route(method: head.method, path: relative),
            provider: position,
            target: rules.providers.providers[position].origin.pathPrefix + relative + head.query
        )
    }

    private func checkAnnouncedLength(_ head: RequestHead) throws(Refusal) {
        guard let length = head.facts.contentLength, length > Int64(bodyLimitBytes) else { return }
        throw .bodyTooLarge(limitBytes: bodyLimitBytes)
    }

    /// A piece of body arrived that is not gathered here.
    public mutating func relayedBody(byteCount: Int, at now: Tick) {
        client.requestBytes += Int64(byteCount)
        times.lastActivity = now
        times.requestComplete = now
    }

    /// The end of a request whose body is not gathered here.
    public mutating func relayedEnd() { client.requestIsWhole = true }

    /// The whole body of a gathered request.
    public mutating func receivedBody(_ body: Span<UInt8>, at now: Tick) -> BodyDecision {
        guard phase == .gathering, var inbound else { return .refuse(.unknownPath) }
        client.requestBytes = Int64(body.count)
        client.requestIsWhole = true
        do throws(RequestBodyDefect) {
            if !inbound.head.fields.hasContentCoding { inbound.facts = try RequestBody.read(body) }
        } catch {
            return .refuse(refused(with: Refusal(error)))
        }
        return .forward(plan(inbound, at: now))
    }

    /// The request goes to the provider, on this plan.
    private mutating func plan(_ inbound: Inbound, at now: Tick) -> UpstreamPlan {
        let edit = edit(for: inbound)
        self.inbound = inbound
        self.inbound?.isArmed = edit != nil
        times.requestComplete = now
        if inbound.route.mayCostMoney { charge.opening = opening(inbound) }
        return handedOver(inbound, edit: edit, at: now)
    }

    /// The one edit: only for routes whose streams must be asked, and not where it was refused before.
    private func edit(for inbound: Inbound) -> ByteEdit? {
        let provider = rules.providers.providers[inbound.provider]
        guard provider.injectsUsage, let facts = inbound.facts, case .edit(let edit) = facts.usageAsk,
            case .generation(asksUsage: true) = inbound.route.kind,
            !rules.refusals.contains(provider: provider.name, model: facts.model ?? "")
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
            fields: inbound.head.fields.forwardedUpstream(edit == nil ? [] : .asksForIdentityCoding),
            edit: edit,
            opening: charge.opening
        )
    }

    private func opening(_ inbound: Inbound) -> ChargeOpening {
        ChargeOpening(
            charge: id.charge,
            team: rules.defaultTeam,
            model: inbound.facts?.model ?? "none",
            endpoint: inbound.route.template,
            provider: rules.providers.providers[inbound.provider].name,
            openedAtSeconds: wallSeconds
        )
    }

    /// The original bytes go up instead of the edited ones, once: a request that was repeated is not armed.
    mutating func planUnedited(_ inbound: Inbound, at now: Tick) -> UpstreamPlan {
        self.inbound?.isArmed = false
        self.inbound?.injectionRefused = true
        answer = nil
        withheld = nil
        times.departed = nil
        times.answered = nil
        return handedOver(inbound, edit: nil, at: now)
    }

    /// Notes that Steelyard answers the request itself. A transfer that runs already is the owner's to stop; its end
    /// concludes the exchange.
    @discardableResult
    public mutating func refused(with refusal: Refusal) -> Refusal {
        client.status = client.status ?? refusal.status
        failure = failure ?? ExchangeFailure(error: refusal.error, detail: refusal.code)
        if !awaitsProvider { phase = .over }
        return refusal
    }
}

extension Inbound {
    /// Generating requests with a JSON body are read before they are sent; multipart and unknown bodies stream through.
    var gathersBody: Bool {
        route.isGeneration && head.hasBody && !head.fields.hasMediaType("multipart/form-data")
    }
}

extension Route {
    /// Whether a request on this route is opened as a charge before it leaves.
    var mayCostMoney: Bool {
        switch kind {
        case .generation, .unmetered: true
        case .reread, .free: false
        }
    }
}

extension Refusal {
    /// Whose fault a refusal is, for `ai_errors_total`.
    public var error: ExchangeError {
        switch code {
        case "upstream_unreachable": .upstreamUnreachable
        case "upstream_malformed": .upstreamMalformed
        case "upstream_timeout": .upstreamTimeout
        case "overloaded": .gatewayOverloaded
        default: .clientInvalid
        }
    }
}
