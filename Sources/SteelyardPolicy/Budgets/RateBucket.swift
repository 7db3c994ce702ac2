/// A limit per minute as a leaky bucket: it holds one minute's allowance, and that amount leaks out every minute.
///
/// When an estimate was too low, more is put in than fits. That debt stays until it has leaked away and is never
/// forgiven.
///
/// All numbers are exact integers. The level counts in units of 1/60,000,000,000, so that a limit of N leaks N units a
/// nanosecond.
struct RateBucket {
    private static let unitsPerCount: Int128 = 60_000_000_000

    /// The limit per minute.
    var perMinute: Int64
    private var level: Int128 = 0
    private var levelAt = Tick.zero

    init(perMinute: Int64) { self.perMinute = perMinute }

    /// How long until `count` fits; 0 when it fits now. A count larger than one minute's allowance fits into an empty
    /// bucket: estimates are rough, and refusing such a request for ever would not be a rate limit.
    func waitNanoseconds(for count: Int64, at now: Tick) -> UInt64 {
        guard perMinute > 0 else { return count > 0 ? .max : 0 }
        let room = capacity - min(Int128(count) * Self.unitsPerCount, capacity)
        return leakNanoseconds(level(at: now) - room)
    }

    /// Puts in the count of an admitted request.
    mutating func take(_ count: Int64, at now: Tick) { correct(by: count, at: now) }

    /// Corrects an estimate: puts in what was used beyond it, or takes out what was not used.
    mutating func correct(by count: Int64, at now: Tick) {
        level = max(0, level(at: now) + Int128(count) * Self.unitsPerCount)
        levelAt = max(levelAt, now)
    }

    /// How much would fit now, and how long until the bucket is empty.
    func standing(at now: Tick) -> RateStanding {
        let level = level(at: now)
        return RateStanding(
            limit: perMinute,
            remaining: Int64(clamping: max(0, capacity - level) / Self.unitsPerCount),
            resetNanoseconds: leakNanoseconds(level)
        )
    }

    private var capacity: Int128 { Int128(perMinute) * Self.unitsPerCount }

    /// Threads read the clock and may arrive here in a different order. A reading that goes back counts as no time
    /// passed.
    private func level(at now: Tick) -> Int128 {
        max(0, level - Int128(now.nanoseconds(since: levelAt)) * Int128(perMinute))
    }

    private func leakNanoseconds(_ units: Int128) -> UInt64 {
        guard units > 0 else { return 0 }
        guard perMinute > 0 else { return .max }
        return UInt64(clamping: (units + Int128(perMinute) - 1) / Int128(perMinute))
    }
}

/// The state of one rate limit, for `x-ratelimit-*`.
public struct RateStanding: Hashable, Sendable {
    /// The limit per minute: `x-ratelimit-limit-…`.
    public var limit: Int64
    /// How much is still allowed now: `x-ratelimit-remaining-…`.
    public var remaining: Int64
    /// How long until the whole limit is available again.
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
    /// The quotient, rounded up.
    func dividedRoundingUp(by divisor: UInt64) -> UInt64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return quotient + (remainder > 0 ? 1 : 0)
    }
}
