extension HeaderFields {
    /// The boundary of a `multipart/form-data` body, as `content-type` gives it.
    var formBoundary: [UInt8] {
        get throws(FormDefect) {
            let types = fields.indices.filter { isNamed("content-type", at: $0) }
            guard types.count == 1, hasMediaType("multipart/form-data") else { throw .boundary }
            return try Self.boundary(in: bytes.span.extracting(valueRange(at: types[0])))
        }
    }

    private static func boundary(in type: Span<UInt8>) throws(FormDefect) -> [UInt8] {
        var cursor = ParameterCursor(at: type.firstIndex(of: .semicolon) ?? type.count)
        var boundary: [UInt8]?
        do throws(FormDefect) {
            while let (name, value) = try cursor.next(type) {
                guard type.extracting(name).equals("boundary") else { continue }
                guard boundary == nil else { throw .boundary }
                boundary = type.extracting(value).bytesArray
            }
        } catch { throw .boundary }
        guard let boundary, boundary.isBoundary else { throw .boundary }
        return boundary
    }
}

extension [UInt8] {
    /// `boundary` of RFC 2046 §5.1.1: 1 to 70 characters, no space at the end.
    fileprivate var isBoundary: Bool {
        (1...70).contains(count) && last != .space && allSatisfy(\.isBoundaryCharacter)
    }
}

extension UInt8 {
    /// `bchars`, and the other characters that a token may have: clients do not check the rule.
    fileprivate var isBoundaryCharacter: Bool {
        switch self {
        case UInt8(ascii: "("), UInt8(ascii: ")"), .comma, UInt8(ascii: "/"), .colon, UInt8(ascii: "="),
            UInt8(ascii: "?"), .space:
            true
        default: isTokenCharacter
        }
    }
}
