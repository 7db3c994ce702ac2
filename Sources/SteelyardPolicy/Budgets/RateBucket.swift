/// A limit per minute as a leaky bucket: it holds a minute's worth, and leaks a minute's worth a minute.
///
/// More can be put in than fits when an estimate was too low: the debt is carried until it has leaked away, never
/// forgiven. Exact integers: the level counts in units of 1/60,000,000,000, so that a limit of N leaks N of them a
/// nanosecond.
struct RateBucket {
    private static let unitsPerCount: Int128 = 60_000_000_000

    /// What a minute allows.
    var perMinute: Int64
    private var level: Int128 = 0
    private var levelNanoseconds: UInt64 = 0

    init(perMinute: Int64) { self.perMinute = perMinute }

    /// How long until so much fits; 0 when it does now. What is larger than a minute's worth fits into an empty bucket:
    /// estimates are rough, and refusing it for ever would not be a rate.
    func waitNanoseconds(for count: Int64, at nanoseconds: UInt64) -> UInt64 {
        guard perMinute > 0 else { return count > 0 ? .max : 0 }
        let room = capacity - min(Int128(count) * Self.unitsPerCount, capacity)
        return leakNanoseconds(level(at: nanoseconds) - room)
    }

    /// Puts in what was admitted.
    mutating func take(_ count: Int64, at nanoseconds: UInt64) { correct(by: count, at: nanoseconds) }

    /// Puts in more than was estimated, or takes out what was not used.
    mutating func correct(by count: Int64, at nanoseconds: UInt64) {
        level = max(0, level(at: nanoseconds) + Int128(count) * Self.unitsPerCount)
        levelNanoseconds = max(levelNanoseconds, nanoseconds)
    }

    /// How much would fit now, and how long until the bucket is empty.
    func standing(at nanoseconds: UInt64) -> RateStanding {
        let level = level(at: nanoseconds)
        return RateStanding(
            limit: perMinute,
            remaining: Int64(clamping: max(0, capacity - level) / Self.unitsPerCount),
            resetNanoseconds: leakNanoseconds(level)
        )
    }

    private var capacity: Int128 { Int128(perMinute) * Self.unitsPerCount }

    /// Threads read the clock one after another and arrive here in another order: time that goes back stands still.
    private func level(at nanoseconds: UInt64) -> Int128 {
        guard nanoseconds > levelNanoseconds else { return level }
        return max(0, level - Int128(nanoseconds - levelNanoseconds) * Int128(perMinute))
    }

    private func leakNanoseconds(_ units: Int128) -> UInt64 {
        guard units > 0 else { return 0 }
        guard perMinute > 0 else { return .max }
        return UInt64(clamping: (units + Int128(perMinute) - 1) / Int128(perMinute))
    }
}

/// How one rate stands, for `x-ratelimit-*`.
public struct RateStanding: Hashable, Sendable {
    /// What a minute allows: `x-ratelimit-limit-…`.
    public var limit: Int64
    /// What would pass now: `x-ratelimit-remaining-…`.
    public var remaining: Int64
    /// How long until all of the limit would pass at once.
    public var resetNanoseconds: UInt64

    /// Makes a standing.
    public init(limit: Int64, remaining: Int64, resetNanoseconds: UInt64) {
        self.limit = limit
        self.remaining = remaining
        self.resetNanoseconds = resetNanoseconds
    }

    /// ``resetNanoseconds`` as OpenAI writes `x-ratelimit-reset-…`: `20ms`, `1s`, `1.5s`, `6m0s`.
    public var resetText: String { RateDuration.text(milliseconds: resetNanoseconds.dividedRoundingUp(by: 1_000_000)) }
}

/// Writes durations as OpenAI's rate-limit headers do ("Rate limits", field `x-ratelimit-reset-requests`: `1s`, `6m0s`).
enum RateDuration {
    static func text(milliseconds: UInt64) -> String {
        guard milliseconds >= 1000 else { return "\(milliseconds)ms" }
        let (minutes, rest) = milliseconds.quotientAndRemainder(dividingBy: 60_000)
        let seconds = seconds(rest) + "s"
        guard minutes > 0 else { return seconds }
        return minutes < 60 ? "\(minutes)m\(seconds)" : "\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    /// Seconds with as many decimals as they need.
    private static func seconds(_ milliseconds: UInt64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return String(seconds) }
        var digits = Substring(String(rest + 1000).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(seconds).\(digits)"
    }
}

extension UInt64 {
    /// The quotient, one more if anything is left.
    func dividedRoundingUp(by divisor: UInt64) -> UInt64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return quotient + (remainder > 0 ? 1 : 0)
    }
}
