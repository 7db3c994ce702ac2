import Logging
import NIOCore
import NIOPosix
public import SteelyardConfiguration
import SteelyardMetrics
public import SteelyardPolicy
import SteelyardServer
import SteelyardTelemetry
import SteelyardUpstream

/// The parts of one gateway, wired.
final class GatewayParts: Sendable {
    let logger: Logger
    let logWriter: LogWriter
    let metrics: GatewayMetrics
    let learned: LearnedFacts
    let upstream: UpstreamPool
    let recorder: Recorder
    let services: ServerServices
    let readiness = Readiness()
    let group: MultiThreadedEventLoopGroup
    let lag = LoopLag()

    init(_ configuration: Configuration) throws {
        let format = configuration.logging.lineFormat
        let writer = LogWriter(format: format)
        logWriter = writer
        let handler = LineLogHandler(writer: writer, format: format, level: .init(configuration.logging.level))
        logger = Logger(label: "steelyard") { _ in handler }
        metrics = GatewayMetrics(maximumSeries: configuration.metrics.maximumSeries)
        learned = LearnedFacts()
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        upstream = try UpstreamPool(workerCount: System.coreCount, providers: configuration.providers)
        let rules = try Rules(configuration, learned: learned)
        let log = configuration.logging.writesAccessLines ? AccessLog(writer: writer, format: format) : nil
        recorder = Recorder(
            metrics: metrics,
            rules: ActiveRules(rules: rules, providers: upstream.providers),
            countsTools: configuration.metrics.countsTools,
            log: log
        )
        services = ServerServices(
            recorder: recorder,
            upstream: upstream,
            limits: ClientLimits(configuration.server),
            gatherBudget: GatherBudget(limitBytes: configuration.server.limits.gatherBytes)
        )
        declareOwnHealth(rules.prices)
    }

    /// Metrics about Steelyard itself.
    private func declareOwnHealth(_ prices: PriceBook) {
        ProcessReadings.declare(in: metrics.registry)
        let lag = lag
        lag.watch(group)
        metrics.registry.observedGauge(
            "ai_event_loop_lag_seconds",
            help: "The worst delay of an event loop since the last scrape."
        ) { $0.add(.nanoseconds(lag.takeWorst())) }
        let recorder = recorder
        metrics.registry.observedGauge(
            "ai_price_book_info",
            help: "The prices in use.",
            labels: ["version", "as_of"]
        ) { readings in
            let prices = recorder.active.rules.prices
            readings.add(.integer(1), prices.version, prices.asOf?.text ?? "")
        }
        metrics.registry.observedGauge(
            "steelyard_build_info",
            help: "What is running.",
            labels: ["version"]
        ) { $0.add(.integer(1), GatewayVersion.text) }
    }

    /// Ends threads and flushes the log.
    func shutDown() {
        lag.stop()
        upstream.shutdown()
        try? group.syncShutdownGracefully()
        logWriter.flush(within: 2)
    }
}

/// What is learned while running and outlives reloads.
struct LearnedFacts: Sendable {
    let ratios = TokenRatios()
    let refusals = InjectionRefusals()
    let jobs = OpenJobs()
}

/// The version of this build.
public enum GatewayVersion {
    /// A semantic version.
    public static let text = "0.1.0"
}

extension Rules {
    /// The rules of a checked configuration.
    convenience init(_ configuration: Configuration, learned: LearnedFacts) throws {
        self.init(
            providers: ProviderMounts(configuration.providers),
            prices: try PriceBook.inForce(configuration.prices),
            defaultTeam: configuration.defaultTeam,
            bodyLimitBytes: configuration.server.limits.bodyBytes,
            ratios: learned.ratios,
            refusals: learned.refusals,
            jobs: learned.jobs
        )
    }
}

extension PriceBook {
    /// The built-in book, with the operator's own prices over it.
    public static func inForce(_ settings: PriceSettings) throws -> PriceBook {
        let book = try builtIn()
        guard !settings.models.isEmpty else { return book }
        return try book.overridden(by: settings.models, version: book.version + "+" + settings.version)
    }
}

extension ClientLimits {
    /// The limits of a configuration in the server's units.
    init(_ settings: ServerSettings) {
        self.init()
        connections = settings.limits.connections
        headerBytes = settings.limits.headerBytes
        headerTimeout = .seconds(settings.timeouts.headerSeconds)
        bodyTimeout = .seconds(settings.timeouts.bodySeconds)
        idleTimeout = .seconds(settings.timeouts.idleSeconds)
        writeStallTimeout = .seconds(settings.timeouts.writeStallSeconds)
    }
}

extension TimeAmount {
    fileprivate static func seconds(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}

extension LoggingSettings {
    /// The log's line format.
    var lineFormat: LogLineFormat { format == .json ? .json : .text }
}

extension Logger.Level {
    /// The configured level in swift-log's words, which are the same.
    init(_ level: LogLevel) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}
