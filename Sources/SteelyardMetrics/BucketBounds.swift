/// The upper bounds of a histogram's buckets, in nanoseconds; the bucket without a bound (`+Inf`) is always there too.
///
/// Changing the bounds of a published histogram breaks the dashboards built on it.
public struct BucketBounds: Sendable {
    let nanoseconds: [UInt64]
    /// `le="0.05"} ` for every bound and for `+Inf`, written once.
    let edges: [[UInt8]]

    /// How many bounds a histogram may have; a series holds a counter for each.
    static let capacity = 31

    /// Makes bounds from nanoseconds, at least one and at most 31, strictly ascending.
    public init(nanoseconds: [UInt64]) {
        precondition(!nanoseconds.isEmpty, "a histogram needs a bound")
        precondition(nanoseconds.count <= Self.capacity, "a histogram has at most \(Self.capacity) bounds")
        precondition(zip(nanoseconds, nanoseconds.dropFirst()).allSatisfy(<), "bounds ascend: \(nanoseconds)")
        self.nanoseconds = nanoseconds
        edges = (nanoseconds.map(Self.canonicalSeconds) + ["+Inf"]).map { Array("le=\"\($0)\"} ".utf8) }
    }

    /// Makes bounds from milliseconds; see ``init(nanoseconds:)``.
    public init(milliseconds: [UInt64]) { self.init(nanoseconds: milliseconds.map { $0 * 1_000_000 }) }

    /// The bucket of an observation: the first one whose bound is not below it, otherwise `+Inf`.
    func bucket(of observed: UInt64) -> Int {
        // A linear scan: most observations pass only a few of a dozen bounds, and the processor predicts the branches
        // well.
        for index in nanoseconds.indices where observed <= nanoseconds[index] { return index }
        return nanoseconds.count
    }
}

extension BucketBounds {
    /// The text of a bound in seconds: what Go's `%g` prints, with `.0` if that has neither point nor exponent.
    ///
    /// `le` is a label: Prometheus 2 uses its text unchanged, so `1` and `1.0` would be two series, and a scraper that
    /// changes its format would break every query. So both formats get this text (OpenMetrics 1.0 "Canonical Numbers";
    /// Prometheus 3 normalises to the same).
    static func canonicalSeconds(_ nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "0.0" }
        var digits = String(nanoseconds)
        let exponent = digits.utf8.count - 10
        while digits.hasSuffix("0") { digits.removeLast() }
        // Go writes an exponent below 1e-04 and from 1e+06 on.
        guard -4..<6 ~= exponent else { return scientific(digits, exponent) }
        return exponent < 0 ? zeroPoint(digits, exponent) : pointed(digits, exponent)
    }

    private static func scientific(_ digits: String, _ exponent: Int) -> String {
        let mantissa = digits.count == 1 ? digits : "\(digits.prefix(1)).\(digits.dropFirst())"
        let magnitude = exponent.magnitude
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
    }

    private static func zeroPoint(_ digits: String, _ exponent: Int) -> String {
        "0." + String(repeating: "0", count: -exponent - 1) + digits
    }

    private static func pointed(_ digits: String, _ exponent: Int) -> String {
        let padded = digits + String(repeating: "0", count: max(0, exponent + 2 - digits.count))
        return "\(padded.prefix(exponent + 1)).\(padded.dropFirst(exponent + 1))"
    }
}

extension BucketBounds {
    /// 50 ms to 10 min: a reasoning model may think for minutes, and a top bound below that would pin its p99.
    public static let requestDuration = BucketBounds(
        milliseconds: [50, 100, 250, 500, 1000, 2500, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000]
    )

    /// 50 ms to 2 min.
    public static let timeToFirstToken = BucketBounds(
        milliseconds: [50, 100, 200, 400, 800, 1500, 3000, 6000, 12_000, 30_000, 60_000, 120_000]
    )

    /// 1 ms to 5 s: from a thousand tokens a second to a stalled stream.
    public static let timePerOutputToken = BucketBounds(
        milliseconds: [1, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 5000]
    )

    /// 50 µs to 1 s: a healthy proxy adds microseconds.
    public static let proxyOverhead = BucketBounds(
        nanoseconds: [
            50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
            100_000_000, 1_000_000_000,
        ]
    )

    /// 10 ms to 10 min: from a look-up in a local index to a web search or a person's approval.
    public static let toolDuration = BucketBounds(
        milliseconds: [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000]
    )
}
