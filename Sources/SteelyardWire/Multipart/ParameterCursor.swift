/// Steps through the parameters of a field value, `; name=value; name="value"` (RFC 2045 §5.1), as far as they have one
/// reading only.
///
/// A quote behind a backslash ends a value for the browsers' rule (WHATWG HTML §4.10.22.8) and does not for RFC 822's,
/// so it is refused; clients of today write `%22` (curl since 7.81, httpx, undici).
struct ParameterCursor {
    private var position: Int

    /// Begins where the value proper has ended: at the first semicolon or the end.
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
        let value = skip(bytes) { $0 != UInt8(ascii: "\"") }
        guard position < bytes.count, bytes[position - 1] != UInt8(ascii: "\\") else { throw .partHead }
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
    /// More than a token has: boundaries are often sent without the quotes that their colons and slashes ask for.
    fileprivate var mayStandUnquoted: Bool {
        !isControl && self != .space && self != .semicolon && self != UInt8(ascii: "\"") && self != UInt8(ascii: "\\")
    }
}
