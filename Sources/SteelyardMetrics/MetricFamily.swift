/// A declared metric: gives the series for a set of label values.
///
/// Looking a series up takes a lock and hashes the values; keep what it returns. The set of series is bounded by the
/// registry: past its maximum a new set of values gets the series whose folding labels are `other`, and should even
/// these have filled the registry, the one whose labels are all `other`. Nothing that is counted is ever lost.
public struct MetricFamily<Series: Sendable>: Sendable {
    let find: @Sendable ([String]) -> Series

    /// The series with these values, one for each label in the order of the declaration. Asking for it also shows it
    /// at zero, which spares queries the difference between "none yet" and "absent".
    public func series(_ labelValues: String...) -> Series { find(labelValues) }

    /// The series with these values, one for each label in the order of the declaration.
    public func series(_ labelValues: [String]) -> Series { find(labelValues) }
}

/// Families of whole counts.
public typealias CounterFamily = MetricFamily<Counter>
/// Families of money that was spent.
public typealias MoneyFamily = MetricFamily<MoneyCounter>
/// Families of integers that go up and down.
public typealias GaugeFamily = MetricFamily<Gauge>
/// Families of fractions that go up and down.
public typealias DecimalGaugeFamily = MetricFamily<DecimalGauge>
/// Families of money that goes up and down.
public typealias MoneyGaugeFamily = MetricFamily<MoneyGauge>
/// Families of durations.
public typealias HistogramFamily = MetricFamily<Histogram>
