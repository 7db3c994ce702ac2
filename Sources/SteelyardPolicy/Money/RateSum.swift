/// A sum of quantities times rates, exact until it is rounded to picodollars once at the end.
///
/// It counts in 1/``Rate/resolution`` of a picodollar. `Int128` holds 4.7 trillion dollars in this unit; larger amounts
/// are clamped, and ``isClamped`` says so.
public struct RateSum: Hashable, Sendable {
    private var parts: Int128 = 0
    /// Whether an amount was too large and was clamped.
    public private(set) var isClamped = false

    /// Starts at zero.
    public init() {}

    /// Adds the price of `quantity` units; a negative quantity adds nothing.
    public mutating func add(_ quantity: Int64, at rate: Rate) {
        let price = Int128(max(0, quantity)) * Int128(rate.picodollars)
        add(price, times: Rate.resolution / rate.per)
    }

    /// The sum of `self × factor` and `other`, rounded half up to a picodollar; clamped.
    ///
    /// Both parts are rounded together: a regional uplift multiplies the tokens but not the tool fees of a charge.
    public func rounded(times factor: Ratio = .one, plus other: RateSum = RateSum()) -> RoundedSum {
        var sum = RateSum()
        sum.isClamped = isClamped || other.isClamped
        sum.add(parts, times: factor.numerator)
        sum.add(other.parts, times: factor.denominator)
        return sum.rounded(over: Int128(Rate.resolution) * Int128(factor.denominator))
    }

    private func rounded(over divisor: Int128) -> RoundedSum {
        let (quotient, remainder) = parts.quotientAndRemainder(dividingBy: divisor)
        guard !isClamped, quotient < Int128(Int64.max) else {
            return RoundedSum(amount: Picodollars(.max), isClamped: true)
        }
        let roundsUp = remainder >= divisor - remainder
        return RoundedSum(amount: Picodollars(Int64(quotient) + (roundsUp ? 1 : 0)), isClamped: false)
    }

    private mutating func add(_ value: Int128, times factor: Int64) {
        let (product, productOverflow) = value.multipliedReportingOverflow(by: Int128(factor))
        let (sum, sumOverflow) = parts.addingReportingOverflow(product)
        if productOverflow || sumOverflow { (parts, isClamped) = (.max, true) } else { parts = sum }
    }
}

/// A charge after its one rounding.
public struct RoundedSum: Hashable, Sendable {
    /// The charge.
    public let amount: Picodollars
    /// Whether the true charge is larger than the largest amount.
    public let isClamped: Bool

    /// Two charges together.
    static func + (left: RoundedSum, right: RoundedSum) -> RoundedSum {
        let (sum, overflow) = left.amount.amount.addingReportingOverflow(right.amount.amount)
        let isClamped = overflow || left.isClamped || right.isClamped
        return RoundedSum(amount: Picodollars(isClamped ? .max : sum), isClamped: isClamped)
    }
}

/// A factor that a price is multiplied by, such as 11/10.
public struct Ratio: Hashable, Sendable {
    /// Above the line; positive.
    public let numerator: Int64
    /// Below the line; positive.
    public let denominator: Int64

    /// Makes `numerator/denominator`; nil unless both are within 1 … 1,000.
    public init?(_ numerator: Int64, over denominator: Int64) {
        guard (1...1000).contains(numerator), (1...1000).contains(denominator) else { return nil }
        (self.numerator, self.denominator) = (numerator, denominator)
    }

    private init() { (numerator, denominator) = (1, 1) }

    /// No change.
    public static let one = Ratio()
}
