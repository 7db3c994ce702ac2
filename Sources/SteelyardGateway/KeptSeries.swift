import SteelyardMetrics
import Synchronization

/// A series that is looked up when it is first added to, and kept from then on: a look-up hashes all label values
/// behind a lock, and a series that nothing is ever added to would only fill the registry.
struct KeptSeries<Series: AnyObject & Sendable>: ~Copyable, Sendable {
    private let kept = AtomicLazyReference<Series>()

    /// The series; `find` is called at the first use, and by threads that are there at the same time: all find the
    /// same one.
    func or(_ find: () -> Series) -> Series { kept.load() ?? kept.storeIfNil(find()) }
}
