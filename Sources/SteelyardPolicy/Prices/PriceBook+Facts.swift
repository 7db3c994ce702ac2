/// What a model is priced by.
extension PriceBook {
    /// Whether the model has a price for this quantity of a plain request: seconds, characters, pictures.
    public func hasPrice(of meter: Meter, model name: String, at unixSeconds: Int64) -> Bool {
        let band = model(named: name)?.sheet(at: unixSeconds)?.band(.standard, promptTokens: 0)?.band
        return band?.rates?[meter] != nil
    }

    /// Whether the model searches for every request and no answer says how often: it has a fee for that.
    public func assumesSearches(by name: String, at unixSeconds: Int64) -> Bool {
        model(named: name)?.sheet(at: unixSeconds)?.fees[.assumedSearches] != nil
    }
}
