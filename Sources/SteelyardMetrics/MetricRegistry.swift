internal import Synchronization

/// All metrics of the process, and the text for a scrape.
///
/// Families are declared once, at the start, with the full name of their samples in text 0.0.4. A family that is
/// declared twice, or whose name either format forbids, stops the program, because it is a bug. Families are printed in
/// the order of their declaration, series in the order of their label values.
public final class MetricRegistry: Sendable {
    private struct State {
        var families: [any RenderedFamily] = []
        var takenNames: Set<String> = []
    }

    private let allowance: SeriesAllowance
    private let folded: Counter
    private let state = Mutex(State())

    /// Makes a registry that prints at most `maximumSeries` samples; each line of a histogram counts as one. One series
    /// of every family is always reserved, so a smaller maximum than that has no effect.
    public init(maximumSeries: Int) {
        let allowance = SeriesAllowance(maximum: max(0, maximumSeries))
        let descriptor = FamilyDescriptor(
            "ai_series_folded_total",
            .counter,
            help: "Label sets counted as other because the registry reached its maximum number of series.",
            labels: []
        )
        let table = SeriesTable(descriptor, samplesPerSeries: 1, allowance: allowance, folded: nil) { Counter() }
        self.allowance = allowance
        folded = table.series([])
        add(table, descriptor)
    }

    /// Appends the exposition of all families. It reads the counters as they are, does no I/O, and holds no lock while
    /// it prints; in between, it calls the closures of the observed families.
    public func render(_ format: ExpositionFormat, into text: inout [UInt8]) {
        let families = state.withLock { $0.families }
        for family in families { family.render(format, into: &text) }
        if format.isOpenMetrics { text.append(text: "# EOF\n") }
    }

    private func add(_ family: any RenderedFamily, _ descriptor: FamilyDescriptor) {
        state.withLock { state in
            for name in descriptor.takenNames {
                precondition(state.takenNames.insert(name).inserted, "two families would print \(name)")
            }
            state.families.append(family)
        }
    }

    private func declare<Series: Sampled>(
        _ descriptor: FamilyDescriptor,
        samplesPerSeries: Int = 1,
        make: @escaping @Sendable () -> Series
    ) -> MetricFamily<Series> {
        let table = SeriesTable(
            descriptor,
            samplesPerSeries: samplesPerSeries,
            allowance: allowance,
            folded: folded,
            make: make
        )
        add(table, descriptor)
        return MetricFamily { table.series($0) }
    }
}

extension MetricRegistry {
    /// Declares a count; the name ends in `_total`.
    public func counter(_ name: String, help: String, labels: [LabelName] = []) -> CounterFamily {
        declare(FamilyDescriptor(name, .counter, help: help, labels: labels)) { Counter() }
    }

    /// Declares a sum of money, printed in dollars; the name ends in `_usd_total`.
    public func money(_ name: String, help: String, labels: [LabelName] = []) -> MoneyFamily {
        precondition(name.hasSuffix("_usd_total"), "money says its currency: \(name)")
        return declare(FamilyDescriptor(name, .counter, help: help, labels: labels)) { MoneyCounter() }
    }

    /// Declares an integer that goes up and down. If several sources fold into one series, it shows the value that was
    /// set last.
    public func gauge(_ name: String, help: String, labels: [LabelName] = []) -> GaugeFamily {
        declare(FamilyDescriptor(name, .gauge, help: help, labels: labels)) { Gauge() }
    }

    /// Declares a fraction that goes up and down.
    public func decimalGauge(_ name: String, help: String, labels: [LabelName] = []) -> DecimalGaugeFamily {
        declare(FamilyDescriptor(name, .gauge, help: help, labels: labels)) { DecimalGauge() }
    }

    /// Declares an amount of money that goes up and down, printed in dollars; the name ends in `_usd`.
    public func moneyGauge(_ name: String, help: String, labels: [LabelName] = []) -> MoneyGaugeFamily {
        precondition(name.hasSuffix("_usd"), "money says its currency: \(name)")
        return declare(FamilyDescriptor(name, .gauge, help: help, labels: labels)) { MoneyGauge() }
    }

    /// Declares durations, printed in seconds; the name ends in `_seconds`.
    public func histogram(
        _ name: String,
        help: String,
        labels: [LabelName] = [],
        buckets: BucketBounds
    ) -> HistogramFamily {
        precondition(name.hasSuffix("_seconds"), "durations say their unit: \(name)")
        let descriptor = FamilyDescriptor(name, .histogram, help: help, labels: labels)
        // The buckets, the sum and the count.
        return declare(descriptor, samplesPerSeries: buckets.edges.count + 2) { Histogram(bounds: buckets) }
    }

    /// Declares gauges that a closure reads at each scrape; the closure must not block. Label values come from the
    /// configuration, never from clients, so they never fold.
    public func observedGauge(
        _ name: String,
        help: String,
        labels: [LabelName] = [],
        read: @escaping @Sendable (inout Readings) -> Void
    ) {
        let descriptor = FamilyDescriptor(name, .gauge, help: help, labels: labels)
        add(ObservedFamily(descriptor: descriptor, read: read), descriptor)
    }

    /// Declares counters that are kept elsewhere, for example by the kernel; see
    /// ``observedGauge(_:help:labels:read:)``.
    public func observedCounter(
        _ name: String,
        help: String,
        labels: [LabelName] = [],
        read: @escaping @Sendable (inout Readings) -> Void
    ) {
        let descriptor = FamilyDescriptor(name, .counter, help: help, labels: labels)
        add(ObservedFamily(descriptor: descriptor, read: read), descriptor)
    }
}
