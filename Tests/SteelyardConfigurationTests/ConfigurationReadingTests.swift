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
        #expect(configuration.defaultTeam == "unassigned")
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
        #expect(!provider.allowsHTTP2 && !provider.allowsLinkLocal)
    }

    @Test("every key of today's schema is read")
    func everyKey() throws {
        let machine = Machine(
            variables: ["STEELYARD_ADMIN_TOKEN": "t0ken"],
            files: ["etc/ca.pem": "-----BEGIN CERTIFICATE-----\n", "etc/prices.yaml": "models: {}\n"]
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

    static let openAIProvider = Provider(
        name: "openai",
        origin: ProviderOrigin(isSecure: true, host: "api.openai.com", port: 443, pathPrefix: "/v1")
    )

    static let full = """
        server:
          listen: "[::1]:9000"
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
          eu:
            base_url: https://[2001:db8::1]:8443
            mount: /eu
            ca_file: ca.pem
            outbound_proxy: http://proxy.internal:3128
            http2: true
        default_team: platform
        prices: { file: prices.yaml, unpriced: allow }
        metrics: { max_series: 1000, tools: false }
        logging: { level: warning, format: text, access: false }
        """

    static let fullConfiguration = Configuration(
        server: ServerSettings(
            listen: ListenAddress(host: "::1", port: 9000),
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
            Provider(
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
                allowsLinkLocal: true
            ),
            Provider(
                name: "eu",
                origin: ProviderOrigin(isSecure: true, host: "2001:db8::1", port: 8443, pathPrefix: ""),
                mount: "/eu",
                certificateAuthorityFile: "etc/ca.pem",
                outboundProxy: "http://proxy.internal:3128",
                allowsHTTP2: true
            ),
        ],
        defaultTeam: "platform",
        prices: PriceSettings(file: "etc/prices.yaml"),
        metrics: MetricsSettings(maximumSeries: 1000, countsTools: false),
        logging: LoggingSettings(level: .warning, format: .text, writesAccessLines: false)
    )
}
