/// What a request on a route can cost, as its method and path alone decide.
public enum RouteKind: Hashable, Sendable {
    /// Generates: every 2xx answer is a new charge. `asksUsage` marks the two endpoints whose streams report usage
    /// only when `stream_options.include_usage` asks for it (wire-format survey §2: chat and legacy completions).
    case generation(asksUsage: Bool)
    /// Shows an earlier generation again. It is never a new charge, but may bring the usage that an open job waits for.
    case reread
    /// Costs nothing by itself.
    case free
    /// May cost money, but no answer states how much.
    case unmetered
    /// Reads or changes the settings of the provider's account. It costs nothing, and teams may not use it: it is never
    /// sent with the operator's provider key (docs/decisions/0021).
    case administration
}

/// One row of the route table: the name of a request in metrics, and what it can cost.
public struct Route: Hashable, Sendable {
    /// The value of the `endpoint` label: `/v1/responses/{id}`; `other` for a path the table does not know.
    public let template: String
    /// What it can cost.
    public let kind: RouteKind

    /// A row of the table.
    public init(template: String, kind: RouteKind) {
        self.template = template
        self.kind = kind
    }

    /// Whether a 2xx answer is a new charge.
    public var isGeneration: Bool { if case .generation = kind { true } else { false } }

    /// Whether a charge is opened before a request on this route leaves.
    public var mayCostMoney: Bool {
        switch kind {
        case .generation, .unmetered: true
        case .reread, .free, .administration: false
        }
    }
}
