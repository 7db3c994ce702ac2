import SteelyardPolicy

/// The single values of a price file.
enum PriceGrammar {
    /// `YYYY-MM-DD`.
    static func date(_ text: String) throws(Complaint) -> EffectiveDate {
        guard let date = EffectiveDate(text) else { throw .expected("a day", got: text, write: "2026-12-01") }
        return date
    }

    /// A count of tokens.
    static func tokens(_ text: String) throws(Complaint) -> Int64 {
        Int64(try WholeNumber(text, in: 1...1_000_000_000, usual: 128_000).value)
    }

    /// `11/10`.
    static func factor(_ text: String) throws(Complaint) -> Ratio {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { WholeNumber($0)?.value }
        guard parts.count == 2, let numerator = parts[0], let denominator = parts[1],
            let ratio = Ratio(Int64(numerator), over: Int64(denominator))
        else { throw .expected("a fraction of numbers up to 1000", got: text, write: "11/10") }
        return ratio
    }

    /// `eu`.
    static func region(_ text: String) throws(Complaint) -> Region {
        guard let region = Region(code: text) else {
            throw .expected("two to four lower-case letters", got: text, write: "[eu]")
        }
        return region
    }

    /// `standard`, `batch`, …, alone or with the prompt length above which the row applies: `standard >272000`.
    static func rowName(_ text: String) throws(Complaint) -> (ServiceTier, PromptThreshold?) {
        let words = text.split(separator: " ")
        let tiers = ServiceTier.allCases.map(\.rawValue)
        guard let word = words.first, let tier = ServiceTier(rawValue: String(word)) else {
            let nearest = Nearest.word(to: words.first.map(String.init) ?? "", among: tiers + ["from", "source"])
            let known = "the rows here are \(tiers.joined(separator: ", ")), and from and source"
            throw Complaint(
                message: "is not a known row",
                remedy: .act(nearest.map { "did you mean \($0)?" } ?? known)
            )
        }
        guard words.count > 1 else { return (tier, nil) }
        guard words.count == 2, let threshold = threshold(words[1]) else {
            throw Complaint(
                message: "is not a known row",
                remedy: .act("write \(tier.rawValue), or with a prompt length \"\(tier.rawValue) >272000\"")
            )
        }
        return (tier, threshold)
    }

    private static func threshold(_ word: Substring) -> PromptThreshold? {
        let isInclusive = word.hasPrefix(">=")
        guard word.hasPrefix(">"), let number = WholeNumber(word.dropFirst(isInclusive ? 2 : 1)), number.value > 0
        else {
            return nil
        }
        return isInclusive ? .from(Int64(number.value)) : .above(Int64(number.value))
    }

    /// Dollars per million tokens (`0.15`), dollars for a number of other units (`10/1000`), `as-plain` or `unknown`.
    static func price(_ text: String, of meter: Meter) throws(Complaint) -> DeclaredPrice {
        switch text {
        case "as-plain", "-": return .asPlain
        case "unknown", "?": return .undisclosed
        default: return .rate(try rate(text, of: meter))
        }
    }

    /// The name of a column that does not exist.
    static func unknownColumn(_ word: String) -> Complaint {
        let columns = Meter.allCases.map(\.column)
        let remedy = Nearest.word(to: word, among: columns).map { "did you mean \($0)?" }
        return Complaint(
            message: "is not a known price",
            remedy: .act(remedy ?? "the prices are \(columns.joined(separator: ", "))")
        )
    }

    private static func rate(_ text: String, of meter: Meter) throws(Complaint) -> Rate {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if meter.family == .tokens {
            guard parts.count == 1 else { throw .expected("dollars per million tokens", got: text, write: "2.50") }
            return try rate(text, dollars: parts[0], per: 1_000_000)
        }
        guard parts.count == 2, let units = WholeNumber(parts[1]), (1...1_000_000).contains(units.value) else {
            throw .expected("dollars for a number of units", got: text, write: "10/1000")
        }
        // Durations are counted in microseconds and priced in seconds.
        return try rate(text, dollars: parts[0], per: Int64(units.value) * (meter == .duration ? 1_000_000 : 1))
    }

    private static func rate(_ text: String, dollars: Substring, per units: Int64) throws(Complaint) -> Rate {
        guard let decimal = try? ExactDecimal(parsing: dollars), let rate = try? Rate(usd: decimal, per: units) else {
            throw .expected(
                "a price such as 0.15, not negative and no finer than a picodollar",
                got: text,
                write: "0.15"
            )
        }
        return rate
    }
}
