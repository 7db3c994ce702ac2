import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("Reading proxy.yaml")
struct ConfigurationReadingTests {
    @Test("a file with one provider and nothing else has every default")
    func defaults() throws {
        let reading = read(openAI)
        #expect(reading.problems.isEmpty, "\(reading.rendered)")
        let configuration = try #require(reading.configuration)
        #expect(configuration == Configuration(providers: [Self.openAIProvider]))
        #expect("\(configuration.server.listen)" == "127.0.0.1:8080")
        #expect(configuration.adminSharesDataListener)
        #expect(configuration.server.limits.connections == 10_000)
        #expect(configuration.server.limits.headerBytes == 32_768)
        #expect(configuration.server.limits.bodyBytes == 67_108_864)
        #expect(configuration.server.limits.gatherBytes == 1_073_741_824)
        let waits = configuration.server.timeouts
        #expect([waits.headerSeconds, waits.bodySeconds, waits.idleSeconds] == [10, 60, 75])
        #expect([waits.writeStallSeconds, waits.drainSeconds] == [60, 30])
        #expect(configuration.admin.token == nil)
        #expect(configuration.server.tls == nil)
        #expect(configuration.organization.budgets.isEmpty && configuration.teams.isEmpty)
        #expect(configuration.defaultTeam == "unassigned")
        let ledger = try #require(configuration.ledger)
        #expect(ledger.file == "data/ledger.sqlite3" && ledger.keepSeconds == 34_560_000)
        #expect(ledger.durability == .process && ledger.onFailure == .refuseBudgeted)
        #expect(configuration.prices == PriceSettings(file: nil, unpriced: .allow))
        #expect(configuration.metrics == MetricsSettings(maximumSeries: 20_000, countsTools: true))
        #expect(configuration.logging == LoggingSettings(level: .info, format: .json, writesAccessLines: true))
    }

    @Test("a provider with a URL alone has every default")
    func providerDefaults() throws {
        let provider = try #require(read(openAI).configuration?.providers.first)
        #expect(provider.dialect == .openai)
        #expect(provider.mount == "/v1")
        #expect(provider.injectsUsage)
        #expect(provider.abandonedStream == .cancel && provider.abandonedPlain == .drain)
        let waits = provider.timeouts
        #expect([waits.connectSeconds, waits.firstByteSeconds, waits.betweenBytesSeconds] == [5, 900, 300])
        #expect(provider.certificateAuthorityFile == nil && provider.outboundProxy == nil)
        #expect(!provider.allowsLinkLocal && provider.apiKey == nil)
    }

    @Test("every key of today's schema is read")
    func everyKey() throws {
        let machine = Machine(
            variables: ["STEELYARD_ADMIN_TOKEN": "t0ken", "LOCAL_KEY": "l0cal"],
            files: [
                "etc/ca.pem": "-----BEGIN CERTIFICATE-----\n", "etc/prices.yaml": "models: {}\n",
                "/etc/key.pem": "-----BEGIN EC PRIVATE KEY-----\n", "/usr/share/zoneinfo/Europe/Paris": "TZif2",
            ]
        )
        let reading = read(Self.full, on: machine, file: "etc/proxy.yaml")
        #expect(reading.rendered == "")
        var expected = Self.fullConfiguration
        expected.prices.version = try #require(reading.configuration?.prices.version)
        #expect(reading.configuration == expected)
    }

    @Test("providers keep the order of the file")
    func order() {
        let names = ["zeta", "alpha", "mid"]
        let entries = names.map { "  \($0): { base_url: https://\($0).example, mount: /\($0) }\n" }
        #expect(read("providers:\n" + entries.joined()).configuration?.providers.map(\.name) == names)
    }

    @Test("empty sections have their defaults")
    func emptySections() {
        let reading = read("server:\nadmin: {}\nmetrics: ~\nlogging: null\nprices:\n" + openAI)
        #expect(reading.configuration == Configuration(providers: [Self.openAIProvider]), "\(reading.rendered)")
    }

    @Test("byte order mark, document start, comments, quotes and CRLF change nothing")
    func spellings() {
        let plain = read("metrics: { max_series: 5000 }\ndefault_team: search\n" + openAI).configuration
        let text =
            "\u{feff}---\r\n# a comment\r\nmetrics:\r\n  max_series: 5000 # five\r\n\"default_team\": 'search'\r\n"
        #expect(plain != nil)
        #expect(read(text + openAI).configuration == plain)
    }

    static let openAIProvider = ProviderSettings(
        name: "openai",
        origin: ProviderOrigin(isSecure: true, host: "api.openai.com", port: 443, pathPrefix: "/v1")
    )

