import SteelyardPolicy
import SteelyardWire

/// From the client's request to what the provider is sent.
extension Exchange {
    /// The request's head has passed our own checks.
    public mutating func receivedHead(_ head: RequestHead) -> HeadDecision {
        do throws(Refusal) {
            let inbound = try route(head)
            self.inbound = inbound
            guard inbound.gathersBody else { return relay() }
            try checkAnnouncedLength(head)
            phase = .gathering
            return .gather(expectedBytes: Int(clamping: head.facts.contentLength ?? 0))
        } catch {
            return .refuse(refused(with: error))
        }
    }

    private mutating func relay() -> HeadDecision {
        times.requestComplete = receivedAt
        times.lastActivity = receivedAt
        return .relay(plan())
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

    /// The whole body of a gathered request.
    public mutating func receivedBody(_ body: Span<UInt8>, at now: Tick) -> BodyDecision {
        client.requestBytes = Int64(body.count)
        times.requestComplete = now
        times.lastActivity = now
        do throws(RequestBodyDefect) {
            if inbound?.head.fields.hasContentCoding == false { inbound?.facts = try RequestBody.read(body) }
        } catch {
            return .refuse(refused(with: Refusal(error)))
        }
        return .forward(plan())
    }

    /// The request goes to the provider, on this plan.
    private mutating func plan() -> UpstreamPlan {
        phase = .asked
        let edit = edit()
        inbound?.isArmed = edit != nil
        return makePlan(edit: edit)
    }

    /// The one edit: only for routes whose streams must be asked, and not where it was refused before.
    private func edit() -> ByteEdit? {
        guard let inbound, let provider, provider.injectsUsage, let facts = inbound.facts,
            case .generation(asksUsage: true) = inbound.route.kind, case .edit(let edit) = facts.usageAsk,
            !rules.refusals.contains(provider: provider.name, model: facts.model ?? "")
        else { return nil }
        return edit
    }

    private mutating func makePlan(edit: ByteEdit?) -> UpstreamPlan {
        // Called after `inbound` was set; a plan without one has nowhere to go and is never made.
        guard let inbound else { preconditionFailure("a plan is made for a routed request") }
        isForwarded = true
        if inbound.route.mayCostMoney, charge.opening == nil { charge.opening = opening(inbound) }
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

    /// The original bytes go up instead of the edited ones; once.
    mutating func planUnedited() -> UpstreamPlan {
        if let inbound { rules.refusals.insert(provider: provider?.name ?? "", model: inbound.facts?.model ?? "") }
        inbound?.isArmed = false
        inbound?.injectionRefused = true
        phase = .asked
        answer = nil
        return makePlan(edit: nil)
    }

    /// Notes that Steelyard answers the request itself.
    @discardableResult
    public mutating func refused(with refusal: Refusal) -> Refusal {
        phase = .over
        client.status = refusal.status
        failure = failure ?? ExchangeFailure(error: refusal.error, detail: refusal.code)
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
