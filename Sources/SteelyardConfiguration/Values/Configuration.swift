public import SteelyardPolicy

/// Everything proxy.yaml says, validated: a value that exists can be served.
///
/// ``read(_:file:surroundings:)`` makes one from the bytes of a file. Keys that a file leaves out have the defaults of the sections'
/// initialisers; `docs/configuration.md` lists them.
public struct Configuration: Equatable, Sendable {
    /// `server`: the data listener and its bounds.
    public var server: ServerSettings
    /// `admin`: where Steelyard itself is observed and steered.
    public var admin: AdminSettings
    /// `providers`, in the order of the file; never empty, and no two mounts overlap.
    public var providers: [Provider]
    /// `organization`: what holds for all teams together.
    public var organization: OrganizationSettings
    /// `teams`, in the order of the file; no two share a name, a key or a provider key.
    public var teams: [Team]
    /// `default_team`: who pays for a request that names nobody; it need not be among ``teams``. Nil (`reject`): such a
    /// request is refused.
    public var defaultTeam: String?
    /// `prices`: what the operator says about prices.
    public var prices: PriceSettings
    /// `ledger`: where charges are kept; nil (`off`): nowhere, and no budget blocks.
    public var ledger: LedgerConfiguration?
    /// `metrics`: how much `/metrics` may hold.
    public var metrics: MetricsSettings
    /// `logging`: what is written to the log.
    public var logging: LoggingSettings

    /// Makes a configuration from parts that the caller vouches for; nothing is checked across sections.
    public init(
        server: ServerSettings = ServerSettings(),
        admin: AdminSettings = AdminSettings(),
        providers: [Provider],
        organization: OrganizationSettings = OrganizationSettings(),
        teams: [Team] = [],
        defaultTeam: String? = "unassigned",
        prices: PriceSettings = PriceSettings(),
        ledger: LedgerConfiguration? = LedgerConfiguration(),
        metrics: MetricsSettings = MetricsSettings(),
        logging: LoggingSettings = LoggingSettings()
    ) {
        self.server = server
        self.admin = admin
        self.providers = providers
        self.organization = organization
        self.teams = teams
        self.defaultTeam = defaultTeam
        self.prices = prices
        self.ledger = ledger
        self.metrics = metrics
        self.logging = logging
    }

    /// Whether the admin paths are answered by the data listener, because both sections name one address.
    public var adminSharesDataListener: Bool { admin.listen.isSame(as: server.listen) }
}
