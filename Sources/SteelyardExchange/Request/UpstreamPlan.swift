public import SteelyardPolicy
public import SteelyardWire

/// The request as it is sent to the provider.
public struct UpstreamPlan: Sendable {
    /// Where it goes.
    public var provider: Provider
    /// The method.
    public var method: String
    /// Path and query on the provider's side.
    public var target: String
    /// The fields to send.
    public var fields: HeaderFields
    /// The one edit of the body, if it is made.
    public var edit: ByteEdit?
    /// Whether the provider's key takes the place of the client's.
    public var substitutesKey: Bool

    /// Makes a plan.
    public init(
        provider: Provider,
        method: String,
        target: String,
        fields: HeaderFields,
        edit: ByteEdit? = nil,
        substitutesKey: Bool = false
    ) {
        self.provider = provider
        self.method = method
        self.target = target
        self.fields = fields
        self.edit = edit
        self.substitutesKey = substitutesKey
    }
}

extension ClientRequest {
    /// How the request is sent, with this edit.
    func plan(editedBy edit: ByteEdit?) -> UpstreamPlan? {
        guard let inbound else { return nil }
        return UpstreamPlan(
            provider: inbound.provider,
            method: inbound.head.method,
            target: inbound.target,
            fields: inbound.head.fields.forwardedUpstream(headerRules(isEdited: edit != nil)),
            edit: edit,
            substitutesKey: substitutesKey
        )
    }

    func headerRules(isEdited: Bool) -> UpstreamHeaderRules {
        var headerRules: UpstreamHeaderRules = isEdited ? .asksForIdentityCoding : []
        if substitutesKey || inbound?.isPreflight == true { headerRules.insert(.substitutesKey) }
        return headerRules
    }

    /// The one edit, which asks for the usage. It is made only on routes whose streams state their usage on request,
    /// and not where the provider refused it before.
    func edit(for facts: RequestFacts?) -> ByteEdit? {
        guard let inbound, let facts, case .edit(let edit) = facts.usageAsk,
            case .generation(asksUsage: true) = inbound.route.kind,
            let provider, provider.settings.injectsUsage,
            !rules.unedited.contains(provider: provider.name, model: facts.model ?? "")
        else { return nil }
        return edit
    }

    /// Remembers that the provider refuses the edit.
    func rememberRefusedEdit() { rules.unedited.insert(provider: providerName, model: model ?? "") }
}
