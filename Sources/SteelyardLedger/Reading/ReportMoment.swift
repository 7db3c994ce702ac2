import SteelyardPolicy

/// A bound of a report as people write it: an age (`7d`, `12h`, `30m`, `2w`), a UTC day (`2026-11-01`), or a UTC time
/// (`2026-11-01T06:00Z`).
public enum ReportMoment: Hashable, Sendable {
    /// That many seconds ago.
    case age(seconds: Int64)
    /// An instant in seconds since 1970.
    case instant(seconds: Int64)

    /// Reads a bound; nil for anything else.
    public init?(_ text: String) {
        if let date = EffectiveDate(text) {
            self = .instant(seconds: date.unixSeconds)
        } else if let seconds = Self.instant(text) {
            self = .instant(seconds: seconds)
        } else if let seconds = Self.age(text) {
            self = .age(seconds: seconds)
        } else {
            return nil
        }
    }

    /// The moment in seconds since 1970.
    public func seconds(now: Int64) -> Int64 {
        switch self {
        case .age(let seconds): now - seconds
        case .instant(let seconds): seconds
        }
    }

    private static func age(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...100_000).contains(count)
        else { return nil }
        return count * unit
    }

    private static func instant(_ text: String) -> Int64? {
        let parts = text.split(separator: "T")
        guard parts.count == 2, parts[1].count == 6, parts[1].hasSuffix("Z"), let date = EffectiveDate(parts[0]) else {
            return nil
        }
        let clock = parts[1].dropLast().split(separator: ":").map { UInt8($0) }
        guard clock.count == 2, let hour = clock[0], let minute = clock[1], hour < 24, minute < 60 else { return nil }
        return date.unixSeconds + Int64(hour) * 3600 + Int64(minute) * 60
    }
}
