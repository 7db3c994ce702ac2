/// How log lines are written.
public enum LogLineFormat: Sendable {
    /// One JSON object a line.
    case json
    /// `key=value` pairs, for people.
    case text
}

/// One line of the log while it is put together: names are ours, values are escaped, content never goes in.
public struct LogLine: Sendable {
    private let format: LogLineFormat
    private var bytes: [UInt8] = []

    /// Begins a line with its time (milliseconds since 1970, UTC), level and message.
    public init(format: LogLineFormat, atMilliseconds time: Int64, level: String, message: String) {
        self.format = format
        bytes.reserveCapacity(1024)
        switch format {
        case .json:
            append("{\"time\":\"")
            UTCTimestamp(milliseconds: time).append(to: &bytes)
            append("\"")
            add("level", level)
            add("message", message)
        case .text:
            UTCTimestamp(milliseconds: time).append(to: &bytes)
            append(" ")
            append(level)
            append(" ")
            escape(message)
        }
    }

    /// Adds text.
    public mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        bytes.append(UInt8(ascii: "\""))
        escape(value)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds text if there is any.
    public mutating func add(_ name: StaticString, _ value: String?) {
        if let value { add(name, value) }
    }

    /// Adds a number if there is one.
    public mutating func add(_ name: StaticString, _ value: Int64?) {
        if let value { add(name, number: String(value)) }
    }

    /// Adds a number given as decimal text, so that money is written exactly.
    public mutating func add(_ name: StaticString, number: String) {
        begin(name)
        append(number)
    }

    /// Adds a truth value.
    public mutating func add(_ name: StaticString, _ value: Bool) { add(name, number: value ? "true" : "false") }

    /// The finished line with its line feed.
    public var finished: [UInt8] {
        var line = self
        line.append(format == .json ? "}\n" : "\n")
        return line.bytes
    }

    /// The line that tells of lost ones.
    static func dropped(_ count: Int) -> [UInt8] {
        Array("{\"level\":\"warning\",\"message\":\"log lines dropped\",\"count\":\(count)}\n".utf8)
    }

    private mutating func begin(_ name: StaticString) {
        switch format {
        case .json:
            append(",\"")
            append(name)
            append("\":")
        case .text:
            append(" ")
            append(name)
            append("=")
        }
    }

    private mutating func append(_ text: StaticString) { text.withUTF8Buffer { bytes.append(contentsOf: $0) } }

    private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// One event stays one line, whatever a peer sends: control characters, quotes and ANSI escapes are escaped.
    private mutating func escape(_ text: String) {
        guard !Self.isPlain(text.utf8Span.span) else { return append(text) }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20, 0x7F:
                append("\\u00")
                append(String(byte >> 4, radix: 16))
                append(String(byte & 15, radix: 16))
            default: bytes.append(byte)
            }
        }
    }

    /// Whether nothing in it needs to be escaped, as with nearly every value.
    private static func isPlain(_ text: Span<UInt8>) -> Bool {
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7F: return false
            default: continue
            }
        }
        return true
    }
}
