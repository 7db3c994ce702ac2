/// `method SP request-target SP HTTP-version` (RFC 9112 §3), with exactly one space between.
struct RequestLine: Sendable {
    let method: String
    let target: String
    /// Whether this is HTTP/1.1 and not HTTP/1.0.
    let isHTTP11: Bool

    /// Reads a line without its CRLF. Whether method and target are allowed is for ``RequestHeadCheck`` to say.
    init(_ line: Span<UInt8>) throws(RequestDefect) {
        guard let methodEnd = line.firstIndex(of: .space) else { throw .requestLine }
        let rest = line.extracting((methodEnd + 1)...)
        guard let targetEnd = rest.firstIndex(of: .space), targetEnd > 0 else { throw .requestLine }
        isHTTP11 = try Self.isHTTP11(rest.extracting((targetEnd + 1)...))
        method = try Self.method(line.extracting(first: methodEnd))
        target = rest.extracting(first: targetEnd).text
    }

    /// The method's own spelling; the usual ones without making a string.
    private static func method(_ name: Span<UInt8>) throws(RequestDefect) -> String {
        if name.isExactly("POST") { return "POST" }
        if name.isExactly("GET") { return "GET" }
        guard !name.isEmpty, name.indices.allSatisfy({ name[$0].isTokenCharacter }) else { throw .requestLine }
        return name.text
    }

    private static func isHTTP11(_ version: Span<UInt8>) throws(RequestDefect) -> Bool {
        if version.isExactly("HTTP/1.1") { return true }
        if version.isExactly("HTTP/1.0") { return false }
        throw version.isHTTPVersion ? .version : .requestLine
    }
}

extension Span<UInt8> {
    /// The bytes as text; bytes that are not UTF-8 are replaced.
    fileprivate var text: String { withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }

    /// `HTTP-name "/" DIGIT "." DIGIT` (RFC 9112 §2.3).
    fileprivate var isHTTPVersion: Bool {
        count == 8 && starts(with: "HTTP/") && self[5].decimalDigit != nil && self[6] == .dot
            && self[7].decimalDigit != nil
    }
}
