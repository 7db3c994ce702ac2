/// What the price book knows about a model besides its prices.
public struct ModelTraits: Hashable, Sendable {
    /// The most answer tokens that the model generates, if known.
    public var maxOutputTokens: Int64?
    /// Whether it bills reasoning that its answers do not show.
    public var reasonsUnseen: Bool
    /// Whether it can answer with sound or pictures, which cannot be measured by counting bytes of text.
    public var answersInMedia: Bool
}

extension PriceBook {
    /// The traits of a model, by any of its names. Nothing is assumed about a model that the book does not know.
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
