extension Picodollars {
    /// Makes an amount from dollars; nil if it is finer than a picodollar or beyond ±9.2 million dollars.
    public init?(usd: ExactDecimal) {
        guard let amount = usd.scaled(byPowerOfTen: 12) else { return nil }
        self.init(amount)
    }

    /// The amount in dollars as plain decimal text without trailing zeros, such as `0.094935`; exact.
    public var usdText: String { MoneySum(Int128(amount)).usdText }
}

extension MoneySum {
    /// The total in dollars as plain decimal text without trailing zeros, such as `1250` or `-0.5`; exact.
    public var usdText: String {
        let (dollars, fraction) = amount.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000_000)
        let sign = amount < 0 ? "-" : ""
        guard fraction > 0 else { return "\(sign)\(dollars)" }
        let digits = String(fraction)
        let padded = String(repeating: "0", count: 12 - digits.utf8.count) + digits
        return "\(sign)\(dollars).\(padded.trimmingTrailingZeros)"
    }
}

extension String {
    /// The text up to its last character that is not `0`.
    fileprivate var trimmingTrailingZeros: Substring {
        var text = self[...]
        while text.utf8.last == UInt8(ascii: "0") { text.removeLast() }
        return text
    }
}
