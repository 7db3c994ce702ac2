extension HeaderFields {
    /// Whether the first `content-type` names this media type, given in lower case; parameters are ignored.
    public func hasMediaType(_ lowercased: StaticString) -> Bool {
        guard let index = fields.indices.first(where: { isNamed("content-type", at: $0) }) else { return false }
        let value = bytes.span.extracting(valueRange(at: index))
        let end = value.firstIndex(of: .semicolon) ?? value.count
        return value.extracting(value.trimmingOptionalSpace(in: 0..<end)).equals(lowercased)
    }
}
