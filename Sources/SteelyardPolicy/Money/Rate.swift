/// A price per unit as an exact fraction: `picodollars` for every `per` units, in lowest terms.
///
/// It is a fraction because some published prices are not whole numbers of picodollars per unit: $0.017 per minute is
/// 850/3 picodollars per microsecond. Charges are summed as fractions and rounded once, in ``RateSum``.
public struct Rate: Hashable, Sendable {
    /// The price of ``per`` units.
    public let picodollars: Int64
    /// The number of units that this price buys; a divisor of ``resolution``.
    public let per: Int64

    /// Free.
    public static let zero = Rate(picodollars: 0, per: 1)

    /// The finest fraction of a picodollar a rate may have: 2¹⁴·3²·5¹², a multiple of 10¹², of 60 and of 3,600.
    ///
    /// One common denominator keeps a sum of charges an integer. 10⁻¹² picodollars per unit is far below any price.
    public static let resolution: Int64 = 36_000_000_000_000

    /// Makes the rate of `usd` dollars for every `units` units (1,000,000 for prices per million tokens).
    ///
    /// - Throws: why this is not a price: negative, too large, or finer than ``resolution``.
    public init(usd: ExactDecimal, per units: Int64) throws(RateProblem) {
        guard usd.significand >= 0 else { throw .negative }
        guard units > 0 else { throw .unitsNotPositive }
        let power = usd.exponent + 12
        guard abs(power) <= 18, let factor = ExactDecimal.powerOfTen(abs(power)) else {
            throw power > 0 ? .tooLarge : .tooFine
        }
        let price = Int128(usd.significand) * Int128(power > 0 ? factor : 1)
        let quantity = Int128(units) * Int128(power > 0 ? 1 : factor)
        let divisor = Self.greatestCommonDivisor(price, quantity)
        guard let picodollars = Int64(exactly: price / divisor) else { throw .tooLarge }
        guard let per = Int64(exactly: quantity / divisor), Self.resolution % per == 0 else { throw .tooFine }
        self.init(picodollars: picodollars, per: per)
    }

    private init(picodollars: Int64, per: Int64) {
        (self.picodollars, self.per) = (picodollars, per)
    }

    private static func greatestCommonDivisor(_ left: Int128, _ right: Int128) -> Int128 {
        var (left, right) = (left, right)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }
}

/// Why a number is not a rate.
public enum RateProblem: Error, Hashable, Sendable {
    /// A price below zero.
    case negative
    /// A price for zero units, or for a negative number of units.
    case unitsNotPositive
    /// More than 9.2 million dollars per unit.
    case tooLarge
    /// Not a multiple of the ``Rate/resolution``.
    case tooFine
}
