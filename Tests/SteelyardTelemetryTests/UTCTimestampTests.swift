import SteelyardTelemetry
import Testing

@Suite("A timestamp")
struct UTCTimestampTests {
    /// Milliseconds since 1970 and their text; checked against GNU `date -u -d @N`.
    static let instants: [(Int64, String)] = [
        (0, "1970-01-01T00:00:00.000Z"),
        (1, "1970-01-01T00:00:00.001Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-86_400_000, "1969-12-31T00:00:00.000Z"),
        (951_782_399_999, "2000-02-28T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (951_868_800_000, "2000-03-01T00:00:00.000Z"),
        (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
        (1_740_787_200_000, "2025-03-01T00:00:00.000Z"),
        (1_795_219_200_123, "2026-11-21T00:00:00.123Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"),
        (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
        (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
    ]

    @Test("is RFC 3339 in UTC with milliseconds", arguments: instants)
    func text(milliseconds: Int64, text: String) {
        #expect(UTCTimestamp(milliseconds: milliseconds).text == text)
    }

    @Test("outside the years that RFC 3339 can write is their first or last instant")
    func clamps() {
        #expect(UTCTimestamp(milliseconds: .max).text == "9999-12-31T23:59:59.999Z")
        #expect(UTCTimestamp(milliseconds: 253_402_300_800_000).text == "9999-12-31T23:59:59.999Z")
        #expect(UTCTimestamp(milliseconds: .min).text == "0000-01-01T00:00:00.000Z")
    }

    @Test("never goes back when time goes on")
    func monotonic() {
        var earlier = UTCTimestamp(milliseconds: -70_000_000_000_000).text
        for day in stride(from: Int64(-62_000_000_000_000), to: 250_000_000_000_000, by: 86_400_000 * 97) {
            let later = UTCTimestamp(milliseconds: day).text
            #expect(earlier < later)
            earlier = later
        }
    }
}
