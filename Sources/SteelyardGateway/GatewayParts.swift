import Dispatch
import Logging
import NIOCore
import NIOPosix
import SteelyardClock
public import SteelyardConfiguration
import SteelyardDialer
import SteelyardExchange
import SteelyardLedger
import SteelyardMetrics
public import SteelyardPolicy
import SteelyardServer
import SteelyardTelemetry

/// The parts of one gateway, connected.
final class GatewayParts: Sendable {
    let logger: Logger
    let logWriter: LogWriter
    let metrics: GatewayMetrics
    let learned: LearnedFacts
    let records: ChargeRecords
    let tls: ListenerTLS?
    let dialer: Dialer
    let recorder: Recorder
    let services: ServerServices
    let readiness: Readiness
    let group: MultiThreadedEventLoopGroup
    let lag = LoopLag()
    let reloads = Reloads(startedAtSeconds: WallClock.seconds())

    init(_ configuration: Configuration) throws(GatewayError) {
        let plan = try DescriptorPlan.inForce(
            connections: configuration.server.limits.connections,
            isEncrypted: configuration.server.tls != nil,
            cores: System.coreCount
        )
        let format = configuration.logging.lineFormat
        let writer = LogWriter(format: format)
        logWriter = writer
        let handler = LineLogHandler(writer: writer, format: format, level: .init(configuration.logging.level))
        logger = Logger(label: "steelyard") { _ in handler }
        metrics = GatewayMetrics(maximumSeries: configuration.metrics.maximumSeries)
        learned = LearnedFacts()
        tls = try configuration.listenerTLS()
        let records = try ChargeRecords(opening: configuration, learned, logger)
        self.records = records
        readiness = Readiness(learned.recording) { records.fileFailure != nil }
        let active = try ActiveRules(configuration, learned: learned)
        try learned.install(AdmissionRules(configuration, knownBy: active.rules.prices), records)
        for opening in records.restored {
            learned.admission.restore(opening, wallSeconds: WallClock.seconds())
        }
        do throws(DialerSetupError) { dialer = try Dialer() } catch { throw .noResources("\(error)") }
        recorder = Recorder(
            metrics: metrics,
            records: records,
            rules: active,
            countsTools: configuration.metrics.countsTools,
            log: configuration.logging.writesAccessLines ? AccessLog(writer: writer, format: format) : nil
        )
        services = ServerServices(
            recorder: recorder,
            dialer: dialer,
            limits: ClientLimits(configuration.server, plan),
            gatherBudget: GatherBudget(limitBytes: configuration.server.limits.gatherBytes)
        )
        group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        lag.watch(group)
        declareOwnHealth()
        if plan.connections < configuration.server.limits.connections { warn(of: plan, configuration) }
    }

    /// The limit of open files is smaller than the configuration needs.
    private func warn(of plan: DescriptorPlan, _ configuration: Configuration) {
        let wanted = DescriptorPlan(
            connections: configuration.server.limits.connections,
            isEncrypted: configuration.server.tls != nil
        )
        logger.warning(
            "server.limits.connections was lowered: the limit of open files is too low; raise it (ulimit -n, LimitNOFILE)",
            metadata: [
                "connections": "\(plan.connections)", "configured": "\(wanted.connections)",
                "open_files": "\(Descriptors.limit ?? 0)",
                "needed": "\(wanted.descriptorCount(cores: System.coreCount))",
            ]
        )
    }

    /// Metrics about Steelyard itself.
    private func declareOwnHealth() {
        let (registry, lag, recorder, jobs) = (metrics.registry, lag, recorder, learned.jobs)
        ProcessReadings.declare(in: registry)
        reloads.declare(in: registry)
        StandingMetrics(admission: learned.admission, records: records, wallSeconds: { WallClock.seconds() })
            .declare(in: registry)
        registry.observedGauge(
            "ai_event_loop_lag_seconds",
            help: "The worst delay of an event loop since the last scrape."
        ) { $0.add(.nanoseconds(lag.takeWorst())) }
        registry.observedGauge(
            "ai_open_jobs",
            help: "Background jobs without usage so far: their cost is not counted yet."
        ) { $0.add(.integer(Int64(jobs.count))) }
        registry.observedGauge("ai_price_book_info", help: "The price book in use.", labels: ["version", "as_of"]) {
            let prices = recorder.rules.prices
            $0.add(.integer(1), prices.version, prices.asOf?.text ?? "")
        }
        registry.observedGauge("steelyard_build_info", help: "The running version.", labels: ["version"]) {
            $0.add(.integer(1), GatewayVersion.text)
        }
    }

