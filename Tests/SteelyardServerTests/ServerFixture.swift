import NIOCore
import NIOPosix
import ScriptedPeer
import SteelyardDialer
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator

@testable import SteelyardServer

/// What a test wants otherwise than production.
struct ServerSettings {
    var limits = ClientLimits()
    var guards = ServerGuards.all
    var connectionGuards = ConnectionGuards.all
    var linger = LingerLimits()
    var gatherBytes = 1 << 30
    var bodyLimitBytes = 64 << 20
    var origins = AllowedOrigins.none
    var threads = 1
    var admin: AdminSurface?
    var teams: [Team] = []
    var defaultTeam: String? = "unassigned"
    /// What the operator has for the provider in place of Steelyard keys.
    var apiKey: (ProviderOrigin) -> ProviderKey? = { _ in nil }
    var recording = Recording()
    /// Whether an opening can be put on record.
    var onOpening: (@Sendable (ChargeOpening) -> Bool)?
    /// Whether that is known only later.
    var recordsLater = false
    var providers: (ProviderSettings) -> [ProviderSettings] = { [$0] }
}

/// A real listener with real connections to its provider, for one test.
final class ServerFixture: Sendable {
    let recorder: TestRecorder
    let services: ServerServices
    let listener: Listener
    let providerPort: Int
    private let group: MultiThreadedEventLoopGroup

    private init(providerPort: Int, _ settings: ServerSettings) async throws {
        self.providerPort = providerPort
        var provider = ProviderSettings.loopback(providerPort)
        provider.apiKey = settings.apiKey(provider.origin)
        let mounts = ProviderMounts(settings.providers(provider))
        group = MultiThreadedEventLoopGroup(numberOfThreads: settings.threads)
        let rules = Rules(
            providers: mounts,
            prices: Self.prices,
            identities: IdentityTable(teams: settings.teams, defaultTeam: settings.defaultTeam),
            bodyLimitBytes: settings.bodyLimitBytes,
            origins: settings.origins,
            estimates: TokenEstimates(),
            unedited: UneditedModels(),
            jobs: OpenJobs(),
            quantiles: UsageQuantiles(),
            admission: Self.admission(settings),
            recording: settings.recording
        )
        recorder = TestRecorder(ActiveRules(rules: rules, providers: try ProviderTable(mounts.providers)), settings)
        services = ServerServices(
            recorder: recorder,
            dialer: try Dialer(),
            limits: settings.limits,
            gatherBudget: GatherBudget(limitBytes: settings.gatherBytes),
            guards: settings.guards,
            connectionGuards: settings.connectionGuards,
            linger: settings.linger
        )
        listener = try await Listener.bind(
            host: "127.0.0.1",
            port: 0,
            duties: ListenerDuties(servesData: true, admin: settings.admin),
            services: services,
            group: group
        )
    }

    /// Budgets with one window that never ends.
    private static func admission(_ settings: ServerSettings) -> Admission {
        let admission = Admission { _, _, _, _ in WindowBounds(startSeconds: 0, endSeconds: 1 << 40) }
        let rules = AdmissionRules(teams: settings.teams, defaultTeam: settings.defaultTeam)
        admission.install(rules, wallSeconds: 0, recordedUntil: .min) { (queries, _) in queries.map { _ in MoneySum() }
        }
        return admission
    }

    // Built once: nothing in it depends on the test.
    private static let prices: PriceBook = {
        do { return try PriceBook.builtIn() } catch { preconditionFailure("\(error)") }
    }()

    func connect(receiveBufferBytes: Int32? = nil) -> RawClient {
        RawClient(port: listener.port, receiveBufferBytes: receiveBufferBytes)
    }

    /// One request on a connection of its own.
    func answer(to request: String) -> ReceivedAnswer? {
        let client = connect()
        client.send(request)
        return client.receiveAnswer()
    }

    /// Puts other providers in force, as a reload does; unchanged ones keep their connections.
    func reload(_ providers: [ProviderSettings]) throws {
        let old = recorder.active
        let mounts = ProviderMounts(providers, after: old.rules.providers)
        let table = try ProviderTable(mounts.providers, after: old.providers)
        recorder.install(ActiveRules(rules: old.rules.with(mounts), providers: table))
        services.keepOnly(table)
    }

    private func end() async {
        await listener.end(within: .zero)
        services.shutDown()
        // Only a second shutdown fails.
        try? await group.shutdownGracefully()
    }
}

extension ServerFixture {
    /// Runs a test in front of a scripted provider.
    static func with<Result>(
        _ provider: ScriptedServer,
        _ change: (inout ServerSettings) -> Void = { _ in },
        _ body: (ServerFixture) async throws -> Result
    ) async throws -> Result {
        defer { provider.stop() }
        return try await with(port: Int(provider.port), change, body)
    }

    /// Runs a test in front of a simulated provider.
    static func with<Result>(
        _ change: (inout ServerSettings) -> Void = { _ in },
        _ body: (ServerFixture, WitnessLog) async throws -> Result
    ) async throws -> Result {
        let simulator = try await Simulator.start()
        do {
            let result = try await with(port: simulator.port, change) { try await body($0, simulator.witness) }
            await simulator.shutdown()
            return result
        } catch {
            await simulator.shutdown()
            throw error
        }
    }

    /// Runs a test in front of whatever listens on a loopback port.
    static func with<Result>(
        port: Int,
        _ change: (inout ServerSettings) -> Void = { _ in },
        _ body: (ServerFixture) async throws -> Result
    ) async throws -> Result {
        var settings = ServerSettings()
        change(&settings)
        let fixture = try await ServerFixture(providerPort: port, settings)
        do {
            let result = try await body(fixture)
            await fixture.end()
            return result
        } catch {
            await fixture.end()
            throw error
        }
    }
}

extension ProviderSettings {
    /// A provider on a loopback port, mounted at `/v1`.
    static func loopback(_ port: Int) -> ProviderSettings {
        ProviderSettings(
            name: "provider",
            origin: ProviderOrigin(isSecure: false, host: "127.0.0.1", port: UInt16(port), pathPrefix: "/v1")
        )
    }
}

extension Rules {
    /// The same rules for other providers.
    fileprivate func with(_ providers: ProviderMounts) -> Rules {
        Rules(
            providers: providers,
            prices: prices,
            identities: identities,
            bodyLimitBytes: bodyLimitBytes,
            origins: origins,
            estimates: estimates,
            unedited: unedited,
            jobs: jobs,
            quantiles: quantiles,
            admission: admission,
            recording: recording
        )
    }
}
