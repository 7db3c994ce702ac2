/// An amount of money in picodollars (10⁻¹² USD).
///
/// Token prices are whole numbers of picodollars; the lowest price we know is 2,500 (`gpt-5-nano`, cached, batch).
/// Prices per second may not be whole, so they are fractions (``Rate``). `Int64` holds 9.2 million dollars; sums use
/// ``MoneySum``.
public struct Picodollars: Hashable, Comparable, Sendable {
    /// The amount; never negative for a charge.
    public var amount: Int64

    /// Makes an amount from a count of picodollars.
    public init(_ amount: Int64) { self.amount = amount }

    /// No money at all.
    public static let zero = Picodollars(0)

    /// Orders by amount.
    public static func < (left: Picodollars, right: Picodollars) -> Bool { left.amount < right.amount }
}

/// A running total of charges in picodollars; `Int128` cannot overflow within the lifetime of a process.
public struct MoneySum: Hashable, Comparable, Sendable {
    /// The total in picodollars.
    public private(set) var amount: Int128

    /// Starts a total.
    public init(_ amount: Int128 = 0) { self.amount = amount }

    /// Adds one charge to the total.
    public static func += (sum: inout MoneySum, charge: Picodollars) { sum.amount += Int128(charge.amount) }

    /// Orders by amount.
    public static func < (left: MoneySum, right: MoneySum) -> Bool { left.amount < right.amount }
}
