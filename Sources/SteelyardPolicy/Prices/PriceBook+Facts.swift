/// Facts about how a model is priced.
extension PriceBook {
    /// Whether the model has a price for this quantity of a plain request: seconds, characters, pictures.
    public func hasPrice(of meter: Meter, model name: String, at unixSeconds: Int64) -> Bool {
        let band = model(named: name)?.sheet(at: unixSeconds)?.band(.standard, promptTokens: 0)?.band
        return band?.rates?[meter] != nil
    }

    /// Whether the model has the fee for searches that are assumed: it searches for every request, and no answer says
    /// how often.
    public func assumesSearches(by name: String, at unixSeconds: Int64) -> Bool {
        model(named: name)?.sheet(at: unixSeconds)?.fees[.assumedSearches] != nil
    }
}
