internal import Synchronization

/// A series that can print itself.
protocol Sampled: AnyObject, Sendable {
    /// Appends the lines of the series; `labels` are already escaped and have no braces.
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat)
}

/// A family that can print itself.
protocol RenderedFamily: Sendable {
    /// Appends the metadata and all samples of the family.
    func render(_ format: ExpositionFormat, into text: inout [UInt8])
}

/// The series of one family, by their label values.
///
/// Only finding or creating a series, and starting a scrape, takes the lock; counting does not, because callers keep
/// the objects.
final class SeriesTable<Series: Sampled>: RenderedFamily {
    /// A series with its labels, escaped once.
    private final class Entry: Sendable {
        let values: [String]
        let labels: [UInt8]
        let series: Series

        init(values: [String], labels: [UInt8], series: Series) {
            self.values = values
            self.labels = labels
            self.series = series
        }
    }

    private struct State {
        var byValues: [[String]: Entry] = [:]
        /// Sorted by label values, as a scrape prints them.
        var sorted: [Entry] = []
    }

    private let descriptor: FamilyDescriptor
    private let samplesPerSeries: Int
    private let allowance: SeriesAllowance
    /// Counts the label sets that were folded; nil in the table that contains this counter.
    private let folded: Counter?
    private let make: @Sendable () -> Series
    private let state = Mutex(State())

    init(
        _ descriptor: FamilyDescriptor,
        samplesPerSeries: Int,
        allowance: SeriesAllowance,
        folded: Counter?,
        make: @escaping @Sendable () -> Series
    ) {
        self.descriptor = descriptor
        self.samplesPerSeries = samplesPerSeries
        self.allowance = allowance
        self.folded = folded
        self.make = make
        allowance.setAside(samplesPerSeries)
        // A family without labels has one series, its last resort, and shows it from the start.
        if descriptor.labels.isEmpty { _ = series([]) }
    }

    /// The series with these values, or its replacement: with the folding labels folded, otherwise with all labels
    /// folded.
    func series(_ values: [String]) -> Series {
        precondition(
            values.count == descriptor.labels.count,
            "\(descriptor.name) has \(descriptor.labels.count) labels"
        )
        let values = shortened(values)
        return state.withLock { state in
            if let entry = state.byValues[values] { return entry.series }
            let foldedValues = zip(descriptor.labels, values).map { $0.folds ? foldedValue : $1 }
            if let series = admit(values, isFoldable: values != foldedValues, &state) { return series }
            folded?.add()
            if let entry = state.byValues[foldedValues] { return entry.series }
            return admit(foldedValues, isFoldable: false, &state) ?? lastResort(&state)
        }
    }

    private func shortened(_ values: [String]) -> [String] {
        guard values.contains(where: { $0.utf8.count > maximumValueBytes }) else { return values }
        return values.map { $0.utf8.count > maximumValueBytes ? foldedValue : $0 }
    }

    /// A new series, if there is room. For the last resort there always is, because the declaration reserved it.
    private func admit(_ values: [String], isFoldable: Bool, _ state: inout State) -> Series? {
        let isSetAside = values.allSatisfy { $0 == foldedValue }
        guard isSetAside || allowance.take(samplesPerSeries, isFoldable: isFoldable) else { return nil }
        return insert(values, &state)
    }

    private func lastResort(_ state: inout State) -> Series {
        let values = descriptor.labels.map { _ in foldedValue }
        return state.byValues[values]?.series ?? insert(values, &state)
    }

    private func insert(_ values: [String], _ state: inout State) -> Series {
        let entry = Entry(values: values, labels: descriptor.labelBytes(values), series: make())
        state.byValues[values] = entry
        state.sorted.insert(entry, at: Self.position(of: values, in: state.sorted))
        return entry.series
    }

    private static func position(of values: [String], in sorted: [Entry]) -> Int {
        var range = sorted.indices
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            let isAfter = sorted[middle].values.lexicographicallyPrecedes(values)
            range = isAfter ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    func render(_ format: ExpositionFormat, into text: inout [UInt8]) {
        let entries = state.withLock { $0.sorted }
        text.append(contentsOf: descriptor.head(format))
        for entry in entries {
            entry.series.appendSamples(
                to: &text,
                name: descriptor.nameBytes,
                labels: entry.labels,
                format: format
            )
        }
    }
}

/// The value of a label whose own value had no room.
private let foldedValue = "other"

/// Longer values fold: memory is bounded only if both the number and the size of series are.
private let maximumValueBytes = 256
