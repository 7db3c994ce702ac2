import SteelyardPolicy
import Testing

@Suite("Exact decimals")
struct ExactDecimalTests {
    @Test(
        "decimal text becomes digits and a power of ten",
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("0.000", 0, 0), ("7", 7, 0), ("-7", -7, 0), ("10", 1, 1), ("1.50", 15, -1),
            ("0.017", 17, -3), ("1.25e-07", 125, -9), ("1.25E-7", 125, -9), ("5e-9", 5, -9), ("1e3", 1, 3),
            ("2e+2", 2, 2), ("0e999", 0, 0), ("0.000283333333333", 283_333_333_333, -15), ("100.0", 1, 2),
            ("999999999999999999", 999_999_999_999_999_999, 0), ("1.000000000000000000000000000000", 1, 0),
            ("0.00000000000000000000000000001", 1, -29),
        ] as [(String, Int64, Int)]
    )
    func reads(_ text: String, _ significand: Int64, _ exponent: Int) throws {
        let decimal = try ExactDecimal(parsing: text)
        #expect(decimal.significand == significand)
        #expect(decimal.exponent == exponent)
        #expect(try ExactDecimal(parsing: text.utf8.span) == decimal)
    }

    @Test(
        "text that is no decimal is refused with its reason",
        arguments: [
            ("", .malformed), (" 1", .malformed), ("1 ", .malformed), ("+1", .malformed), ("-", .malformed),
            ("--1", .malformed), (".5", .malformed), ("5.", .malformed), ("1..2", .malformed), ("1e", .malformed),
            ("1e+", .malformed), ("1e1.5", .malformed), ("1e1e1", .malformed), ("1-", .malformed), ("0x10", .malformed),
            ("1,5", .malformed), ("1_000", .malformed), ("NaN", .malformed), ("Infinity", .malformed),
            ("١", .malformed),
            ("$1", .malformed), ("e5", .malformed), ("1e5.", .malformed), ("007", .leadingZero),
            ("-01.5", .leadingZero),
            ("00", .leadingZero), ("1234567890123456789", .tooManyDigits), ("0.1234567890123456789", .tooManyDigits),
            ("10000000000000000000000000001", .tooManyDigits), ("1e1000", .exponentTooLarge),
            ("1e-1000", .exponentTooLarge), ("1e99999999999999999999", .exponentTooLarge),
        ] as [(String, DecimalProblem)]
    )
    func refuses(_ text: String, _ problem: DecimalProblem) {
        #expect(throws: problem) { try ExactDecimal(parsing: text) }
    }

    @Test("one number has one value however it is written")
    func equality() throws {
        let spellings = ["1.5", "1.50", "15e-1", "0.15E1", "0.0015e+3"]
        #expect(try Set(spellings.map { try ExactDecimal(parsing: $0) }).count == 1)
    }

    @Test(
        "scaling gives whole numbers or nothing",
        arguments: [
            ("1.5", 1, 15), ("1.5", 0, nil), ("1e18", 0, 1_000_000_000_000_000_000), ("1e19", 0, nil),
            ("9223372036855", 6, nil), ("0", 500, 0), ("-2.5", 1, -25), ("1e-12", 12, 1), ("1e-13", 12, nil),
        ] as [(String, Int, Int64?)]
    )
    func scales(_ text: String, _ power: Int, _ expected: Int64?) throws {
        #expect(try ExactDecimal(parsing: text).scaled(byPowerOfTen: power) == expected)
    }

    @Test(
        "rounding is half away from zero, and clamps",
        arguments: [
            ("0.5", 0, 1), ("0.4999", 0, 0), ("1.5", 0, 2), ("-0.5", 0, -1), ("-0.4", 0, 0),
            ("12.3456785", 6, 12_345_679),
            ("12.3456784", 6, 12_345_678), ("1e-40", 6, 0), ("1e40", 0, .max), ("-1e40", 0, .min),
            ("10.0", 6, 10_000_000),
        ] as [(String, Int, Int64)]
    )
    func rounds(_ text: String, _ power: Int, _ expected: Int64) throws {
        #expect(try ExactDecimal(parsing: text).rounded(toPowerOfTen: power) == expected)
    }

    @Test(
        "amounts print as plain dollars",
        arguments: [
            (0, "0"), (1, "0.000000000001"), (94_935_000_000, "0.094935"), (1_000_000_000_000, "1"),
            (1_250_000_000_000_000, "1250"), (-500_000_000_000, "-0.5"), (.max, "9223372.036854775807"),
            (.min, "-9223372.036854775808"),
        ] as [(Int64, String)]
    )
    func prints(_ picodollars: Int64, _ text: String) throws {
        #expect(Picodollars(picodollars).usdText == text)
        if picodollars > .min {
            let digits = text.utf8.filter { (0x30...0x39).contains($0) }.count
            if digits <= 18 { #expect(Picodollars(usd: try ExactDecimal(parsing: text))?.amount == picodollars) }
        }
    }
}
