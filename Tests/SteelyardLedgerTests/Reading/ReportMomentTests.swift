import Testing

@testable import SteelyardLedger

@Suite struct ReportMomentTests {
    @Test(
        arguments: [
            ("30m", 1_700_000_000 - 1800), ("12h", 1_700_000_000 - 43_200), ("7d", 1_700_000_000 - 604_800),
            ("2w", 1_700_000_000 - 1_209_600), ("2026-11-01", 1_793_491_200), ("2026-11-01T06:30Z", 1_793_514_600),
        ] as [(String, Int64)]
    )
    func isAnAgeADayOrAMomentOfOne(text: String, seconds: Int64) {
        #expect(ReportMoment(text)?.seconds(now: 1_700_000_000) == seconds)
    }

    @Test(
        arguments: [
            "", "7", "d", "-7d", "7y", "yesterday", "2026-13-01", "2026-11-01T24:00Z", "2026-11-01T06:00", "100001d",
        ]
    )
    func isNothingElse(text: String) {
        #expect(ReportMoment(text) == nil)
    }
}
