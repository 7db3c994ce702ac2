/// A declared metric: returns the series for a set of label values.
///
/// Looking up a series takes a lock and hashes the values, so keep what it returns. The registry bounds the number of
/// series. Beyond its maximum, a new set of values gets the series whose folding labels are `other`; if even that has
/// no room, it gets the series whose labels are all `other`. No count is ever lost.
public struct MetricFamily<Series: Sendable>: Sendable {
    let find: @Sendable ([String]) -> Series

    /// The series with these values, one for each label in the order of the declaration. Looking it up also shows it at
    /// zero, so that queries need not distinguish "none yet" from "absent".
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
