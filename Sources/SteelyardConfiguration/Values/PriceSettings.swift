public import SteelyardPolicy

/// `prices` in proxy.yaml.
public struct PriceSettings: Equatable, Sendable {
    /// The operator's own prices, a path; without it the built-in price book stands alone.
    public var file: String?
    /// What becomes of a request for a model without a price.
    public var unpriced: UnpricedRequests
    /// What ``file`` says; for `PriceBook.overridden(by:version:)`.
    public var models: [ModelPrices]
    /// Names exactly these prices; a digest of the file, empty without one.
    public var version: String

    /// Makes the section; every default is that of proxy.yaml.
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

/// What becomes of a request for a model without a price.
public enum UnpricedRequests: String, Hashable, Sendable, CaseIterable {
    /// It passes, and is counted as unpriced; a team with a blocking budget has its own say.
    case allow
    /// It is refused, whoever asks.
    case refuse
}
