internal import Synchronization

/// A total that only grows, 127 bits wide. Adding takes one atomic instruction and no lock.
///
/// 64 bits are not enough: a thousand open streams fill 2⁶⁴ nanoseconds in seven months, and 2⁶³ picodollars are 9.2
/// million dollars. `low` holds the lower 63 bits of the total. Its top bit flips at each overflow, and then the thread
/// that made it flip counts the overflow. A reader between these two steps sees a top bit that does not match the
/// parity of `overflows`, and adds the missing overflow itself.
struct WideTotal: ~Copyable, Sendable {
    private let low: Atomic<UInt64>
    private let overflows: Atomic<UInt64>

    /// Starts at `total`, which is not negative.
    init(_ total: Int128 = 0) {
        let overflows = UInt64(truncatingIfNeeded: total >> 63)
        low = Atomic(UInt64(truncatingIfNeeded: total) & Self.payload | overflows << 63)
        self.overflows = Atomic(overflows)
    }

    private static let payload = UInt64.max >> 1

    /// Adds `amount`; a negative amount adds nothing, because a counter never falls.
    func add(_ amount: Int64) {
        guard amount > 0 else { return }
        let (old, new) = low.wrappingAdd(UInt64(amount), ordering: .acquiringAndReleasing)
        guard (old ^ new) & ~Self.payload != 0 else { return }
        overflows.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    /// Everything added so far. It is exact unless 2⁶³ more are added between the two instructions of one ``add(_:)``.
    var total: Int128 {
        var counted = overflows.load(ordering: .acquiring)
        while true {
            let low = low.load(ordering: .acquiring)
            let recounted = overflows.load(ordering: .acquiring)
            if counted == recounted { return Self.joined(low: low, overflows: counted) }
            counted = recounted
        }
    }

    /// The total of the two words, including an overflow that is not counted yet.
    static func joined(low: UInt64, overflows: UInt64) -> Int128 {
        let uncounted = (low >> 63) ^ (overflows & 1)
        return Int128(overflows &+ uncounted) << 63 | Int128(low & payload)
    }
}
