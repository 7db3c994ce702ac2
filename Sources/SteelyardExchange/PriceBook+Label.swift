import SteelyardPolicy

extension PriceBook {
    /// The model's name as a label value, never straight from the wire: the book's name of what is paid for, `other`
    /// when it knows neither name, `none` when there is none.
    func label(asked: String?, answered: String?) -> String {
        guard let name = asked ?? answered else { return "none" }
        return canonicalName(requested: name, answered: answered) ?? bookName(for: name) ?? "other"
    }
}
