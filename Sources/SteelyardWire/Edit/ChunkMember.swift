/// What a member at the first level of a chunk means for the edit.
enum ChunkMember: Sendable {
    /// The choices; the extra chunk has none.
    case choices
    /// The usage.
    case usage
    /// An error: unless it is null, the event passes as it is.
    case error
    /// A member the extra chunk may have beside its usage.
    case envelope
    /// A member the extra chunk never has, such as Azure's filter results.
    case other

    /// The meaning of a key, whichever escapes it is written with.
    init(_ bytes: Span<UInt8>, key: Range<Int>) {
        let contents = bytes.extracting(key)
        if contents.firstIndex(of: .backslash) == nil {
            self.init(contents)
        } else {
            let name = bytes.unescaped(key)
            self.init(name.span)
        }
    }

    private init(_ name: Span<UInt8>) {
        switch name.count {
        case 2 where name.isExactly("id"): self = .envelope
        case 5 where name.isExactly("usage"): self = .usage
        case 5 where name.isExactly("model"): self = .envelope
        case 5 where name.isExactly("error"): self = .error
        case 6 where name.isExactly("object"): self = .envelope
        case 7 where name.isExactly("choices"): self = .choices
        case 7 where name.isExactly("created"): self = .envelope
        case 8 where name.isExactly("provider"): self = .envelope
        case 11 where name.isExactly("obfuscation"): self = .envelope
        case 12 where name.isExactly("service_tier"): self = .envelope
        case 18 where name.isExactly("system_fingerprint"): self = .envelope
        default: self = .other
        }
    }

    /// Whether a key with this beginning may turn out to be one that must be read whole before its bytes may leave.
    static func mayMatter(_ beginning: Span<UInt8>) -> Bool {
        if beginning.firstIndex(of: .backslash) != nil { return true }
        return isPrefix(beginning, of: "usage") || isPrefix(beginning, of: "choices")
            || isPrefix(beginning, of: "error")
    }

    static func isPrefix(_ beginning: Span<UInt8>, of name: StaticString) -> Bool {
        guard beginning.count <= name.utf8CodeUnitCount else { return false }
        // In bounds: compared with the literal's own length first.
        for index in beginning.indices where beginning[index] != name.utf8Start[index] { return false }
        return true
    }
}
