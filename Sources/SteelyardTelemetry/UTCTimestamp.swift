/// An instant as RFC 3339 text in UTC with milliseconds; computed here because Foundation's formatter allocates.
public struct UTCTimestamp: Sendable {
    /// The instants that RFC 3339 can write: 0000-01-01T00:00:00.000Z to 9999-12-31T23:59:59.999Z.
    private static let writable: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999
    private let milliseconds: Int64

    /// Takes milliseconds since 1970; an instant outside the years 0 to 9999 becomes the first or last one.
    public init(milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, Self.writable.lowerBound), Self.writable.upperBound)
    }

    /// `2026-11-21T02:14:36.123Z`.
    public var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends ``text`` as ASCII.
    func append(to bytes: inout [UInt8]) {
        let (seconds, fraction) = Self.divide(milliseconds, by: 1000)
        let (days, second) = Self.divide(seconds, by: 86_400)
        let (year, month, day) = Self.civil(fromDays: days)
        bytes.append(year, digits: 4, then: "-")
        bytes.append(month, digits: 2, then: "-")
        bytes.append(day, digits: 2, then: "T")
        bytes.append(second / 3600, digits: 2, then: ":")
        bytes.append(second / 60 % 60, digits: 2, then: ":")
        bytes.append(second % 60, digits: 2, then: ".")
        bytes.append(fraction, digits: 3, then: "Z")
    }

    /// Division that rounds down, so that the remainder is never negative.
    private static func divide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// Turns days since 1970-01-01 into a date of the Gregorian calendar, in eras of 400 years that start on 1 March
    /// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`).
    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension [UInt8] {
    /// Appends a number with leading zeros, and a separator.
    fileprivate mutating func append(_ number: Int64, digits: Int, then separator: Unicode.Scalar) {
        append(digits: number.magnitude, atLeast: digits)
        append(UInt8(ascii: separator))
    }
}
