/// The text fields of a form that decide what it costs.
public enum FormField: String, Sendable, CaseIterable {
    case model
    case stream
    case responseFormat = "response_format"
    case n
    case size
    case quality
    case seconds
    /// Only the length of this one is kept.
    case prompt

    /// The longest value kept, in bytes. Values that are not free text are far shorter.
    static let valueLimit = RequestBody.modelLimit

    /// The field with exactly this name, in the same case.
    init?(name: Span<UInt8>) {
        for field in Self.allCases where ByteSearch.areEqual(field.rawValue.utf8Span.span, name) {
            self = field
            return
        }
        return nil
    }
}
