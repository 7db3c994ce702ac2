import SteelyardMetrics
import Synchronization

/// A series that is looked up when it is first added to, and kept from then on: a look-up hashes all label values
/// behind a lock, and a series that nothing is ever added to would only fill the registry.
///
/// Not the library's `AtomicLazyReference`: its generic `load()` (Swift 6.3.1) looks type metadata up at each call,
/// 680 instructions against five.
struct KeptSeries<Series: AnyObject & Sendable>: ~Copyable, Sendable {
    private let kept = Atomic<Unmanaged<Series>?>(nil)

    deinit { kept.load(ordering: .acquiring)?.release() }

    /// The series; `find` is called at the first use, and by threads that are there at the same time: all get the
    /// same one.
    func or(_ find: () -> Series) -> Series {
        // Retained once when it was stored, and until `deinit`.
        if let known = kept.load(ordering: .acquiring) { return known.takeUnretainedValue() }
        return keep(find())
    }

    private func keep(_ series: Series) -> Series {
        let found = Unmanaged.passRetained(series)
        let (isFirst, first) = kept.compareExchange(
            expected: nil,
            desired: found,
            ordering: .acquiringAndReleasing
        )
        guard !isFirst, let first else { return series }
        found.release()
        return first.takeUnretainedValue()
    }
}