    /// Ends threads and flushes the log. Exchanges that are still open end before their loops do, so that each still
    /// gets its log line.
    func shutDown() {
        lag.stop()
        services.shutDown()
        // It fails only if the loops have ended already.
        try? group.syncShutdownGracefully()
        records.close()
        logWriter.flush(within: 2)
    }
}

/// What the gateway learns while it runs, and keeps across reloads.
struct LearnedFacts: Sendable {
    let estimates = TokenEstimates()
    let quantiles = UsageQuantiles()
    let admission = Admission(calendar: CivilCalendar.bounds)
    let recording = Recording()
    let unedited = UneditedModels()
    let jobs = OpenJobs()
    /// Reads the sums for windows that budgets have entered. Reading blocks, so this queue does nothing else.
    fileprivate let sums = DispatchQueue(label: "steelyard.sums")
}

extension LearnedFacts {
    /// Installs the budgets and limits of a configuration; reads the spending of new budgets from the ledger.
    ///
    /// - Parameter loops: The loops that settle charges. This blocks until each of them has had a turn, so never call
    ///   it on one of them. A charge is settled and recorded in one turn of a loop. So after that turn, the journal has
    ///   every charge that no budget counts any more.
    func install(
        _ rules: AdmissionRules,
        _ records: ChargeRecords,
        loops: (any EventLoopGroup)? = nil
    ) throws(GatewayError) {
        do throws(LedgerError) {
            try admission.install(
                rules,
                wallSeconds: WallClock.seconds(),
                recordedUntil: records.recordedUntil
            ) { (queries, counted) throws(LedgerError) in
                loops?.awaitTurn()
                return try records.spent(queries, knownBy: rules.prices, leavingOut: counted)
            }
        } catch {
            throw .noLedger(error)
        }
    }

    /// Sums from the ledger, on a queue of its own, the windows that budgets have entered and that may not be empty. If
    /// one search has not ended, the next waits for it.
    func sumWindows(
        nowSeconds: Int64,
        knownBy prices: PriceBook,
        _ records: ChargeRecords,
        loops: any EventLoopGroup,
        onFailure: @escaping @Sendable (LedgerError) -> Void
    ) {
        guard admission.awaitsSums(wallSeconds: nowSeconds) else { return }
        sums.async { [admission] in
            do throws(LedgerError) {
                try admission.sumWindows { (queries, counted) throws(LedgerError) in
                    loops.awaitTurn()
                    return try records.spent(queries, knownBy: prices, isForEntered: true, leavingOut: counted)
                }
            } catch {
                onFailure(error)
            }
        }
    }
}

extension EventLoopGroup {
    /// Blocks until each loop has had a turn, so never call it on one of them.
    fileprivate func awaitTurn() {
        // It fails only if the loops are gone; then there are no charges to miss either.
        for loop in makeIterator() { try? loop.submit {}.wait() }
    }
}

/// The version of this build.
public enum GatewayVersion {
    /// A semantic version.
    public static let text = "0.1.0"
}

extension Rules {
    /// The rules of a checked configuration; providers that `previous` has, too, keep their objects.
    convenience init(
        _ configuration: Configuration,
        after previous: Rules? = nil,
        learned: LearnedFacts
    ) throws(GatewayError) {
        let prices: PriceBook
        do { prices = try PriceBook.inForce(configuration.prices) } catch { throw .badPrices("\(error)") }
        self.init(
            providers: ProviderMounts(configuration.providers, after: previous?.providers),
            prices: prices,
            identities: IdentityTable(teams: configuration.teams, defaultTeam: configuration.defaultTeam),
            refusesUnpriced: configuration.prices.unpriced == .refuse,
            unrecorded: configuration.ledger?.onFailure ?? .allow,
            bodyLimitBytes: configuration.server.limits.bodyBytes,
            origins: configuration.server.origins,
            estimates: learned.estimates,
            unedited: learned.unedited,
            jobs: learned.jobs,
            quantiles: learned.quantiles,
            admission: learned.admission,
            recording: learned.recording
        )
    }
}

extension ActiveRules {
    /// The rules of a checked configuration, and how to reach its providers.
    ///
    /// - Parameter previous: The providers so far. Those that have not changed keep their connections.
    init(
        _ configuration: Configuration,
        learned: LearnedFacts,
        after previous: ActiveRules? = nil
    ) throws(GatewayError) {
        let rules = try Rules(configuration, after: previous?.rules, learned: learned)
        do throws(TLSProblem) {
            let providers = try ProviderTable(rules.providers.providers, after: previous?.providers)
            self.init(rules: rules, providers: providers)
        } catch {
            throw .badAuthorities(error.description)
        }
    }
}

