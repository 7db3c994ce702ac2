/// One line of a price text; see ``PriceText`` for the form.
enum PriceStatement: Equatable {
    /// The day the prices were last compared with their sources.
    case asOf(EffectiveDate)
    /// The start of a model's block, or of the block `tools`.
    case model(ModelName, ModelKind)
    /// Another name of the model.
    case also(ModelName)
    /// What the model does.
    case kind(ModelKind)
    /// The most tokens that it accepts and generates.
    case limits(input: Int64?, output: Int64?)
    /// That it bills reasoning which its answers do not show.
    case reasonsUnseen
    /// The surcharge of regional hosts.
    case uplift(RegionalUplift)
    /// The start of a price list.
    case sheet(from: EffectiveDate?, source: String)
    /// The prices of one tier and prompt length; nil prices mean: as standard.
    case row(ServiceTier, PromptThreshold?, [Meter: DeclaredPrice]?)

    /// Why a line could not be read.
    struct Problem: Error {
        let message: String

        init(_ message: String) { self.message = message }
    }

    /// Reads one line; nil if it contains only space and comments.
    init?(line: Substring) throws(Problem) {
        let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
        guard let keyword = words.first else { return nil }
        let rest = Array(words.dropFirst())
        switch keyword {
        case "as-of": self = .asOf(try Self.date(rest))
        case "model": self = .model(try Self.name(rest), .chat)
        case "tools": self = .model(ModelName("tools"), .tools)
        case "also": self = .also(try Self.name(rest))
        case "kind": self = .kind(try Self.kind(rest))
        case "limits": self = try Self.limits(rest)
        case "reasons-unseen" where rest.isEmpty: self = .reasonsUnseen
        case "uplift": self = .uplift(try Self.uplift(rest))
        case "from": self = try Self.sheet(rest)
        default: self = try Self.row(keyword, rest)
        }
    }
}

// MARK: - Models

extension PriceStatement {
    private static func name(_ words: [Substring]) throws(Problem) -> ModelName {
        switch words.count {
        case 1: return ModelName(String(words[0]))
        case 3 where words[1] == "retires": return ModelName(String(words[0]), retires: try date([words[2]]))
        default: throw Problem("expected NAME or NAME retires YYYY-MM-DD")
        }
    }

    private static func kind(_ words: [Substring]) throws(Problem) -> ModelKind {
        guard words.count == 1, let kind = ModelKind(rawValue: String(words[0])), kind != .tools else {
            let known = ModelKind.allCases.filter { $0 != .tools }.map(\.rawValue).joined(separator: ", ")
            throw Problem("expected one of: \(known)")
        }
        return kind
    }

    private static func limits(_ words: [Substring]) throws(Problem) -> PriceStatement {
        var (input, output): (Int64?, Int64?) = (nil, nil)
        for (key, value) in try pairs(words) {
            guard let tokens = Int64(value), tokens > 0 else { throw Problem("`\(value)` is not a token count") }
            switch key {
            case "input": input = tokens
            case "output": output = tokens
            default: throw Problem("unknown limit `\(key)`; known are input and output")
            }
        }
        return .limits(input: input, output: output)
    }

    private static func uplift(_ words: [Substring]) throws(Problem) -> RegionalUplift {
        let parts = words.first?.split(separator: "/") ?? []
        guard parts.count == 2, let numerator = Int64(parts[0]), let denominator = Int64(parts[1]),
            let factor = Ratio(numerator, over: denominator)
        else { throw Problem("expected a factor such as 11/10, then regions such as eu us") }
        let regions = words.dropFirst().compactMap { Region(code: $0) }
        guard !regions.isEmpty, regions.count == words.count - 1 else {
            throw Problem("regions are two to four lower-case letters, such as eu")
        }
        return RegionalUplift(factor: factor, regions: regions)
    }
}

// MARK: - Sheets and rows

extension PriceStatement {
    private static func sheet(_ words: [Substring]) throws(Problem) -> PriceStatement {
        guard words.count == 3, words[1] == "source" else {
            throw Problem("expected `from launch source NAME` or `from YYYY-MM-DD source NAME`")
        }
        return .sheet(from: words[0] == "launch" ? nil : try date([words[0]]), source: String(words[2]))
    }

    private static func row(_ keyword: Substring, _ words: [Substring]) throws(Problem) -> PriceStatement {
        guard let tier = ServiceTier(rawValue: String(keyword)) else {
            throw Problem("unknown word `\(keyword)`")
        }
        guard let first = words.first, first.hasPrefix(">") else { return .row(tier, nil, try prices(words)) }
        return .row(tier, try threshold(first), try prices(Array(words.dropFirst())))
    }

    private static func threshold(_ word: Substring) throws(Problem) -> PromptThreshold {
        let isInclusive = word.hasPrefix(">=")
        guard let tokens = Int64(word.dropFirst(isInclusive ? 2 : 1)), tokens > 0 else {
            throw Problem("`\(word)` is not a prompt length such as >272000 or >=200000")
        }
        return isInclusive ? .from(tokens) : .above(tokens)
    }

    private static func prices(_ words: [Substring]) throws(Problem) -> [Meter: DeclaredPrice]? {
        if words == ["as-standard"] { return nil }
        var prices: [Meter: DeclaredPrice] = [:]
        for (column, text) in try pairs(words) {
            guard let meter = Meter(column: column) else { throw Problem("unknown column `\(column)`") }
            guard prices[meter] == nil else { throw Problem("`\(column)` is given twice") }
            prices[meter] = try price(text, of: meter)
        }
        return prices
    }

    private static func price(_ text: Substring, of meter: Meter) throws(Problem) -> DeclaredPrice {
        if text == "-" { return .asPlain }
        if text == "?" { return .undisclosed }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        if meter.family == .tokens {
            guard parts.count == 1 else {
                throw Problem("`\(text)`: write token prices per 1000000 tokens, without a slash")
            }
            return .rate(try rate(parts[0], per: 1_000_000))
        }
        guard parts.count == 2, let units = Int64(parts[1]), (1...1_000_000).contains(units) else {
            throw Problem("`\(text)`: expected a price for 1 to 1000000 units, such as 0.017/60")
        }
        return .rate(try rate(parts[0], per: units * meter.countsPerUnit))
    }

    private static func rate(_ text: Substring, per units: Int64) throws(Problem) -> Rate {
        do {
            return try Rate(usd: ExactDecimal(parsing: text), per: units)
        } catch {
            throw Problem("`\(text)` is not a price: \(error)")
        }
    }

    private static func date(_ words: [Substring]) throws(Problem) -> EffectiveDate {
        guard words.count == 1, let date = EffectiveDate(words[0]) else { throw Problem("expected YYYY-MM-DD") }
        return date
    }

    private static func pairs(_ words: [Substring]) throws(Problem) -> [(Substring, Substring)] {
        guard words.count.isMultiple(of: 2), !words.isEmpty else {
            throw Problem("expected pairs of a name and a value")
        }
        return stride(from: 0, to: words.count, by: 2).map { (words[$0], words[$0 + 1]) }
    }
}
