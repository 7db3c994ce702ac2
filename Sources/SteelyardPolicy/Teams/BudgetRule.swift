/// One spending limit per window: an entry of `budgets` of the organization, a team or a key.
public struct BudgetRule: Hashable, Sendable {
    /// The limit for one window.
    public var limit: MoneySum
    /// The length of a window.
    public var period: BudgetPeriod
    /// Where windows begin: the day of the month (1 to 31; the last day if a month is shorter), or the day of the week
    /// (1 is Monday).
    public var startsOn: Int
    /// An IANA time zone. Windows begin at midnight there.
    public var timeZone: String
    /// Parts of the limit, in thousandths, ascending. A warning is given when spending crosses one.
    public var warnAtPermille: [Int]
    /// What happens when the limit is spent.
    public var whenSpent: SpentBudget
    /// The models that count, by any of their names, whether requested or paid for; empty: all.
    public var models: [ModelPattern]

    /// Makes a rule; every default is that of proxy.yaml.
    public init(
        limit: MoneySum,
        period: BudgetPeriod,
        startsOn: Int = 1,
        timeZone: String = "UTC",
        warnAtPermille: [Int] = [],
        whenSpent: SpentBudget = .block,
        models: [ModelPattern] = []
    ) {
        self.limit = limit
        self.period = period
        self.startsOn = startsOn
        self.timeZone = timeZone
        self.warnAtPermille = warnAtPermille
        self.whenSpent = whenSpent
        self.models = models
    }
}

/// The length of one window, by the calendar.
public enum BudgetPeriod: String, Hashable, Sendable, CaseIterable {
    case hour, day, week, month, year
}

/// What happens when a budget is spent.
public enum SpentBudget: String, Hashable, Sendable, CaseIterable {
    /// Requests that do not fit are refused.
    case block
    /// Requests pass. The budget is shown, with a warning.
    case warn
}

/// A model name in which each `*` stands for any characters, or for none.
public struct ModelPattern: Hashable, Sendable {
    /// The pattern as written.
    public let text: String
    /// If the pattern has no star: the price book's own name of the model that it means. For `openai/gpt-4.1` this is
    /// `gpt-4.1`.
    private var bookName: String?

    /// Takes a pattern as written. Every text is a valid pattern.
    public init(_ text: String) { self.text = text }

    /// The same pattern, with the model's name from a price book.
    func known(by prices: PriceBook) -> ModelPattern {
        var pattern = self
        pattern.bookName = text.utf8.contains(UInt8(ascii: "*")) ? nil : prices.bookName(for: text)
        return pattern
    }

    /// Whether the name of a requested model matches the whole pattern. Bytes are compared, and case matters.
    ///
    /// This runs for every request and pattern, so it works on plain bytes: slices of strings take thirty times as
    /// long.
    public func matches(_ name: String) -> Bool {
        var (text, name) = (text, name)
        return text.withUTF8 { pattern in name.withUTF8 { name in Self.matches(pattern, name) } }
    }

    /// Whether the pattern means a model: one of the model's names matches.
    ///
    /// - Parameters:
    ///   - name: the name that the request uses.
    ///   - bookNames: all names that the price book has for the model (``PriceBook/names(of:)``). So a client cannot
    ///     escape a rule about `gpt-4.1` by requesting `gpt-4.1-2025-04-14`.
    public func means(_ name: String, bookNames: [String]) -> Bool {
        matches(name) || bookNames.contains { $0 == bookName || matches($0) }
    }

    private static func matches(_ pattern: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var (place, position) = (0, 0)
        // The positions after the latest star, and where that star was tried last. The latest star is enough, since it
        // can match whatever an earlier one could (linear in the product of the lengths, without recursion).
        var retry: (place: Int, position: Int)?
        while position < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                place += 1
                retry = (place, position)
            } else if place < pattern.count, pattern[place] == name[position] {
                (place, position) = (place + 1, position + 1)
            } else if let again = retry {
                retry = (again.place, again.position + 1)
                (place, position) = (again.place, again.position + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
