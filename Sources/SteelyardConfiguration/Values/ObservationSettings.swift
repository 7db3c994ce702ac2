public import SteelyardPolicy

/// `admin` in proxy.yaml: `/metrics`, `/healthz`, `/readyz`, `/admin` and `/console`.
public struct AdminSettings: Hashable, Sendable {
    /// The address to listen on; the data listener's address if the file names none.
    public var listen: ListenAddress
    /// The token that callers must send, except for `/healthz` and `/readyz`; only a loopback address may have none.
    public var token: Secret?

    /// Makes the section; all defaults are those of proxy.yaml.
    public init(listen: ListenAddress = .standard, token: Secret? = nil) {
        self.listen = listen
        self.token = token
    }
}

/// `metrics` in proxy.yaml.
public struct MetricsSettings: Hashable, Sendable {
    /// The most series in `/metrics`; further ones fold into `other`.
    public var maximumSeries: Int
    /// Whether tool calls are counted and timed by tool name.
    public var countsTools: Bool

    /// Makes the section; all defaults are those of proxy.yaml.
    public init(maximumSeries: Int = 20_000, countsTools: Bool = true) {
        self.maximumSeries = maximumSeries
        self.countsTools = countsTools
    }
}

/// `logging` in proxy.yaml.
public struct LoggingSettings: Hashable, Sendable {
    /// The lowest level of lines to write.
    public var level: LogLevel
    /// The format of a line.
    public var format: LogFormat
    /// Whether every exchange gets a line.
    public var writesAccessLines: Bool

    /// Makes the section; all defaults are those of proxy.yaml.
    public init(level: LogLevel = .info, format: LogFormat = .json, writesAccessLines: Bool = true) {
        self.level = level
        self.format = format
        self.writesAccessLines = writesAccessLines
    }
}

/// Levels of log lines, named as in swift-log, lowest first.
public enum LogLevel: String, Hashable, Sendable, CaseIterable {
    case trace, debug, info, notice, warning, error, critical
}

/// The format of a log line.
public enum LogFormat: String, Hashable, Sendable, CaseIterable {
    /// One JSON object per line, for machines.
    case json
    /// One sentence per line, for people at a terminal.
    case text
}
