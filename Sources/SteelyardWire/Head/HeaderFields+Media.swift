extension HeaderFields {
    /// Whether the first `content-type` names this media type, given in lower case; parameters do not count.
    public func hasMediaType(_ lowercased: StaticString) -> Bool {
        guard let index = fields.indices.first(where: { isNamed("content-type", at: $0) }) else { return false }
        let value = bytes.span.extracting(valueRange(at: index))
        let end = value.firstIndex(of: .semicolon) ?? value.count
        return value.extracting(value.trimmingOptionalSpace(in: 0..<end)).equals(lowercased)
    }

    /// Whether a content coding other than `identity` was applied to the body (RFC 9110 §8.4).
    public var hasContentCoding: Bool {
        fields.indices.contains { index in
            guard isNamed("content-encoding", at: index) else { return false }
            var isCoded = false
            bytes.span.extracting(valueRange(at: index)).forEachListMember {
                isCoded = isCoded || !$0.equals("identity")
            }
            return isCoded
        }
    }
}
