/// Everything a request is decided by: one immutable value per configuration.
///
/// A request keeps the value it began with; a reload swaps the value for later ones. What is learned while running
/// (``TokenRatios``, ``InjectionRefusals``, ``OpenJobs``) outlives reloads and is handed from one value to the next.
public final class Rules: Sendable {
    /// The providers and their mounts.
    public let providers: ProviderMounts
    /// The routes of the API.
    public let routes: RouteTable
    /// What things cost.
    public let prices: PriceBook
    /// The team of requests that name none.
    public let defaultTeam: String
    /// `server.limits.body_bytes`.
    public let bodyLimitBytes: Int
    /// Bytes per token as learned.
    public let ratios: TokenRatios
    /// Where asking for usage was refused.
    public let refusals: InjectionRefusals
    /// Background work whose usage is still to come.
    public let jobs: OpenJobs

    /// Makes the rules of one configuration.
    public init(
        providers: ProviderMounts,
        routes: RouteTable = .openAI,
        prices: PriceBook,
        defaultTeam: String,
        bodyLimitBytes: Int,
        ratios: TokenRatios,
        refusals: InjectionRefusals,
        jobs: OpenJobs
    ) {
        self.providers = providers
        self.routes = routes
        self.prices = prices
        self.defaultTeam = defaultTeam
        self.bodyLimitBytes = bodyLimitBytes
        self.ratios = ratios
        self.refusals = refusals
        self.jobs = jobs
    }
}
