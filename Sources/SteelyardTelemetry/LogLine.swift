/// How log lines are written.
public enum LogLineFormat: Sendable {
    /// One JSON object per line.
    case json
    /// `key=value` pairs, for people.
    case text
}

/// One log line under construction: names are ours, values are escaped, and no content is added.
public struct LogLine: Sendable {
    private let format: LogLineFormat
    private var bytes: [UInt8] = []

    /// Starts a line with its time (milliseconds since 1970, UTC), level and message.
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
        let isWritten = value.utf8Span.span.withUnsafeBufferPointer { addPlain(name, $0) }
        guard !isWritten else { return }
        begin(name)
        append("\"")
        bytes.append(escapingScalars: value)
        append("\"")
    }

    /// Adds text if there is any.
    public mutating func add(_ name: StaticString, _ value: String?) {
        if let value { add(name, value) }
    }

    /// Adds a number if there is one.
    public mutating func add(_ name: StaticString, _ value: Int64?) {
        guard let value else { return }
        begin(name)
        bytes.append(decimal: value)
    }

    /// Adds `value` × 10⁻ᵖˡᵃᶜᵉˢ exactly and without trailing zeros, for example money: 1 500 with 3 places is `1.5`. At
    /// most 18 places.
    public mutating func add(_ name: StaticString, _ value: Int64, places: Int) {
        begin(name)
        bytes.append(decimal: value, places: places)
    }

    /// Adds a Boolean.
    public mutating func add(_ name: StaticString, _ value: Bool) {
        begin(name)
        append(value ? "true" : "false")
    }

    /// Adds metadata of a library. If it has one of our names, it gets an underscore, so that no member appears twice.
    mutating func add(metadata name: String, _ value: String) {
        let isOurs = name == "time" || name == "level" || name == "message"
        append(format == .json ? ",\"" : " ")
        bytes.append(escaping: isOurs ? name + "_" : name)
        append(format == .json ? "\":\"" : "=\"")
        bytes.append(escaping: value)
        append("\"")
    }

    /// The finished line with its line feed. Nothing can be added afterwards.
    public consuming func finished() -> [UInt8] {
        append(format == .json ? "}\n" : "\n")
        return bytes
    }

    /// Adds text that needs no escape, in one append. Returns false, and adds nothing, if it may need one.
    private mutating func addPlain(_ name: StaticString, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard value.isPlain else { return false }
        bytes.append(addingCapacity: name.utf8CodeUnitCount + value.count + 6) { output in
            output.append(name: name, format)
            output.append(UInt8(ascii: "\""))
            output.append(copying: value)
            output.append(UInt8(ascii: "\""))
        }
        return true
    }

    private mutating func begin(_ name: StaticString) {
        bytes.append(addingCapacity: name.utf8CodeUnitCount + 4) { $0.append(name: name, format) }
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(addingCapacity: text.utf8CodeUnitCount) { $0.append(copying: text.bytes) }
    }
}

extension StaticString {
    fileprivate var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}

extension OutputSpan<UInt8> {
    /// Writes the separator and the name before a value.
    fileprivate mutating func append(name: StaticString, _ format: LogLineFormat) {
        guard format == .json else {
            append(UInt8(ascii: " "))
            append(copying: name.bytes)
            return append(UInt8(ascii: "="))
        }
        append(UInt8(ascii: ","))
        append(UInt8(ascii: "\""))
        append(copying: name.bytes)
        append(UInt8(ascii: "\""))
        append(UInt8(ascii: ":"))
    }

    /// Copies all bytes at once: `append` of single bytes checks and counts each one.
    fileprivate mutating func append(copying source: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBufferPointer { buffer, count in
            let end = count + source.count
            precondition(end <= buffer.count, "room was made for a shorter text")
            _ = UnsafeMutableBufferPointer(rebasing: buffer[count..<end]).update(fromContentsOf: source)
            count = end
        }
    }
}

extension [UInt8] {
    private static let hexDigits = Array("0123456789abcdef".utf8)

    /// Appends text so that one event stays one line and one value, whatever a peer sent (CWE-117).
    fileprivate mutating func append(escaping text: String) {
        let isWritten = text.utf8Span.span.withUnsafeBufferPointer { bytes in
            guard bytes.isPlain else { return false }
            append(contentsOf: bytes)
            return true
        }
        if !isWritten { append(escapingScalars: text) }
    }

    fileprivate mutating func append(escapingScalars text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": self += [UInt8(ascii: "\\"), UInt8(ascii: scalar)]
            case _ where scalar.isUnprintable: for unit in scalar.utf16 { append(escaped: unit) }
            default: append(contentsOf: String(scalar).utf8)
            }
        }
    }

    /// `\u000a`: JSON's notation, also used in text lines (RFC 8259 §7).
    private mutating func append(escaped unit: UInt16) {
        self += [UInt8(ascii: "\\"), UInt8(ascii: "u")]
        for shift in [12, 8, 4, 0] { append(Self.hexDigits[Int(unit >> UInt16(shift)) & 15]) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether all bytes are printable ASCII without escapes: eight bytes at a time, then one by one.
    fileprivate var isPlain: Bool {
        let words = UnsafeRawBufferPointer(self)
        var index = 0
        while index + 8 <= count {
            // In bounds: the word ends at `count` or earlier.
            guard words.loadUnaligned(fromByteOffset: index, as: UInt64.self).isEightPlainBytes else { return false }
            index += 8
        }
        return self[index...].allSatisfy(\.isPlain)
    }
}

extension UInt64 {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// ``UInt8/isPlain`` for all eight bytes (Hacker's Delight §6-1: a byte is zero if subtracting one borrows into a
    /// top bit that was not set).
    fileprivate var isEightPlainBytes: Bool {
        let isLow = (self &- 0x20 &* Self.ones) & ~self
        let isSpecial =
            hasZero(self ^ 0x22 &* Self.ones) | hasZero(self ^ 0x5C &* Self.ones)
            | hasZero(self ^ 0x7F &* Self.ones)
        return (self | isLow | isSpecial) & Self.tops == 0
    }

    private func hasZero(_ word: UInt64) -> UInt64 { (word &- Self.ones) & ~word }
}

extension UInt8 {
    /// Printable ASCII that needs no escape.
    fileprivate var isPlain: Bool { 0x20..<0x7F ~= self && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\") }
}

extension Unicode.Scalar {
    /// Control characters (also of terminals, U+009B), line ends of other systems, and invisible formatting that could
    /// reorder the text (U+202E).
    fileprivate var isUnprintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
