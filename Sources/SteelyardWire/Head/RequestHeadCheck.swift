/// What a request's head says about its framing and its connection, after ``RequestHeadCheck`` found nothing wrong.
public struct RequestHeadFacts: Sendable, Equatable {
    /// Path and query within the bytes of the target.
    public var target: RequestTarget
    /// The announced size of the body in bytes; nil when none was announced.
    public var contentLength: Int64?
    /// Whether the body comes in chunks.
    public var isChunked: Bool
    /// Whether this is HTTP/1.1 and not HTTP/1.0.
    public var isHTTP11: Bool
    /// Whether the connection may carry another request (RFC 9112 §9.3).
    public var keepsAlive: Bool
    /// Whether the client waits for `100 Continue` before it sends the body.
    public var expectsContinue: Bool
    /// Whether the client offers to change the protocol. Its next bytes may be meant for that, so the connection must be
    /// closed after the answer.
    public var offersUpgrade: Bool
}

/// Our own checks of a decoded request head. They refuse what llhttp 9.3.0, as swift-nio 2.101.2 configures it, lets
/// pass although two readers could disagree about it, or although it must never go on to a provider.
public enum RequestHeadCheck {
    /// Checks one head.
    ///
    /// - Parameters:
    ///   - method: the method as sent.
    ///   - target: the request target as sent.
    ///   - majorVersion: 1 for HTTP/1.x.
    ///   - minorVersion: 0 or 1.
    ///   - fields: all fields, values without the white space around them.
    /// - Returns: what the head says.
    public static func facts(
        method: String,
        target: String,
        majorVersion: Int,
        minorVersion: Int,
        fields: HeaderFields
    ) throws(RequestDefect) -> RequestHeadFacts {
        guard majorVersion == 1, (0...1).contains(minorVersion) else { throw .version }
        try checkReplacements(fields)
        return try facts(method: method, target: target, isHTTP11: minorVersion == 1, fields: fields)
    }

    /// Checks a head whose lines were checked as bytes.
    static func facts(_ line: RequestLine, fields: HeaderFields) throws(RequestDefect) -> RequestHeadFacts {
        try facts(method: line.method, target: line.target, isHTTP11: line.isHTTP11, fields: fields)
    }

    private static func facts(
        method: String,
        target: String,
        isHTTP11: Bool,
        fields: HeaderFields
    ) throws(RequestDefect) -> RequestHeadFacts {
        try check(method: method)
        let notes = try RequestHeadNotes(fields)
        let host = try hostRange(notes, fields, isRequired: isHTTP11)
        let isChunked = try isChunked(notes, fields, isHTTP11: isHTTP11)
        let contentLength = try contentLength(notes, fields)
        guard contentLength == nil || !isChunked else { throw .conflictingFraming }
        return RequestHeadFacts(
            target: try RequestTarget(target.utf8Span.span, host: fields.bytes.span.extracting(host)),
            contentLength: contentLength,
            isChunked: isChunked,
            isHTTP11: isHTTP11,
            keepsAlive: !notes.connection.saysClose && (isHTTP11 || notes.connection.saysKeepAlive),
            expectsContinue: try expectsContinue(notes, isHTTP11: isHTTP11),
            offersUpgrade: notes.connection.namesUpgrade && notes.hasUpgrade
        )
    }

    private static func check(method: String) throws(RequestDefect) {
        switch method {
        case "GET", "POST", "HEAD", "DELETE", "PATCH", "PUT", "OPTIONS": return
        case "CONNECT", "TRACE": throw .forbiddenMethod
        default: throw .unknownMethod
        }
    }
}

extension RequestHeadCheck {
    /// Refuses U+FFFD: NIO's decoder puts it in place of bytes that are not UTF-8, so different values would become equal.
    private static func checkReplacements(_ fields: HeaderFields) throws(RequestDefect) {
        for index in 0..<fields.count {
            let value = fields.bytes.span.extracting(fields.valueRange(at: index))
            for start in value.indices where value[start] == 0xEF {
                guard !value.extracting(start...).starts(with: "\u{FFFD}") else { throw .fieldValue }
            }
        }
    }

    /// Where the value of the only `Host` is; empty when an HTTP/1.0 request has none.
    private static func hostRange(
        _ notes: RequestHeadNotes,
        _ fields: HeaderFields,
        isRequired: Bool
    ) throws(RequestDefect) -> Range<Int> {
        guard notes.host.count <= 1 else { throw .host }
        guard notes.host.count == 1 else {
            if isRequired { throw .host }
            return 0..<0
        }
        let range = fields.valueRange(at: notes.host.first)
        guard fields.bytes.span.extracting(range).isHost else { throw .host }
        return range
    }

    private static func isChunked(
        _ notes: RequestHeadNotes,
        _ fields: HeaderFields,
        isHTTP11: Bool
    ) throws(RequestDefect) -> Bool {
        guard notes.transferEncoding.count > 0 else { return false }
        let value = fields.bytes.span.extracting(fields.valueRange(at: notes.transferEncoding.first))
        guard isHTTP11, notes.transferEncoding.count == 1, value.equals("chunked") else { throw .transferCoding }
        return true
    }

    private static func contentLength(
        _ notes: RequestHeadNotes,
        _ fields: HeaderFields
    ) throws(RequestDefect) -> Int64? {
        guard notes.contentLength.count > 0 else { return nil }
        guard notes.contentLength.count == 1 else { throw .contentLength }
        let value = fields.bytes.span.extracting(fields.valueRange(at: notes.contentLength.first))
        guard value.isPlainNumber else { throw .contentLength }
        guard let length = value.contentLength else { throw .contentLengthTooLarge }
        return length
    }

    /// HTTP/1.0 has no expectations (RFC 9110 §10.1.1).
    private static func expectsContinue(_ notes: RequestHeadNotes, isHTTP11: Bool) throws(RequestDefect) -> Bool {
        guard isHTTP11 else { return false }
        guard !notes.hasUnknownExpectation else { throw .expectation }
        return notes.hasExpectation
    }
}

extension Span<UInt8> {
    /// Whether these are decimal digits without leading zeros, however many.
    fileprivate var isPlainNumber: Bool {
        guard !isEmpty else { return false }
        for index in indices where self[index].decimalDigit == nil { return false }
        return count == 1 || self[0] != 0x30
    }

    /// `uri-host [":" port]` (RFC 9110 §7.2), limited to the characters that names and addresses really consist of.
    fileprivate var isHost: Bool {
        guard (1...255).contains(count) else { return false }
        if self[0] == 0x5B { return isBracketedHost }
        let nameEnd = firstIndex(of: .colon) ?? count
        guard nameEnd > 0 else { return false }
        for index in 0..<nameEnd where !self[index].isHostNameCharacter { return false }
        return isPort(nameEnd..<count)
    }

    private var isBracketedHost: Bool {
        guard let end = firstIndex(of: 0x5D), end > 1 else { return false }
        for index in 1..<end where !self[index].isAddressCharacter { return false }
        return isPort((end + 1)..<count)
    }

    /// Whether this is nothing, or a colon and up to five digits; RFC 3986 §3.2.3 allows the digits to be missing.
    private func isPort(_ range: Range<Int>) -> Bool {
        guard let first = range.first else { return true }
        guard self[first] == .colon, range.count <= 6 else { return false }
        for index in range.dropFirst() where self[index].decimalDigit == nil { return false }
        return true
    }
}

extension UInt8 {
    fileprivate var isHostNameCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    fileprivate var isAddressCharacter: Bool { hexadecimalDigit != nil || self == .colon || self == .dot }
}
