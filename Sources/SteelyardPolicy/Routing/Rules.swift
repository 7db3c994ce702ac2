/// Everything a request is decided by: one immutable value per configuration.
///
/// A request keeps the value it began with; a reload swaps the value for later ones. What is learned while running
/// (``TokenEstimates``, ``UsageQuantiles``, ``InjectionRefusals``, ``OpenJobs``) or held (``Admission``) outlives reloads and is handed from one value to the next.
public final class Rules: Sendable {
    /// The providers and their mounts.
    public let providers: ProviderMounts
    /// The routes of the API.
    public let routes: RouteTable
    /// What things cost.
    public let prices: PriceBook
    /// Who may ask, and who pays.
    public let identities: IdentityTable
    /// What becomes of a request for a model without a price, whoever asks.
    public let refusesUnpriced: Bool
    /// Who is served while charges cannot be put on record.
    public let unrecorded: UnrecordedRequests
    /// `server.limits.body_bytes`.
    public let bodyLimitBytes: Int
    /// `server.cors`.
    public let origins: AllowedOrigins
    /// How many tokens text makes, as learned.
    public let estimates: TokenEstimates
    /// Where asking for usage was refused.
    public let refusals: InjectionRefusals
    /// Background work whose usage is still to come.
    public let jobs: OpenJobs
    /// How long prompts and answers were.
    public let quantiles: UsageQuantiles
    /// Lets requests through, within budgets and limits.
    public let admission: Admission
    /// Whether charges can be put on record.
    public let recording: Recording

    /// Makes the rules of one configuration.
    public init(
        providers: ProviderMounts,
        routes: RouteTable = .openAI,
        prices: PriceBook,
        identities: IdentityTable,
        refusesUnpriced: Bool = false,
        unrecorded: UnrecordedRequests = .refuseBudgeted,
        bodyLimitBytes: Int,
        origins: AllowedOrigins = .none,
        estimates: TokenEstimates,
        refusals: InjectionRefusals,
        jobs: OpenJobs,
        quantiles: UsageQuantiles,
        admission: Admission,
        recording: Recording
    ) {
        self.providers = providers
        self.routes = routes
        self.prices = prices
        self.identities = identities
        self.refusesUnpriced = refusesUnpriced
        self.unrecorded = unrecorded
        self.bodyLimitBytes = bodyLimitBytes
        self.origins = origins
        self.estimates = estimates
        self.refusals = refusals
        self.jobs = jobs
        self.quantiles = quantiles
        self.admission = admission
        self.recording = recording
    }
}
