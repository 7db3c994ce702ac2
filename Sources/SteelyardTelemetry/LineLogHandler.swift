import Glibc
public import Logging

/// Makes swift-log's messages lines of the same log: libraries log through it too.
public struct LineLogHandler: LogHandler {
    private let writer: LogWriter
    private let format: LogLineFormat
    /// See `LogHandler`.
    public var logLevel: Logger.Level
    /// See `LogHandler`.
    public var metadata: Logger.Metadata = [:]

    /// Makes a handler that writes to `writer`.
    public init(writer: LogWriter, format: LogLineFormat, level: Logger.Level) {
        self.writer = writer
        self.format = format
        logLevel = level
    }

    /// See `LogHandler`.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// See `LogHandler`.
    public func log(event: LogEvent) {
        var line = LogLine(
            format: format,
            atMilliseconds: LogClock.milliseconds(),
            level: event.level.rawValue,
            message: event.message.description
        )
        if let detail = describe(metadata.merging(event.metadata ?? [:]) { $1 }) { line.add("detail", detail) }
        writer.write(line.finished)
    }

    private func describe(_ metadata: Logger.Metadata) -> String? {
        guard !metadata.isEmpty else { return nil }
        return metadata.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

/// The clock of log lines.
public enum LogClock {
    /// Milliseconds since 1970.
    public static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
