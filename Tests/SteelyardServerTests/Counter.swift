import Synchronization

/// A number that several threads add to.
final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    var value: Int { total.load(ordering: .relaxed) }

    func add(_ count: Int) { total.add(count, ordering: .relaxed) }
}
