internal import Synchronization

/// A series whose integer value goes up and down. Callers keep the object.
public final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    init() {}

    /// The value now.
    public var value: Int64 { level.load(ordering: .relaxed) }

    /// Replaces the value.
    public func set(_ value: Int64) { level.store(value, ordering: .relaxed) }

    /// Raises the value.
    public func add(_ amount: Int64 = 1) { level.wrappingAdd(amount, ordering: .relaxed) }

    /// Lowers the value.
    public func subtract(_ amount: Int64 = 1) { level.wrappingSubtract(amount, ordering: .relaxed) }
}

/// A series whose value is a fraction: a ratio, a load, seconds from a foreign clock.
public final class DecimalGauge: Sendable {
    private let bits = Atomic<UInt64>(Double.zero.bitPattern)

    init() {}

    /// The value now.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// Replaces the value.
    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
}

/// A series whose value is an amount of money, printed as exact dollars.
public final class MoneyGauge: Sendable {
    private let level = Mutex<Int128>(0)

    init() {}

    /// The value now, in picodollars.
    public var picodollars: Int128 { level.withLock { $0 } }

    /// Replaces the value.
    public func set(picodollars: Int128) { level.withLock { $0 = picodollars } }
}

extension Gauge: Sampled {
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat) {
        text.append(.integer(value), name: name, labels: labels)
    }
}

extension DecimalGauge: Sampled {
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat) {
        text.append(.decimal(value), name: name, labels: labels)
    }
}

extension MoneyGauge: Sampled {
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat) {
        text.append(.picodollars(picodollars), name: name, labels: labels)
    }
}
