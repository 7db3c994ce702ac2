/// An instant of the monotonic clock in nanoseconds; only differences mean anything.
///
/// Wall-clock seconds are passed beside it where a calendar matters (which price is in force).
public struct Tick: Hashable, Comparable, Sendable {
    /// Nanoseconds since an arbitrary origin.
    public var nanoseconds: UInt64

    /// Makes an instant from a reading of the monotonic clock.
    public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// The origin.
    public static let zero = Tick(nanoseconds: 0)

    /// The instant some seconds later; clamps at the end of time.
    public func advanced(bySeconds seconds: Double) -> Tick {
        advanced(byNanoseconds: UInt64(max(0, min(seconds, 1e9)) * 1e9))
    }

    /// The instant some nanoseconds later; clamps at the end of time.
    public func advanced(byNanoseconds step: UInt64) -> Tick {
        Tick(nanoseconds: nanoseconds.addingClamped(step))
    }

    /// The nanoseconds that passed since an earlier instant; 0 if it was not earlier.
    public func nanoseconds(since earlier: Tick) -> UInt64 {
        nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0
    }

    /// Orders by time.
    public static func < (left: Tick, right: Tick) -> Bool { left.nanoseconds < right.nanoseconds }
}
