/// How a body is coded, as far as this matters to its reader (RFC 9110 §8.4).
public enum ContentCoding: Hashable, Sendable {
    /// Not coded: the bytes are read as they are.
    case identity
    /// `gzip`, or its old name `x-gzip`.
    case gzip
    /// `deflate`, in either of its formats.
    case deflate
    /// `zstd` (RFC 8878).
    case zstd
    /// Coded in a way that is not decoded here: another coding, several at once, or a value that is not a list of
    /// codings.
    case unreadable
}

extension HeaderFields {
    /// How the body is coded.
    ///
    /// A word that names no coding is ignored, as clients do: frameworks set `none` or `utf-8` to keep proxies from
    /// compressing a stream. The known codings are those in IANA's registry of HTTP content codings (2026-11).
    public var contentCoding: ContentCoding {
        var coding = ContentCoding.identity
        for index in fields.indices where isNamed("content-encoding", at: index) {
            bytes.span.extracting(valueRange(at: index)).forEachListMember { word in
                guard let named = word.contentCoding else { return }
                coding = coding == .identity ? named : .unreadable
            }
        }
        return coding
    }

    /// The same fields, except those with this name.
    public func without(_ lowercased: StaticString) -> HeaderFields {
        var rest = self
        rest.fields.removeAll { field in bytes.span.extracting(field.name).equals(lowercased) }
        return rest
    }
}

extension Span<UInt8> {
    private static var otherCodings: [StaticString] {
        ["aes128gcm", "br", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"]
    }

    /// The coding that a word names; nil when it names none, or `identity`.
    fileprivate var contentCoding: ContentCoding? {
        if equals("gzip") || equals("x-gzip") { return .gzip }
        if equals("deflate") { return .deflate }
        if equals("zstd") { return .zstd }
        if Self.otherCodings.contains(where: { equals($0) }) { return .unreadable }
        return indices.allSatisfy { self[$0].isTokenCharacter } ? nil : .unreadable
    }
}
