public import SteelyardPolicy

/// `admin` in proxy.yaml: `/metrics`, `/healthz`, `/readyz`, `/admin` and `/console`.
public struct AdminSettings: Hashable, Sendable {
    /// Where it listens; the data listener's address when the file names none.
    public var listen: ListenAddress
    /// What a caller must present for all but `/healthz` and `/readyz`; only a loopback address may go without.
    public var token: Secret?

    /// Makes the section; every default is that of proxy.yaml.
    public init(listen: ListenAddress = .standard, token: Secret? = nil) {
        self.listen = listen
        self.token = token
    }
}

/// `metrics` in proxy.yaml.
public struct MetricsSettings: Hashable, Sendable {
    /// The most series `/metrics` ever holds; what comes later is folded into `other`.
    public var maximumSeries: Int
    /// Whether tool calls are counted and timed by tool name.
    public var countsTools: Bool

    /// Makes the section; every default is that of proxy.yaml.
    public init(maximumSeries: Int = 20_000, countsTools: Bool = true) {
        self.maximumSeries = maximumSeries
        self.countsTools = countsTools
    }
}

/// `logging` in proxy.yaml.
public struct LoggingSettings: Hashable, Sendable {
    /// The least severe line that is written.
    public var level: LogLevel
    /// How a line looks.
    public var format: LogFormat
    /// Whether every exchange gets a line.
    public var writesAccessLines: Bool

    /// Makes the section; every default is that of proxy.yaml.
    public init(level: LogLevel = .info, format: LogFormat = .json, writesAccessLines: Bool = true) {
        self.level = level
        self.format = format
        self.writesAccessLines = writesAccessLines
    }
}

/// Severities of log lines, named as in swift-log, least severe first.
public enum LogLevel: String, Hashable, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// How a log line looks.
public enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// One sentence a line, for people at a terminal.
    case text
}
