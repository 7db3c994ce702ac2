/// A whole number as proxy.yaml writes it: decimal digits and nothing else.
///
/// YAML readers disagree on `010` (eight or ten), `1_000`, `0x10` and `1e3`; here none of them is a number.
struct WholeNumber {
    /// The number, zero or more.
    let value: Int

    /// Reads digits without a leading zero; nil for anything else. A number that does not fit becomes the largest
    /// integer, which is outside every range.
    init?(_ text: Substring) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text == "0" || text.first != "0"
        else { return nil }
        value = Int(text) ?? .max
    }

    /// Reads a number that must lie in `range`; the remedy suggests `usual` if there is no better guess.
    init(_ text: String, in range: ClosedRange<Int>, usual: Int) throws(Complaint) {
        guard let number = WholeNumber(text[...]) else {
            let likely = Self.likely(text)?.clamped(to: range) ?? usual
            throw .expected("a whole number", got: text, write: String(likely))
        }
        guard range.contains(number.value) else {
            throw Complaint(
                message: "must be between \(range.lowerBound) and \(range.upperBound), got \(text)",
                remedy: .write(String(number.value.clamped(to: range)))
            )
        }
        self = number
    }

    /// The probable number: `1_000`, `1,000` and `010` without the characters that make them invalid.
    private static func likely(_ text: String) -> Int? {
        WholeNumber(text.filter { $0 != "_" && $0 != "," && $0 != "+" }.drop { $0 == "0" })?.value
    }
}

extension Comparable {
    /// The nearest value within a range.
    func clamped(to range: ClosedRange<Self>) -> Self { min(max(self, range.lowerBound), range.upperBound) }
}