extension PriceBook {
    /// The built-in price book, overridden by the operator's own prices.
    public static func inForce(_ settings: PriceSettings) throws -> PriceBook {
        let book = try builtIn()
        guard !settings.models.isEmpty else { return book }
        return try book.overridden(by: settings.models, version: book.version + "+" + settings.version)
    }
}

extension ClientLimits {
    /// The limits of a configuration in the server's units, reduced to what the descriptors allow.
    init(_ settings: ServerSettings, _ plan: DescriptorPlan) {
        self.init()
        connections = plan.connections
        surplusConnections = plan.surplus
        handshakes = plan.handshakes
        headerBytes = settings.limits.headerBytes
        headerTimeout = .seconds(settings.timeouts.headerSeconds)
        bodyTimeout = .seconds(settings.timeouts.bodySeconds)
        idleTimeout = .seconds(settings.timeouts.idleSeconds)
        writeStallTimeout = .seconds(settings.timeouts.writeStallSeconds)
    }
}

extension LoggingSettings {
    /// The format of log lines.
    var lineFormat: LogLineFormat { format == .json ? .json : .text }
}

extension Logger.Level {
    /// The configured level in swift-log's words, which are the same.
    init(_ level: LogLevel) { self = Logger.Level(rawValue: level.rawValue) ?? .info }
}

extension AdmissionRules {
    /// The budgets and limits of a configuration.
    init(_ configuration: Configuration, knownBy prices: PriceBook) {
        self.init(
            organization: configuration.organization.budgets,
            teams: configuration.teams,
            defaultTeam: configuration.defaultTeam,
            prices: prices
        )
    }
}

extension Configuration {
    /// The certificates of the data listener; nil: it speaks plain HTTP.
    fileprivate func listenerTLS() throws(GatewayError) -> ListenerTLS? {
        guard let tls = server.tls else { return nil }
        let files = TLSFiles(
            certificateChain: tls.certificateFile,
            privateKey: tls.privateKeyFile,
            clientAuthorities: tls.clientAuthorityFile
        )
        do throws(TLSProblem) { return try ListenerTLS(files) } catch { throw .badCertificates(error.description) }
    }
}

extension Gateway {
    /// Reads the certificates of `server.tls` as a start does: the configuration alone does not show whether a key
    /// belongs to its certificate.
    ///
    /// - Throws: ``GatewayError/badCertificates(_:)``.
    public static func checkCertificates(of configuration: Configuration) throws(GatewayError) {
        _ = try configuration.listenerTLS()
    }
}

extension GatewayParts {
    /// Reads the listener's certificates again, without using them yet; nil without TLS.
    func renewedCertificates() throws(GatewayError) -> ListenerTLS.Certificates? {
        do throws(TLSProblem) { return try tls?.read() } catch { throw .badCertificates(error.description) }
    }

    /// Makes a new configuration the one in force: for later requests, and for later connections.
    func take(_ active: ActiveRules, _ certificates: ListenerTLS.Certificates?) {
        if let certificates { tls?.use(certificates) }
        recorder.replaceRules(active)
        services.keepOnly(active.providers)
    }

    /// Does the work that is due about once a second: retries of the ledger, and events of budgets.
    func passed(nowSeconds: Int64) {
        records.passed(nowSeconds: nowSeconds)
        let prices = recorder.rules.prices
        learned.sumWindows(nowSeconds: nowSeconds, knownBy: prices, records, loops: group) { [logger] error in
            logger.error(
                "cannot read from the ledger what a budget has spent; it refuses requests until it can",
                metadata: ["reason": "\(error)"]
            )
        }
        for event in learned.admission.takeEvents() { logger.log(event) }
    }
}

extension Logger {
    /// Logs an event of a budget.
    fileprivate func log(_ event: BudgetEvent) {
        switch event {
        case .reached(let threshold):
            warning(
                "a budget reached a warning threshold",
                metadata: [
                    "team": "\(threshold.scope.teamLabel)", "window": "\(threshold.rule.windowText)",
                    "spent_usd": "\(threshold.spent.usdText)", "limit_usd": "\(threshold.rule.limit.usdText)",
                    "percent": "\(threshold.permille / 10)",
                ]
            )
        case .clockWentBack(let from, let to):
            error("the system clock went back by more than a day", metadata: ["from": "\(from)", "to": "\(to)"])
        case .leaked(let team, let hold):
            error(
                "a reservation was dropped without a settlement",
                metadata: ["team": "\(team)", "usd": "\(hold.usdText)"]
            )
        }
    }
}
