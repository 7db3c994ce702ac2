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
    /// Requested models that count; empty: all.
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

    /// Takes a pattern as written; every text is one.
    public init(_ text: String) { self.text = text }

    /// Whether a requested model's name fits the whole pattern; bytes are compared, and case counts.
    public func matches(_ name: String) -> Bool {
        var pattern = text.utf8[...]
        var rest = name.utf8[...]
        // Where the latest star was, and how much of the name it has swallowed: enough, since later stars can do
        // whatever earlier ones could (linear in the product of the lengths, without recursion).
        var retry: (pattern: Substring.UTF8View, rest: Substring.UTF8View)?
        while !rest.isEmpty {
            if pattern.first == UInt8(ascii: "*") {
                pattern.removeFirst()
                retry = (pattern, rest)
            } else if pattern.first == rest.first {
                pattern.removeFirst()
                rest.removeFirst()
            } else if let again = retry {
                retry = (again.pattern, again.rest.dropFirst())
                (pattern, rest) = (again.pattern, again.rest.dropFirst())
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
