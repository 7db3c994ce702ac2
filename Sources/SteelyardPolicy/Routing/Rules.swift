/// Everything that decides about a request: one immutable value per configuration.
///
/// A request keeps the value it began with; a reload replaces the value for later ones. What is learned at run time
/// (``TokenEstimates``, ``UsageQuantiles``, ``UneditedModels``, ``OpenJobs``) or held (``Admission``) survives
/// reloads: each value passes it on to the next.
public final class Rules: Sendable {
    /// The providers and their mounts.
    public let providers: ProviderMounts
    /// The routes of the API.
    public let routes: RouteTable
    /// What things cost.
    public let prices: PriceBook
    /// Which keys are accepted, and which team pays.
    public let identities: IdentityTable
    /// Whether requests for models without a price are refused, for every team.
    public let refusesUnpriced: Bool
    /// Which requests pass while charges cannot be recorded.
    public let unrecorded: UnrecordedRequests
    /// `server.limits.body_bytes`.
    public let bodyLimitBytes: Int
    /// `server.cors`.
    public let origins: AllowedOrigins
    /// The learned numbers of tokens that text makes.
    public let estimates: TokenEstimates
    /// Where a request for usage was refused.
    public let unedited: UneditedModels
    /// Background jobs whose usage is still to come.
    public let jobs: OpenJobs
    /// The learned lengths of prompts and answers.
    public let quantiles: UsageQuantiles
    /// Admits requests within budgets and limits.
    public let admission: Admission
    /// Whether charges can be recorded.
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
        unedited: UneditedModels,
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
        self.unedited = unedited
        self.jobs = jobs
        self.quantiles = quantiles
        self.admission = admission
        self.recording = recording
    }
}
