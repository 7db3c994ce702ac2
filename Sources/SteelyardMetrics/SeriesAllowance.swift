internal import Synchronization

/// How many samples the registry may print in total: a bound that holds whatever clients send.
///
/// Three kinds of series share it. Every family reserves its last resort when it is declared. Label sets that cannot
/// fold further may use all the rest. Label sets that can still fold leave an eighth free, so that there is room for
/// the sets that they fold into.
final class SeriesAllowance: Sendable {
    private let maximum: Int
    private let used = Atomic<Int>(0)

    init(maximum: Int) { self.maximum = maximum }

    /// Reserves samples forever, even beyond the maximum: without its last resort, a family would lose counts.
    func setAside(_ samples: Int) { used.wrappingAdd(samples, ordering: .relaxed) }

    /// Takes room for a new series if there is any. `isFoldable` means that another series can stand in for it.
    func take(_ samples: Int, isFoldable: Bool) -> Bool {
        let limit = isFoldable ? maximum - maximum / 8 : maximum
        var current = used.load(ordering: .relaxed)
        while current <= limit - samples {
            let (exchanged, original) = used.compareExchange(
                expected: current,
                desired: current + samples,
                ordering: .relaxed
            )
            if exchanged { return true }
            current = original
        }
        return false
    }
}
