internal import Synchronization

/// A series that counts. Callers keep the object: adding is one atomic instruction.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)
    private let exemplars = ExemplarSlots()

    init() {}

    /// What has been counted so far.
    public var value: UInt64 { count.load(ordering: .relaxed) }

    /// Adds `amount`; a negative amount adds nothing. After 2⁶⁴ the count starts again, which scrapers see as a
    /// restart.
    public func add(_ amount: Int64 = 1, exemplar: Exemplar? = nil) {
        guard amount > 0 else { return }
        count.wrappingAdd(UInt64(amount), ordering: .relaxed)
        if let exemplar { exemplars.keep(exemplar, amount: amount, slot: 0, of: 1) }
    }
}

extension Counter: Sampled {
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat) {
        text.append(sample: name, labels: labels)
        text.append(number: value)
        if format.isOpenMetrics, let kept = exemplars.all.first ?? nil { text.append(kept, places: 0) }
        text.appendLineFeed()
    }
}

/// A series that sums up money. Callers keep the object: adding is one atomic instruction.
public final class MoneyCounter: Sendable {
    private let total = WideTotal()
    private let exemplars = ExemplarSlots()

    init() {}

    /// What has been added so far, in picodollars.
    public var picodollars: Int128 { total.total }

    /// Adds a charge; a negative charge adds nothing.
    public func add(picodollars: Int64, exemplar: Exemplar? = nil) {
        total.add(picodollars)
        if let exemplar, picodollars > 0 { exemplars.keep(exemplar, amount: picodollars, slot: 0, of: 1) }
    }
}

extension MoneyCounter: Sampled {
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat) {
        text.append(sample: name, labels: labels)
        text.append(decimal: picodollars, places: 12)
        if format.isOpenMetrics, let kept = exemplars.all.first ?? nil { text.append(kept, places: 12) }
        text.appendLineFeed()
    }
}
