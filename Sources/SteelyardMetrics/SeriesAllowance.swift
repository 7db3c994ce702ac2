internal import Synchronization

/// How many samples the registry may print in all: the bound that holds whatever clients send.
///
/// Three claims share it. Every family has its last resort set aside when it is declared. Label sets that cannot be
/// folded further may use all the rest; those that can leave an eighth free, so that the sets they fold into find room.
final class SeriesAllowance: Sendable {
    private let maximum: Int
    private let used = Atomic<Int>(0)

    init(maximum: Int) { self.maximum = maximum }

    /// Sets samples aside for good, even beyond the maximum: without its last resort a family would lose counts.
    func setAside(_ samples: Int) { used.wrappingAdd(samples, ordering: .relaxed) }

    /// Takes room for a new series if there is any; `isFoldable` says that another series could stand in for it.
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
