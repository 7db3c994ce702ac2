public import SteelyardPolicy

/// The checked content of proxy.yaml: every value of this type is valid.
///
/// ``read(_:file:surroundings:)`` makes one from the bytes of a file. Keys that a file leaves out have the defaults of
/// the sections' initialisers; `docs/configuration.md` lists them.
public struct Configuration: Equatable, Sendable {
    /// `server`: the data listener and its bounds.
    public var server: ServerSettings
    /// `admin`: the address for metrics, health and administration.
    public var admin: AdminSettings
    /// `providers`, in the order of the file; never empty, and no two mounts overlap.
    public var providers: [ProviderSettings]
    /// `organization`: rules for all teams together.
    public var organization: OrganizationSettings
    /// `teams`, in the order of the file; no two share a name, a key or a provider key.
    public var teams: [Team]
    /// `default_team`: the team that pays for requests that name none; it need not be among ``teams``. Nil (`reject`):
    /// such requests are refused.
    public var defaultTeam: String?
    /// `prices`: the operator's settings about prices.
    public var prices: PriceSettings
    /// `ledger`: where charges are stored; nil (`off`): nowhere, and no budget blocks.
    public var ledger: LedgerConfiguration?
    /// `metrics`: limits of `/metrics`.
    public var metrics: MetricsSettings
    /// `logging`: what is written to the log.
    public var logging: LoggingSettings

    /// Makes a configuration from parts that the caller has checked; it checks nothing across sections.
    public init(
        server: ServerSettings = ServerSettings(),
        admin: AdminSettings = AdminSettings(),
        providers: [ProviderSettings],
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

    /// Whether the data listener also serves the admin paths, because both sections have the same address.
    public var adminSharesDataListener: Bool { admin.listen.isSame(as: server.listen) }
}
