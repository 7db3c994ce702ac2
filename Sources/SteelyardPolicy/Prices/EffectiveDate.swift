/// The start of a civil day in UTC, from which a price holds or after which a model is retired.
public struct EffectiveDate: Hashable, Comparable, Sendable {
    /// The date as `YYYY-MM-DD`.
    public let text: String
    /// Midnight UTC of that day, in seconds since 1970.
    public let unixSeconds: Int64

    /// Reads `YYYY-MM-DD` (years 1970 … 9999, days that exist); nil for anything else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }),
            let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
            year >= 1970, (1...12).contains(month), (1...Self.days(of: month, in: year)).contains(day)
        else { return nil }
        self.text = String(text)
        unixSeconds = Self.daysSince1970(year, month, day) * 86_400
    }

    /// Orders by time.
    public static func < (left: EffectiveDate, right: EffectiveDate) -> Bool { left.unixSeconds < right.unixSeconds }

    private static func days(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar; a year is taken to begin in March, so that the leap
    /// day is its last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
