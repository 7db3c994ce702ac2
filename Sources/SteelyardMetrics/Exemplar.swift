internal import Synchronization

/// The trace of one observation, shown with the sample that counted it (OpenMetrics 1.0 "Exemplars").
///
/// Its label set is always `trace_id` and 32 digits: 40 of the 128 characters that are allowed.
public struct Exemplar: Sendable, Hashable {
    let traceHigh: UInt64
    let traceLow: UInt64
    let unixMilliseconds: Int64

    /// Makes an exemplar; nil if `traceID` is not a trace id (W3C Trace Context §3.2.2.3: 32 hexadecimal digits, not
    /// all zero). `unixMilliseconds` is the time of the observation.
    public init?(traceID: String, unixMilliseconds: Int64) {
        let digits = traceID.utf8
        guard digits.count == 32, digits.allSatisfy(\.isHexadecimalDigit),
            let high = UInt64(traceID.prefix(16), radix: 16), let low = UInt64(traceID.suffix(16), radix: 16)
        else { return nil }
        self.init(traceHigh: high, traceLow: low, unixMilliseconds: unixMilliseconds)
    }

    /// Makes an exemplar from the two halves of a trace id, big end first; nil when both are zero.
    public init?(traceHigh: UInt64, traceLow: UInt64, unixMilliseconds: Int64) {
        guard traceHigh | traceLow != 0 else { return nil }
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.unixMilliseconds = unixMilliseconds
    }
}

/// The last exemplar of each sample of a series; it needs no memory until the first one arrives.
struct ExemplarSlots: ~Copyable, Sendable {
    /// An exemplar with the amount that was observed, in the unit of its series.
    struct Kept: Sendable {
        var exemplar: Exemplar
        var amount: Int64
    }

    private let kept = Mutex<[Kept?]>([])

    /// Replaces the last exemplar of a slot, unless another thread is using the slots: exemplars are only samples of
    /// the traffic, and never worth a wait on the data path.
    func keep(_ exemplar: Exemplar, amount: Int64, slot: Int, of count: Int) {
        _ = kept.withLockIfAvailable { kept in
            if kept.isEmpty { kept = Array(repeating: nil, count: count) }
            kept[slot] = Kept(exemplar: exemplar, amount: amount)
        }
    }

    /// The exemplars of all slots; empty if there has never been one.
    var all: [Kept?] { kept.withLock { $0 } }
}

extension [UInt8] {
    /// Appends ` # {trace_id="…"} amount time`, the amount as a decimal with `places`.
    mutating func append(_ kept: ExemplarSlots.Kept, places: Int) {
        append(text: " # {trace_id=\"")
        append(hexadecimal: kept.exemplar.traceHigh)
        append(hexadecimal: kept.exemplar.traceLow)
        append(text: "\"} ")
        append(decimal: Int128(kept.amount), places: places)
        append(UInt8(ascii: " "))
        append(decimal: Int128(kept.exemplar.unixMilliseconds), places: 3)
    }
}

extension UInt8 {
    fileprivate var isHexadecimalDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
