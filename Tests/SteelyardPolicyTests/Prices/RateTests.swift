import Testing

@testable import SteelyardPolicy

@Suite("Rates and their sums")
struct RateTests {
    @Test(
        "a price becomes picodollars per unit in lowest terms",
        arguments: [
            ("0.4", 1_000_000, 400_000, 1), ("0.0025", 1_000_000, 2_500, 1), ("0.017", 60_000_000, 850, 3),
            ("0.006", 60_000_000, 100, 1), ("2.50", 1000, 2_500_000_000, 1), ("0", 1_000_000, 0, 1),
            ("0.000283333333333", 1_000_000, 283_333_333_333, 1_000_000_000), ("600", 1_000_000, 600_000_000, 1),
        ] as [(String, Int64, Int64, Int64)]
    )
    func rate(_ usd: String, _ units: Int64, _ picodollars: Int64, _ per: Int64) throws {
        let rate = try Rate(usd: ExactDecimal(parsing: usd), per: units)
        #expect(rate.picodollars == picodollars)
        #expect(rate.per == per)
    }

    @Test(
        "what is no price is refused",
        arguments: [
            ("-1", 1, .negative), ("1", 0, .unitsNotPositive), ("1", -5, .unitsNotPositive), ("1e9", 1, .tooLarge),
            ("9223373", 1, .tooLarge), ("1e30", 1, .tooLarge), ("1e-40", 1, .tooFine), ("1", 7, .tooFine),
        ] as [(String, Int64, RateProblem)]
    )
    func refuses(_ usd: String, _ units: Int64, _ problem: RateProblem) {
        #expect(throws: problem) { try Rate(usd: ExactDecimal(parsing: usd), per: units) }
    }

    @Test("a third of a picodollar is carried until the sum is rounded")
    func carriesFractions() throws {
        let third = try Rate(usd: ExactDecimal(parsing: "1e-12"), per: 3)
        var sum = RateSum()
        sum.add(1, at: third)
        #expect(sum.rounded().amount == Picodollars(0))
        sum.add(1, at: third)
        #expect(sum.rounded().amount == Picodollars(1))
        sum.add(1, at: third)
        #expect(sum.rounded().amount == Picodollars(1))
    }

    @Test("exactly half a picodollar rounds up")
    func halfUp() throws {
        let half = try Rate(usd: ExactDecimal(parsing: "1e-12"), per: 2)
        var sum = RateSum()
        sum.add(1, at: half)
        #expect(sum.rounded().amount == Picodollars(1))
        sum.add(2, at: half)
        #expect(sum.rounded().amount == Picodollars(2))
    }

    @Test("a factor multiplies its part before the one rounding, and not the other part")
    func factor() throws {
        let one = try Rate(usd: ExactDecimal(parsing: "1e-12"), per: 1)
        var (tokens, fees) = (RateSum(), RateSum())
        tokens.add(4, at: one)
        fees.add(1, at: one)
        let uplift = try #require(Ratio(11, over: 10))
        #expect(tokens.rounded(times: uplift, plus: fees).amount == Picodollars(5))  // 4.4 + 1 = 5.4
        tokens.add(1, at: one)
        #expect(tokens.rounded(times: uplift, plus: fees).amount == Picodollars(7))  // 5.5 + 1 = 6.5
    }

    @Test("a sum that does not fit is clamped and says so")
    func clamps() throws {
        let dear = try Rate(usd: ExactDecimal(parsing: "9000000"), per: 1)
        var sum = RateSum()
        sum.add(1, at: dear)
        #expect(sum.rounded() == RoundedSum(amount: Picodollars(9_000_000_000_000_000_000), isClamped: false))
        sum.add(1, at: dear)
        #expect(sum.rounded() == RoundedSum(amount: Picodollars(.max), isClamped: true))
        for _ in 0..<4 { sum.add(.max, at: dear) }
        #expect(sum.isClamped)
        #expect(sum.rounded() == RoundedSum(amount: Picodollars(.max), isClamped: true))
    }

    @Test("a negative quantity adds nothing")
    func negativeQuantity() throws {
        var sum = RateSum()
        sum.add(-5, at: try Rate(usd: ExactDecimal(5), per: 1))
        #expect(sum.rounded().amount == .zero)
    }

    @Test("ratios outside 1 … 1000 are refused", arguments: [(0, 1), (1, 0), (-1, 1), (1001, 1), (1, 1001)])
    func ratios(_ numerator: Int64, _ denominator: Int64) {
        #expect(Ratio(numerator, over: denominator) == nil)
    }
}
