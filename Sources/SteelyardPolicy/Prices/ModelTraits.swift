/// What the price book knows of a model beside its prices.
public struct ModelTraits: Hashable, Sendable {
    /// The most answer tokens it gives, where known.
    public var maxOutputTokens: Int64?
    /// Whether it bills reasoning that its answers do not show.
    public var reasonsUnseen: Bool
    /// Whether it can answer in sound or pictures, which no count of text bytes measures.
    public var answersInMedia: Bool
}

extension PriceBook {
    /// The traits of a model by any of its names; of one the book does not know, nothing is assumed.
    public func traits(of name: String) -> ModelTraits {
        guard let model = model(named: name) else {
            return ModelTraits(maxOutputTokens: nil, reasonsUnseen: false, answersInMedia: false)
        }
        return ModelTraits(
            maxOutputTokens: model.maxOutputTokens,
            reasonsUnseen: model.reasonsUnseen,
            answersInMedia: model.pricesMedia
        )
    }
}
