/// A value read at scrape time, in the unit in which it is kept.
public enum Reading: Sendable, Hashable {
    /// Printed unchanged.
    case integer(Int64)
    /// Printed in the shortest form that reads back the same; not for money.
    case decimal(Double)
    /// Printed as exact seconds.
    case nanoseconds(Int64)
    /// Printed as exact dollars.
    case picodollars(Int128)
}

/// Collects the values of an observed family during one scrape.
public struct Readings {
    private let labelCount: Int
    private(set) var values: [[String]: Reading] = [:]

    init(labelCount: Int) { self.labelCount = labelCount }

    /// Adds a sample; a second sample with the same labels replaces it.
    public mutating func add(_ reading: Reading, _ labelValues: String...) { add(reading, labelValues) }

    /// Adds a sample; a second sample with the same labels replaces it.
    public mutating func add(_ reading: Reading, _ labelValues: [String]) {
        precondition(labelValues.count == labelCount, "the family has \(labelCount) labels")
        values[labelValues] = reading
    }
}

/// A family whose samples are read at scrape time: process figures, budgets, queue lengths.
///
/// Its label values come from the configuration, so its samples do not count toward the registry's maximum.
struct ObservedFamily: RenderedFamily {
    let descriptor: FamilyDescriptor
    let read: @Sendable (inout Readings) -> Void

    func render(_ format: ExpositionFormat, into text: inout [UInt8]) {
        var readings = Readings(labelCount: descriptor.labels.count)
        read(&readings)
        text.append(contentsOf: descriptor.head(format))
        for (values, reading) in readings.values.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            text.append(reading, name: descriptor.nameBytes, labels: descriptor.labelBytes(values))
        }
    }
}

extension [UInt8] {
    /// Appends one whole line.
    mutating func append(_ reading: Reading, name: [UInt8], labels: [UInt8]) {
        append(sample: name, labels: labels)
        switch reading {
        case .integer(let value): append(decimal: Int128(value), places: 0)
        case .decimal(let value): append(double: value)
        case .nanoseconds(let value): append(decimal: Int128(value), places: 9)
        case .picodollars(let value): append(decimal: value, places: 12)
        }
        appendLineFeed()
    }
}
