import Foundation
import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("What the repository says")
struct DocumentedTests {
    @Test("the proxy.yaml that comes with Steelyard spells out the defaults")
    func defaultFile() throws {
        let reading = try read(Self.text(of: "proxy.yaml"))
        #expect(reading.rendered == "")
        #expect(reading.configuration == Configuration(providers: [ConfigurationReadingTests.openAIProvider]))
    }

    @Test("every key has its row in docs/configuration.md, with its default", arguments: rows)
    func documented(key: String, standard: String) throws {
        let page = try Self.text(of: "docs/configuration.md")
        let row = page.split(separator: "\n").first { $0.hasPrefix("| `\(key)` |") && $0.contains(" | \(standard) | ") }
        #expect(row != nil)
    }

    @Test("every example of docs/configuration.md can be served")
    func examples() throws {
        let page = try Self.text(of: "docs/configuration.md")
        let examples = page.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
        #expect(examples.count >= 4)
        for example in examples where !example.hasPrefix("models:") {
            let machine = Machine(
                variables: ["STEELYARD_ADMIN_TOKEN": "t", "OPENAI_API_KEY": "k"],
                files: ["/usr/share/zoneinfo/Europe/Paris": "TZif2"]
            )
            // The token is in another example than the address that requires it.
            let token = example.contains("0.0.0.0:8080") ? "admin: { listen: 127.0.0.1:9090 }\n" : ""
            let providers = example.contains("providers:") ? "" : openAI
            #expect(read(token + example + providers, on: machine).rendered == "", "\(example)")
        }
    }

    @Test("the example of prices.yaml can be served")
    func priceExample() throws {
        let page = try Self.text(of: "docs/configuration.md")
        let example = try #require(page.split(separator: "```yaml\nmodels:").last?.split(separator: "```").first)
        let machine = Machine(files: ["prices.yaml": "models:" + example])
        let reading = read("prices: { file: prices.yaml }\n" + openAI, on: machine)
        #expect(reading.rendered == "")
        let models = try #require(reading.configuration?.prices.models)
        _ = try PriceBook.builtIn().overridden(by: models, version: "test")
        #expect(models.flatMap(\.names).map(\.text).contains("gpt-4.1-2025-04-14"))
    }

    @Test("every price has its name in docs/configuration.md")
    func documentedPrices() throws {
        let page = try Self.text(of: "docs/configuration.md")
        for meter in Meter.allCases { #expect(page.contains("`\(meter.column)`")) }
        for tier in ServiceTier.allCases { #expect(page.contains("`\(tier.rawValue)`")) }
    }

    static let rows: [(String, String)] = {
        let standard = Configuration(providers: [])
        let limits = standard.server.limits
        let waits = standard.server.timeouts
        let provider = ConfigurationReadingTests.openAIProvider
        return [
            ("listen", "`\(standard.server.listen)`"), ("limits.connections", "`\(limits.connections)`"),
            ("limits.header_bytes", "`\(limits.headerBytes >> 10)KiB`"),
            ("limits.body_bytes", "`\(limits.bodyBytes >> 20)MiB`"),
            ("limits.gather_bytes", "`\(limits.gatherBytes >> 30)GiB`"),
            ("timeouts.header", "`\(Int(waits.headerSeconds))s`"), ("timeouts.body", "`\(Int(waits.bodySeconds))s`"),
            ("timeouts.idle", "`\(Int(waits.idleSeconds))s`"),
            ("timeouts.write_stall", "`\(Int(waits.writeStallSeconds))s`"),
            ("timeouts.drain", "`\(Int(waits.drainSeconds))s`"), ("listen", "that of `server`"), ("token", "none"),
            ("base_url", "required"), ("mount", "`\(provider.mount)`"), ("dialect", "`\(provider.dialect)`"),
            ("inject_usage", provider.injectsUsage ? "`auto`" : "`never`"),
            ("on_client_gone.streamed", "`\(provider.abandonedStream)`"),
            ("on_client_gone.plain", "`\(provider.abandonedPlain)`"),
            ("timeouts.connect", "`\(Int(provider.timeouts.connectSeconds))s`"),
            ("timeouts.first_byte", "`\(Int(provider.timeouts.firstByteSeconds))s`"),
            ("timeouts.between_bytes", "`\(Int(provider.timeouts.betweenBytesSeconds))s`"),
            ("timeouts.idle", "`\(Int(provider.timeouts.idleSeconds))s`"),
            ("ca_file", "the system's"), ("outbound_proxy", "none"),
            ("allow_link_local", "`\(provider.allowsLinkLocal)`"),
            ("default_team", "`\(standard.defaultTeam ?? "reject")`"),
            ("prices.file", "none"), ("prices.unpriced", "`\(standard.prices.unpriced)`"),
            ("metrics.max_series", "`\(standard.metrics.maximumSeries)`"),
            ("metrics.tools", "`\(standard.metrics.countsTools)`"), ("logging.level", "`\(standard.logging.level)`"),
            ("logging.format", "`\(standard.logging.format)`"),
            ("logging.access", "`\(standard.logging.writesAccessLines)`"),
        ] + teamRows
    }()

    private static let teamRows: [(String, String)] = {
        let team = Team(name: "search")
        let rule = BudgetRule(limit: MoneySum(), period: .month)
        let ledger = LedgerConfiguration()
        return [
            ("tls.certificate", "none"), ("tls.private_key", "none"), ("tls.client_ca", "none"),
            ("cors.origins", "none"),
            ("api_key", "not set"), ("organization.budgets", "none"), ("keys", "none"), ("provider_keys", "none"),
            ("budgets", "none"), ("reserve", "`\(team.reserve.rawValue)`"),
            ("outgrown_hold", "`\(team.outgrownHold.rawValue)`"), ("limits.requests_per_minute", "no limit"),
            ("limits.tokens_per_minute", "no limit"), ("limits.concurrent_requests", "no limit"),
            ("models.allow", "all"), ("models.deny", "none"), ("unmetered", "`\(team.unmetered.rawValue)`"),
            ("unpriced", "`\(team.unpriced.rawValue)`"), ("id", "required"), ("sha256", "required"),
            ("expires", "never"), ("limit_usd", "required"), ("every", "required"),
            ("starts_on", "`\(rule.startsOn)`"), ("time_zone", "`\(rule.timeZone)`"), ("warn_at", "none"),
            ("when_spent", "`\(rule.whenSpent.rawValue)`"), ("models", "all"), ("file", "`\(ledger.file)`"),
            ("keep", "`\(ledger.keepSeconds / 86_400)d`"), ("durability", "`\(ledger.durability.rawValue)`"),
            ("on_failure", "`\(ledger.onFailure.rawValue)`"),
        ]
    }()

    private static func text(of path: String) throws -> String {
        let root = URL(filePath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}
