/// One window of spending: an entry of `budgets` of the organization, a team or a key.
public struct BudgetRule: Hashable, Sendable {
    /// What may be spent in one window.
    public var limit: MoneySum
    /// How long a window is.
    public var period: BudgetPeriod
    /// Where windows begin: the day of the month (1 to 31, the last day where a month is shorter), or the day of the
    /// week (1 is Monday).
    public var startsOn: Int
    /// An IANA time zone; windows begin at its midnights.
    public var timeZone: String
    /// Parts of the limit, in thousandths, ascending, whose crossing is worth a warning.
    public var warnAtPermille: [Int]
    /// What happens when it is spent.
    public var whenSpent: SpentBudget
    /// Models that count, by any of their names and whether asked for or paid for; empty: all.
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

/// How long one window of spending lasts, by the calendar.
public enum BudgetPeriod: String, Hashable, Sendable, CaseIterable {
    case hour, day, week, month, year
}

/// What a spent budget does.
public enum SpentBudget: String, Hashable, Sendable, CaseIterable {
    /// Requests that do not fit are refused.
    case block
    /// Requests pass; it is shown and warned of.
    case warn
}

/// A model name in which each `*` stands for any characters, none included.
public struct ModelPattern: Hashable, Sendable {
    /// As written.
    public let text: String
    /// The price book's name of the model that it names, where it has no star: `openai/gpt-4.1` means `gpt-4.1`.
    private var bookName: String?

    /// Takes a pattern as written; every text is one.
    public init(_ text: String) { self.text = text }

    /// The same, with what a price book says it means.
    func known(by prices: PriceBook) -> ModelPattern {
        var pattern = self
        pattern.bookName = text.utf8.contains(UInt8(ascii: "*")) ? nil : prices.bookName(for: text)
        return pattern
    }

    /// Whether a requested model's name fits the whole pattern; bytes are compared, and case counts.
    ///
    /// Asked for every request and pattern, so it walks plain bytes: slices of strings take thirty times as long.
    public func matches(_ name: String) -> Bool {
        var (text, name) = (text, name)
        return text.withUTF8 { pattern in name.withUTF8 { name in Self.matches(pattern, name) } }
    }

    /// Whether it means a model: one of its names fits.
    ///
    /// - Parameters:
    ///   - name: the name it is asked for by.
    ///   - bookNames: all that the price book has for it (``PriceBook/names(of:)``): a rule about `gpt-4.1` is not left by
    ///     asking for `gpt-4.1-2025-04-14`.
    public func means(_ name: String, bookNames: [String]) -> Bool {
        matches(name) || bookNames.contains { $0 == bookName || matches($0) }
    }

    private static func matches(_ pattern: UnsafeBufferPointer<UInt8>, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        var (place, position) = (0, 0)
        // Behind the latest star, and where it was tried last: enough, since later stars can do whatever earlier ones
        // could (linear in the product of the lengths, without recursion).
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
