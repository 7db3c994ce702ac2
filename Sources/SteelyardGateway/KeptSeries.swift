import SteelyardMetrics
import Synchronization

/// A series that is looked up at its first use and then kept. A look-up hashes all label values while it holds a lock,
/// and a series without values would only fill the registry.
///
/// This is not the library's `AtomicLazyReference`: its generic `load()` (Swift 6.3.1) looks up type metadata at each
/// call, 680 instructions instead of five.
struct KeptSeries<Series: AnyObject & Sendable>: ~Copyable, Sendable {
    private let kept = Atomic<Unmanaged<Series>?>(nil)

    deinit { kept.load(ordering: .acquiring)?.release() }

    /// The series. Calls `find` at the first use, maybe on several threads at once; all of them get the same series.
    func or(_ find: () -> Series) -> Series {
        // Retained once when it was stored, and released in `deinit`.
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
