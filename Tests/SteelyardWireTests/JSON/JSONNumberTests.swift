import Testing

@testable import SteelyardWire

@Suite("A JSON number")
struct JSONNumberTests {
    private func number(_ text: String) -> JSONNumber? { JSONNumber(text.utf8Span.span) }

    @Test(
        "is read exactly",
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("17", 17, 0), ("-17", -17, 0), ("12.345", 12345, -3), ("1e3", 1, 3),
            ("1.5E-7", 15, -8), ("0.000100", 100, -6), ("123456789012345678", 123_456_789_012_345_678, 0),
        ] as [(String, Int64, Int)]
    )
    func exact(_ text: String, _ significand: Int64, _ exponent: Int) {
        #expect(number(text) == JSONNumber(significand: significand, exponent: exponent))
    }

    @Test(
        "beyond 18 digits keeps 18 and says so",
        arguments: [
            ("1234567890123456789", 1), ("12345678901234567890.5", 2), ("1.234567890123456789", -17),
        ]
    )
    func truncated(_ text: String, _ exponent: Int) {
        let expected = JSONNumber(significand: 123_456_789_012_345_678, exponent: exponent, isTruncated: true)
        #expect(number(text) == expected)
    }

    @Test(
        "is nothing else",
        arguments: ["", "-", "--1", "1-", ".5", "1.2.3", "1e", "1e+", "1e5.0", "+1", "0x1", "NaN", "1 "]
    )
    func noNumber(_ text: String) { #expect(number(text) == nil) }

    @Test(
        "is scaled, a fraction of a unit counted as a whole one",
        arguments: [
            ("12.345", 6, 12_345_000), ("0.0000001", 6, 1), ("-0.0000001", 6, -1), ("0", 6, 0), ("5", 0, 5),
            ("5.01", 0, 6),
            ("1e-400", 6, 1), ("0e999999999", 6, 0), ("9e18", 0, 9_000_000_000_000_000_000),
            ("1e18", 0, 1_000_000_000_000_000_000),
        ] as [(String, Int, Int64)]
    )
    func scaled(_ text: String, _ digits: Int, _ value: Int64) {
        #expect(number(text)?.scaled(byDigits: digits) == value)
    }

    @Test(
        "that fits no Int64 has no scaled value",
        arguments: ["1e19", "92233720368547758070", "-1e300", "1e99999999999999999999"]
    )
    func tooLarge(_ text: String) {
        #expect(number(text) != nil)
        #expect(number(text)?.scaled() == nil)
    }
}
