import Glibc
public import Logging
import SteelyardClock

/// Writes swift-log's messages as lines of the same log, because libraries use swift-log too.
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

    /// See `LogHandler`. Metadata become members of the line, sorted by name.
    public func log(event: LogEvent) {
        var line = LogLine(
            format: format,
            atMilliseconds: WallClock.milliseconds(),
            level: event.level.rawValue,
            message: event.message.description
        )
        for (name, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: <) {
            line.add(metadata: name, value.ordered)
        }
        writer.write(line.finished())
    }
}

extension Logger.MetadataValue {
    /// The same text for equal values: dictionaries have no order of their own.
    fileprivate var ordered: String {
        switch self {
        case .string(let text): text
        case .stringConvertible(let value): value.description
        case .array(let values): "[" + values.map(\.ordered).joined(separator: ", ") + "]"
        case .dictionary(let members):
            "{" + members.sorted(by: <).map { "\($0): \($1.ordered)" }.joined(separator: ", ") + "}"
        }
    }
}

/// Sorts metadata by name; two members of one dictionary never share a name.
private func < (left: Logger.Metadata.Element, right: Logger.Metadata.Element) -> Bool { left.key < right.key }