    static let full = """
        server:
          listen: "[::1]:9000"
          tls: { certificate: ca.pem, private_key: /etc/key.pem, client_ca: ca.pem }
          limits: { connections: 100, header_bytes: 16KiB, body_bytes: 1MiB, gather_bytes: 2GiB }
          timeouts: { header: 500ms, body: 1m, idle: 1h, write_stall: 90s, drain: 0s }
        admin:
          listen: 0.0.0.0:9001
          token: env:STEELYARD_ADMIN_TOKEN
        providers:
          local:
            dialect: openai
            base_url: http://127.0.0.1:8000/api/v1/
            mount: /local/v1
            inject_usage: never
            on_client_gone: { streamed: drain, plain: cancel }
            timeouts: { connect: 250ms, first_byte: 5m, between_bytes: 1d }
            allow_link_local: true
            api_key: env:LOCAL_KEY
          eu:
            base_url: https://[2001:db8::1]:8443
            mount: /eu
            ca_file: ca.pem
            outbound_proxy: http://proxy.internal:3128
            api_key: none
        organization: { budgets: [{ limit_usd: 200000.000000000001, every: year }] }
        teams:
          search:
            keys:
              - id: k7QwR2xT
                sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
                budgets: [{ limit_usd: 0.5, every: hour }]
                expires: 2027-01-01T09:00:00+01:00
              - { id: A0000000, sha256: E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855 }
            provider_keys: [sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad]
            budgets:
              - limit_usd: 500
                every: month
                starts_on: 31
                time_zone: Europe/Paris
                warn_at: [0.7, 0.925, 1]
                when_spent: block
              - { limit_usd: 12.50, every: week, starts_on: 5, when_spent: warn, models: ["o*", gpt-5*-pro] }
            reserve: worst_case
            outgrown_hold: cut
            limits: { requests_per_minute: 600, tokens_per_minute: 200000, concurrent_requests: 50 }
            models: { allow: ["*"], deny: [gpt-4o*] }
            unmetered: allow
            unpriced: allow
          batch-jobs:
          unassigned: {}
        default_team: reject
        prices: { file: prices.yaml, unpriced: allow }
        ledger: { file: /var/lib/ledger, keep: 730d, durability: power, on_failure: refuse_all }
        metrics: { max_series: 1000, tools: false }
        logging: { level: warning, format: text, access: false }
        """

    static let search: Team = {
        var team = Team(name: "search")
        // The digests of "test", of the empty text, and of "abc".
        var first = key("k7QwR2xT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        first.budgets = [BudgetRule(limit: MoneySum(500_000_000_000), period: .hour)]
        // 2027-01-01T08:00:00Z
        first.expiresAtSeconds = 1_798_790_400
        team.keys = [first, key("A0000000", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
        team.providerKeys = [digest("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
        let models = [ModelPattern("o*"), ModelPattern("gpt-5*-pro")]
        team.budgets = [
            BudgetRule(
                limit: MoneySum(500_000_000_000_000),
                period: .month,
                startsOn: 31,
                timeZone: "Europe/Paris",
                warnAtPermille: [700, 925, 1_000]
            ),
            BudgetRule(
                limit: MoneySum(12_500_000_000_000),
                period: .week,
                startsOn: 5,
                whenSpent: .warn,
                models: models
            ),
        ]
        team.reserve = .worstCase
        team.outgrownHold = .cut
        team.limits = TeamLimits(requestsPerMinute: 600, tokensPerMinute: 200_000, concurrentRequests: 50)
        team.allowedModels = [ModelPattern("*")]
        team.deniedModels = [ModelPattern("gpt-4o*")]
        team.unmetered = .allow
        team.unpriced = .allow
        return team
    }()

    static func key(_ id: String, _ hex: String) -> TeamKey { TeamKey(id: id, digest: digest(hex)) }

    private static func digest(_ hex: String) -> KeyDigest {
        guard let digest = KeyDigest(hex: hex) else { preconditionFailure("not 64 hexadecimal digits") }
        return digest
    }

    static let fullConfiguration = Configuration(
        server: ServerSettings(
            listen: ListenAddress(host: "::1", port: 9000),
            tls: TLSSettings(
                certificateFile: "etc/ca.pem",
                privateKeyFile: "/etc/key.pem",
                clientAuthorityFile: "etc/ca.pem"
            ),
            limits: ServerLimits(
                connections: 100,
                headerBytes: 16 << 10,
                bodyBytes: 1 << 20,
                gatherBytes: 2 << 30
            ),
            timeouts: ServerTimeouts(
                headerSeconds: 0.5,
                bodySeconds: 60,
                idleSeconds: 3600,
                writeStallSeconds: 90,
                drainSeconds: 0
            )
        ),
        admin: AdminSettings(
            listen: ListenAddress(host: "0.0.0.0", port: 9001),
            token: Secret(Array("t0ken".utf8))
        ),
        providers: [
            ProviderSettings(
                name: "local",
                origin: ProviderOrigin(isSecure: false, host: "127.0.0.1", port: 8000, pathPrefix: "/api/v1"),
                mount: "/local/v1",
                injectsUsage: false,
                abandonedStream: .drain,
                abandonedPlain: .cancel,
                timeouts: ProviderTimeouts(
                    connectSeconds: 0.25,
                    firstByteSeconds: 300,
                    betweenBytesSeconds: 86_400
                ),
                allowsLinkLocal: true,
                apiKey: .bound(
                    BoundSecret(
                        Secret(Array("l0cal".utf8)),
                        to: ProviderOrigin(isSecure: false, host: "127.0.0.1", port: 8000, pathPrefix: "")
                    )
                )
            ),
            ProviderSettings(
                name: "eu",
                origin: ProviderOrigin(isSecure: true, host: "2001:db8::1", port: 8443, pathPrefix: ""),
                mount: "/eu",
                certificateAuthorityFile: "etc/ca.pem",
                outboundProxy: "http://proxy.internal:3128",
                apiKey: .unneeded
            ),
        ],
        organization: OrganizationSettings(budgets: [
            BudgetRule(limit: MoneySum(200_000_000_000_000_001), period: .year)
        ]),
        teams: [search, Team(name: "batch-jobs"), Team(name: "unassigned")],
        defaultTeam: nil,
        prices: PriceSettings(file: "etc/prices.yaml"),
        ledger: LedgerConfiguration(
            file: "/var/lib/ledger",
            keepSeconds: 730 * 86_400,
            durability: .power,
            onFailure: .refuseAll
        ),
        metrics: MetricsSettings(maximumSeries: 1000, countsTools: false),
        logging: LoggingSettings(level: .warning, format: .text, writesAccessLines: false)
    )
}
