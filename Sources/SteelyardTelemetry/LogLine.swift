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
        bytes.reserveCapacity(768)
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
            bytes.append(contentsOf: level.utf8)
            append(" ")
            bytes.append(escaping: message)
        }
    }

    /// Adds text.
    public mutating func add(_ name: StaticString, _ value: String) {
        begin(name)
        append("\"")
        bytes.append(escaping: value)
        append("\"")
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
        bytes.append(contentsOf: number.utf8)
    }

    /// Adds a truth value.
    public mutating func add(_ name: StaticString, _ value: Bool) { add(name, number: value ? "true" : "false") }

    /// Adds what a library says beside its message; a name of ours gets an underscore, so that no member comes twice.
    mutating func add(metadata name: String, _ value: String) {
        let isOurs = name == "time" || name == "level" || name == "message"
        append(format == .json ? ",\"" : " ")
        bytes.append(escaping: isOurs ? name + "_" : name)
        append(format == .json ? "\":\"" : "=\"")
        bytes.append(escaping: value)
        append("\"")
    }

    /// The finished line with its line feed; nothing is added afterwards.
    public consuming func finished() -> [UInt8] {
        append(format == .json ? "}\n" : "\n")
        return bytes
    }

    private mutating func begin(_ name: StaticString) {
        append(format == .json ? ",\"" : " ")
        append(name)
        append(format == .json ? "\":" : "=")
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension [UInt8] {
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Appends text so that one event stays one line and one value, whatever a peer has sent (CWE-117).
    fileprivate mutating func append(escaping text: String) {
        guard text.utf8.allSatisfy(\.isPlain) else { return append(escapingScalars: text) }
        append(contentsOf: text.utf8)
    }

    private mutating func append(escapingScalars text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": self += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
            case _ where scalar.isUnprintable: for unit in scalar.utf16 { append(escaped: unit) }
            default: append(contentsOf: String(scalar).utf8)
            }
        }
    }

    /// `\u000a`: JSON's notation, also in text (RFC 8259 §7).
    private mutating func append(escaped unit: UInt16) {
        self += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
        for shift in [12, 8, 4, 0] { append(Self.hexDigits[Int(unit >> UInt16(shift)) & 15]) }
    }
}

extension UInt8 {
    /// Printable ASCII that needs no escape.
    fileprivate var isPlain: Bool { 0x20..<0x7F ~= self && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\") }
}

extension Unicode.Scalar {
    /// Controls (of terminals too, U+009B), line ends of other systems, and invisible formatting that could reorder what
    /// a reader sees (U+202E).
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
