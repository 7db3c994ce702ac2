import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("Listening on another address, and reloading")
struct ReloadTests {
    @Test("an override moves the data listener, and the admin paths that share it")
    func overrideMovesBoth() throws {
        let moved = read(openAI).listening(on: "127.0.0.1:0", saidBy: "--listen")
        let configuration = try #require(moved.configuration)
        #expect(configuration.server.listen == ListenAddress(host: "127.0.0.1", port: 0))
        #expect(configuration.adminSharesDataListener)
    }

    @Test("an override leaves an admin listener of its own where it is")
    func overrideLeavesAdmin() throws {
        let text = "admin: { listen: 127.0.0.1:9090 }\n" + openAI
        let configuration = try #require(
            read(text).listening(on: "0.0.0.0:8080", saidBy: "STEELYARD_LISTEN").configuration
        )
        #expect("\(configuration.server.listen)" == "0.0.0.0:8080")
        #expect("\(configuration.admin.listen)" == "127.0.0.1:9090")
    }

    @Test("an override to an open address calls for a token as the file would")
    func overrideNeedsToken() {
        let moved = read("server: {}\n" + openAI).listening(on: "0.0.0.0:8080", saidBy: "STEELYARD_LISTEN")
        #expect(moved.configuration == nil)
        #expect(
            moved.problems.rendered == """
                proxy.yaml:1: admin.token: is required: 0.0.0.0:8080 (from STEELYARD_LISTEN) can be reached from other \
                machines
                  remedy: write admin: { token: env:STEELYARD_ADMIN_TOKEN }, or admin: { listen: 127.0.0.1:9090 }

                """
        )
    }

    @Test("an override to an open address warns of keys that would cross it unencrypted")
    func overrideInTheClear() {
        let text = """
            admin: { listen: 127.0.0.1:9090 }
            providers: { openai: { base_url: https://api.openai.com/v1, api_key: none } }
            teams: { a: { keys: [{ id: k7QwR2xT, sha256: \(TeamProblemTests.hex) }] } }
            """
        #expect(read(text).problems.isEmpty)
        let moved = read(text).listening(on: "0.0.0.0:8080", saidBy: "STEELYARD_LISTEN")
        #expect(moved.configuration != nil && moved.problems.map(\.key) == ["server.listen"])
        #expect(moved.problems.first?.message.hasSuffix("(from STEELYARD_LISTEN) has no TLS") == true)
    }

    @Test("an override that is not an address is refused, and the message says where it was set")
    func badOverride() {
        let moved = read(openAI).listening(on: "8080", saidBy: "--listen")
        #expect(moved.configuration == nil)
        #expect(
            moved.problems.rendered == """
                --listen: must be an address and a port, got "8080"
                  remedy: write --listen 127.0.0.1:8080

                """
        )
    }

    @Test("warnings of the file stay, once, when the listener moves")
    func warningsStay() {
        let reading = read("providers: { a: { base_url: http://a.example } }\n")
        #expect(reading.problems.count == 1)
        #expect(reading.listening(on: "127.0.0.1:1", saidBy: "--listen").problems == reading.problems)
    }

    @Test("a file with errors keeps them, with or without an override")
    func errorsStay() {
        let reading = read("")
        #expect(reading.listening(on: "127.0.0.1:1", saidBy: "--listen") == reading)
        #expect(reading.succeeding(Configuration(providers: [])) == reading)
    }

    @Test("nothing changes between a file and itself")
    func noChange() throws {
        let configuration = ConfigurationReadingTests.fullConfiguration
        #expect(configuration.changes(to: configuration).isEmpty)
    }

    @Test("every key that changes is named with its old and new value, secrets without theirs")
    func changes() {
        let old = ConfigurationReadingTests.fullConfiguration
        var new = old
        new.admin.token = Secret(Array("other".utf8))
        new.defaultTeam = "search"
        new.server.limits.bodyBytes = 1_000
        new.server.timeouts.headerSeconds = 90
        new.providers[0].mount = "/v1"
        new.providers[1].name = "us"
        let lines = old.changes(to: new).filter {
            !$0.key.hasPrefix("providers.eu") && !$0.key.hasPrefix("providers.us")
        }
        #expect(
            lines.map { "\($0.key) \($0.old ?? "-") -> \($0.new ?? "-")" } == [
                "admin.token <secret> -> <secret>", "default_team reject -> search",
                "providers.local.mount /local/v1 -> /v1", "server.limits.body_bytes 1MiB -> 1000",
                "server.timeouts.header 500ms -> 90s",
            ]
        )
        let renamed = old.changes(to: new).filter { $0.key.hasSuffix(".mount") }
        #expect(renamed.contains(where: { $0.key == "providers.eu.mount" && $0.new == nil }))
        #expect(renamed.contains(where: { $0.key == "providers.us.mount" && $0.old == nil }))
    }

    @Test("every field of a configuration is seen by the comparison")
    func everyField() {
        let old = ConfigurationReadingTests.fullConfiguration
        let edits: [(inout Configuration) -> Void] = [
            { $0.server.listen.port = 1 }, { $0.server.limits.connections = 1 }, { $0.server.limits.headerBytes = 1 },
            { $0.server.limits.bodyBytes = 1 }, { $0.server.limits.gatherBytes = 1 },
            { $0.server.timeouts.headerSeconds = 1 }, { $0.server.timeouts.bodySeconds = 1 },
            { $0.server.timeouts.idleSeconds = 1 }, { $0.server.timeouts.writeStallSeconds = 1 },
            { $0.server.timeouts.drainSeconds = 1 }, { $0.admin.listen.host = "::1" }, { $0.admin.token = nil },
            { $0.providers.swapAt(0, 1) }, { $0.providers[0].origin.isSecure = true },
            { $0.providers[0].origin.host = "x" }, { $0.providers[0].origin.port = 1 },
            { $0.providers[0].origin.pathPrefix = "" }, { $0.providers[0].mount = "/x" },
            { $0.providers[0].injectsUsage = true }, { $0.providers[0].abandonedStream = .cancel },
            { $0.providers[0].abandonedPlain = .drain }, { $0.providers[0].timeouts.connectSeconds = 1 },
            { $0.providers[0].timeouts.firstByteSeconds = 1 }, { $0.providers[0].timeouts.betweenBytesSeconds = 1 },
            { $0.providers[0].timeouts.idleSeconds = 1 },
            { $0.providers[1].certificateAuthorityFile = nil }, { $0.providers[1].outboundProxy = nil },
            { $0.providers[0].allowsLinkLocal = false },
            { $0.defaultTeam = "x" }, { $0.prices.file = nil }, { $0.prices.version = "x" },
            { $0.metrics.maximumSeries = 1 },
            { $0.metrics.countsTools = true }, { $0.logging.level = .info }, { $0.logging.format = .json },
            { $0.logging.writesAccessLines = true }, { $0.server.tls = nil }, { $0.server.tls?.certificateFile = "x" },
            { $0.server.tls?.privateKeyFile = "x" }, { $0.server.tls?.clientAuthorityFile = nil },
            { $0.providers[0].apiKey = nil }, { $0.providers[0].apiKey = .unneeded },
            { $0.providers[0].apiKey = .bound(BoundSecret(Secret([0x78]), to: $0.providers[0].origin)) },
            { $0.providers[1].apiKey = nil }, { $0.organization.budgets = [] }, { $0.teams.swapAt(0, 1) },
            { $0.teams[0].keys.removeLast() }, { $0.teams[0].keys[0].id = "x" },
            { $0.teams[0].keys[0].digest = $0.teams[0].keys[1].digest }, { $0.teams[0].keys[0].budgets = [] },
            { $0.teams[0].keys[0].expiresAtSeconds = nil }, { $0.teams[0].providerKeys = [] },
            { $0.teams[0].budgets[0].limit = MoneySum(1) }, { $0.teams[0].budgets[0].period = .week },
            { $0.teams[0].budgets[0].startsOn = 2 }, { $0.teams[0].budgets[0].timeZone = "UTC" },
            { $0.teams[0].budgets[0].warnAtPermille = [] }, { $0.teams[0].budgets[0].whenSpent = .warn },
            { $0.teams[0].budgets[1].models = [] }, { $0.teams[0].reserve = .learned },
            { $0.teams[0].outgrownHold = .finish }, { $0.teams[0].limits.requestsPerMinute = nil },
            { $0.teams[0].limits.tokensPerMinute = 1 }, { $0.teams[0].limits.concurrentRequests = nil },
            { $0.teams[0].allowedModels = [] }, { $0.teams[0].deniedModels = [] },
            { $0.teams[0].unmetered = .refuse }, { $0.teams[0].unpriced = .refuse }, { $0.ledger = nil },
            { $0.ledger?.file = "x" }, { $0.ledger?.keepSeconds = 1 }, { $0.ledger?.durability = .process },
            { $0.ledger?.onFailure = .allow }, { $0.prices.unpriced = .refuse },
            { $0.server.origins = .any },
        ]
        for (index, edit) in edits.enumerated() {
            var new = old
            edit(&new)
            #expect(new != old && old.changes(to: new).count == 1, "edit \(index)")
        }
    }

    @Test("a reload that only a restart can bring about is refused on its line; all else is accepted")
    func reload() throws {
        let running = try #require(read(openAI).configuration)
        let accepted = read("default_team: search\n" + openAI).succeeding(running)
        #expect(accepted.configuration?.defaultTeam == "search" && accepted.problems.isEmpty)
        let teams = "teams: { a: { limits: { concurrent_requests: 1 } } }\norganization: {}\ndefault_team: reject\n"
        #expect(read(teams + openAI).succeeding(running).configuration?.teams.count == 1)
        let origins = read("server: { cors: { origins: [\"https://app.example\"] } }\n" + openAI).succeeding(running)
        #expect(origins.configuration?.server.origins == .listed(["https://app.example"]))
        let ledger = read("ledger: off\n" + openAI).succeeding(running)
        #expect(ledger.problems.map(\.message) == ["cannot change from on to off while Steelyard runs"])
        let text = "server:\n  listen: 127.0.0.1:9000\nmetrics: { max_series: 5000 }\n" + openAI
        let refused = read(text).succeeding(running)
        #expect(refused.configuration == nil)
        #expect(
            refused.problems.rendered == """
                proxy.yaml:2: server.listen: cannot change from 127.0.0.1:8080 to 127.0.0.1:9000 while Steelyard runs
                  remedy: restart Steelyard, or undo this change
                proxy.yaml:3: metrics.max_series: cannot change from 20000 to 5000 while Steelyard runs
                  remedy: restart Steelyard, or undo this change

                """
        )
        let apart = read("admin: { listen: 127.0.0.1:9090 }\n" + openAI).succeeding(running)
        #expect(apart.problems.map(\.key) == ["admin.listen"])
        #expect(read(text).succeeding(running, reloadable: ["server", "metrics"]).problems.isEmpty)
    }
}
