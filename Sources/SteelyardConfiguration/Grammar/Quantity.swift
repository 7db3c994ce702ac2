/// A number with a unit: `64MiB`, `10s`. Sizes and durations share this reader, because they differ only in their
/// units.
struct Quantity {
    /// A kind of quantity: its units, smallest first.
    struct Scale {
        /// How messages describe a value of this kind.
        let form: String
        /// The names of the units, with the number of smallest units in each.
        let units: [(name: String, size: Int)]
        /// Other spellings of the units, in lower case, for remedies.
        let misspellings: [String: String]
        /// Whether a number without a unit means the smallest unit.
        let takesBareNumbers: Bool
        /// The unit that a bare number probably means.
        let usualUnit: String
    }

    /// The amount in the smallest unit of its scale.
    let amount: Int

    /// Reads a quantity that must lie in `range`; the remedy suggests `usual` if there is no better guess. Both are in
    /// the smallest unit.
    init(_ text: String, _ scale: Scale, in range: ClosedRange<Int>, usual: Int) throws(Complaint) {
        guard let amount = scale.amount(of: text) else {
            let likely = scale.likely(text)?.clamped(to: range) ?? usual
            throw .expected(scale.form, got: text, write: scale.text(likely))
        }
        guard range.contains(amount) else {
            let bounds = "\(scale.text(range.lowerBound)) and \(scale.text(range.upperBound))"
            throw Complaint(
                message: "must be between \(bounds), got \(text)",
                remedy: .write(scale.text(amount.clamped(to: range)))
            )
        }
        self.amount = amount
    }
}

extension Quantity.Scale {
    /// Bytes, in the binary units of IEC 80000-13: `MB` is refused because it is ambiguous.
    static let bytes = Quantity.Scale(
        form: "a size in bytes, KiB, MiB or GiB",
        units: [("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)],
        misspellings: [
            "b": "", "byte": "", "bytes": "", "k": "KiB", "kb": "KiB", "kib": "KiB", "m": "MiB", "mb": "MiB",
            "mib": "MiB", "g": "GiB", "gb": "GiB", "gib": "GiB",
        ],
        takesBareNumbers: true,
        usualUnit: ""
    )

    /// Durations in milliseconds. A day is 24 hours.
    static let milliseconds = Quantity.Scale(
        form: "a duration with its unit (ms, s, m, h or d)",
        units: [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)],
        misspellings: [
            "msec": "ms", "millis": "ms", "milliseconds": "ms", "sec": "s", "secs": "s", "second": "s",
            "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "hr": "h", "hrs": "h",
            "hour": "h", "hours": "h", "day": "d", "days": "d",
        ],
        takesBareNumbers: false,
        usualUnit: "s"
    )

    /// The amount of a text in the smallest unit; the largest number if it does not fit; nil if it is not of this kind.
    fileprivate func amount(of text: String) -> Int? {
        let (digits, unit) = parts(text)
        guard let number = WholeNumber(digits), !unit.isEmpty || takesBareNumbers,
            let size = units.first(where: { $0.name == unit })?.size
        else { return nil }
        let (amount, overflow) = number.value.multipliedReportingOverflow(by: size)
        return overflow ? .max : amount
    }

    /// An amount in the largest unit that divides it: 90 000 ms is `90s`.
    func text(_ amount: Int) -> String {
        guard amount != 0 else { return "0\(usualUnit)" }
        let unit = units.last { amount.isMultiple(of: $0.size) } ?? units[0]
        return "\(amount / unit.size)\(unit.name)"
    }

    /// The probable meaning: `10 sec` is `10s`, `1m30s` is `90s`, `1.5GiB` is `1536MiB`.
    fileprivate func likely(_ text: String) -> Int? {
        let compact = text.filter { !$0.isWhitespace && $0 != "_" }
        guard let terms = terms(compact), !terms.isEmpty else { return nil }
        return terms.reduce(0) { sum, term in
            let (total, overflow) = sum.addingReportingOverflow(term)
            return overflow ? .max : total
        }
    }

    /// The amounts of a compound such as `1m30s`, each read leniently; nil if one cannot be read.
    private func terms(_ text: String) -> [Int]? {
        var rest = text[...]
        var terms: [Int] = []
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            let unit = rest.dropFirst(number.count).prefix { $0.isLetter }
            guard let amount = forgivingAmount(number, unit) else { return nil }
            terms.append(amount)
            rest = rest.dropFirst(number.count + unit.count)
        }
        return terms
    }

    private func forgivingAmount(_ number: Substring, _ unit: Substring) -> Int? {
        let lowered = unit.lowercased()
        let meant = lowered.isEmpty ? usualUnit : misspellings[lowered] ?? lowered
        guard let size = units.first(where: { $0.name == meant })?.size else { return nil }
        let halves = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = WholeNumber(halves[0].count > 1 ? halves[0].drop { $0 == "0" } : halves[0]) else {
            return nil
        }
        let (amount, overflow) = whole.value.multipliedReportingOverflow(by: size)
        guard !overflow, halves.count == 2 else { return overflow ? nil : amount }
        // Three digits after the point are enough for a suggestion.
        guard let fraction = Int((halves[1].prefix(3) + "000").prefix(3)) else { return nil }
        return amount.addingReportingOverflow(size * fraction / 1_000).partialValue
    }

    private func parts(_ text: String) -> (digits: Substring, unit: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        return (digits, String(text.dropFirst(digits.count)))
    }
}
