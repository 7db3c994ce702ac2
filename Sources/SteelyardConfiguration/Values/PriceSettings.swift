public import SteelyardPolicy

/// `prices` in proxy.yaml.
public struct PriceSettings: Equatable, Sendable {
    /// The path of the operator's own prices; without it, only the built-in price book applies.
    public var file: String?
    /// What to do with a request for a model without a price.
    public var unpriced: UnpricedRequests
    /// The content of ``file``; for `PriceBook.overridden(by:version:)`.
    public var models: [ModelPrices]
    /// Identifies exactly these prices; a digest of the file, empty without one.
    public var version: String

    /// Makes the section; all defaults are those of proxy.yaml.
    public init(
        file: String? = nil,
        unpriced: UnpricedRequests = .allow,
        models: [ModelPrices] = [],
        version: String = ""
    ) {
        self.file = file
        self.unpriced = unpriced
        self.models = models
        self.version = version
    }
}

/// What to do with a request for a model without a price.
public enum UnpricedRequests: String, Hashable, Sendable, CaseIterable {
    /// It passes, and counts as unpriced; for a team with a blocking budget, the team's own setting decides.
    case allow
    /// It is refused for every team.
    case refuse
}
