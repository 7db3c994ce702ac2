/// Steps through the parameters of a field value, `; name=value; name="value"` (RFC 2045 §5.1), as long as there is
/// only one way to read them.
///
/// A quote after a backslash ends a value by the browsers' rule (WHATWG HTML §4.10.22.8), but not by RFC 9110 §5.6.4,
/// which Go's `mime/multipart` writes. A reader that ends the value there finds another parameter only after a
/// semicolon, and a reader that searches for a parameter needs its equals sign. So a value without either reads the
/// same, as far as the other parameters go.
struct ParameterCursor {
    private var position: Int

    /// Begins where the value itself ends: at the first semicolon or at the end.
    init(at position: Int) { self.position = position }

    /// The next parameter; nil at the end.
    mutating func next(_ bytes: Span<UInt8>) throws(FormDefect) -> (name: Range<Int>, value: Range<Int>)? {
        skip(bytes, while: \.isOptionalSpace)
        guard position == bytes.count || bytes[position] == .semicolon else { throw .partHead }
        skip(bytes) { $0.isOptionalSpace || $0 == .semicolon }
        guard position < bytes.count else { return nil }
        let name = skip(bytes, while: \.isTokenCharacter)
        guard !name.isEmpty, position < bytes.count, bytes[position] == UInt8(ascii: "=") else { throw .partHead }
        position += 1
        return (name, try value(bytes))
    }

    private mutating func value(_ bytes: Span<UInt8>) throws(FormDefect) -> Range<Int> {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let value = skip(bytes, while: \.mayStandUnquoted)
            if value.isEmpty { throw .partHead }
            return value
        }
        position += 1
        return try quoted(bytes)
    }

    private mutating func quoted(_ bytes: Span<UInt8>) throws(FormDefect) -> Range<Int> {
        let start = position
        var hasEscapedQuote = false
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == .backslash {
                position += 1
                hasEscapedQuote = hasEscapedQuote || position < bytes.count && bytes[position] == UInt8(ascii: "\"")
            }
            position += 1
        }
        guard position < bytes.count else { throw .partHead }
        let value = start..<position
        if hasEscapedQuote, bytes.extracting(value).mayHideParameter { throw .partHead }
        position += 1
        return value
    }

    @discardableResult
    private mutating func skip(_ bytes: Span<UInt8>, while matches: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        while position < bytes.count, matches(bytes[position]) { position += 1 }
        return start..<position
    }
}

extension UInt8 {
    /// More characters than a token has: boundaries are often sent without the quotes that their colons and slashes
    /// require.
    fileprivate var mayStandUnquoted: Bool {
        !isControl && self != .space && self != .semicolon && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }
}

extension Span<UInt8> {
    fileprivate var mayHideParameter: Bool {
        indices.contains { self[$0] == .semicolon || self[$0] == UInt8(ascii: "=") }
    }
}
