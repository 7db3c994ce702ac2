import SteelyardPolicy

extension PriceBook {
    /// The model's name as a label value, never copied from the wire: the book's name of the model that is paid for,
    /// `other` when the book knows neither name, `none` when there is no name.
    func label(asked: String?, answered: String?) -> String {
        guard let name = asked ?? answered else { return "none" }
        return canonicalName(requested: name, answered: answered) ?? bookName(for: name) ?? "other"
    }
}
