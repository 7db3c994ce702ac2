/// The text fields of a form that decide what it costs.
public enum FormField: String, Sendable, CaseIterable {
    case model
    case stream
    case responseFormat = "response_format"
    case n
    case size
    case quality
    case seconds
    /// Of this one only the length is kept.
    case prompt

    /// The longest value kept, in bytes; those that are not asked for freely are far shorter.
    static let valueLimit = RequestBody.modelLimit

    /// The field of this name, in this case.
    init?(name: Span<UInt8>) {
        for field in Self.allCases where ByteSearch.areEqual(field.rawValue.utf8Span.span, name) {
            self = field
            return
        }
        return nil
    }
}
