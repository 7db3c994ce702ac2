/// The start of a day in UTC, from which a price applies or after which a model is retired.
public struct EffectiveDate: Hashable, Comparable, Sendable {
    /// The date as `YYYY-MM-DD`.
    public let text: String
    /// Midnight UTC of that day, in seconds since 1970.
    public let unixSeconds: Int64

    /// Reads `YYYY-MM-DD` (years 1970 … 9999, days that exist); nil for anything else.
    public init?(_ text: some StringProtocol) {
        guard let (year, month, day) = Self.date(text.utf8) else { return nil }
        self.text = String(text)
        unixSeconds = Self.daysSince1970(year, month, day) * 86_400
    }

    /// Whether the bytes are a date that ``init(_:)`` reads.
    static func isDate(_ text: some Sequence<UInt8>) -> Bool { date(text) != nil }

    private static func date(_ text: some Sequence<UInt8>) -> (year: Int64, month: Int64, day: Int64)? {
        guard let digits = digits(text) else { return nil }
        let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100)
        let exists = year >= 1970 && (1...12).contains(month) && (1...days(of: month, in: year)).contains(day)
        return exists ? (year, month, day) : nil
    }

    /// The number that the eight digits of `YYYY-MM-DD` make.
    private static func digits(_ text: some Sequence<UInt8>) -> Int64? {
        var (number, count): (Int64, Int) = (0, 0)
        for byte in text {
            switch (count, byte) {
            case (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")): break
            case (0...3, 0x30...0x39), (5...6, 0x30...0x39), (8...9, 0x30...0x39):
                number = number * 10 + Int64(byte - 0x30)
            default: return nil
            }
            count += 1
        }
        return count == 10 ? number : nil
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

    /// Days from 1970-01-01 in the proleptic Gregorian calendar. A year is counted from March, so that the leap day is
    /// its last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static func daysSince1970(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
