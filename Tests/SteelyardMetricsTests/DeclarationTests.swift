import Testing

@testable import SteelyardMetrics

@Test("names that a format forbids stop the program")
func forbiddenNames() async {
    await #expect(processExitsWith: .failure) { _ = declare("no-dashes_total") }
    await #expect(processExitsWith: .failure) { _ = declare("0_total") }
    await #expect(processExitsWith: .failure) { _ = declare("requests") }
    await #expect(processExitsWith: .failure) { _ = MetricRegistry(maximumSeries: 9).gauge("x_total", help: "") }
}

@Test("labels that a format forbids stop the program")
func forbiddenLabels() async {
    await #expect(processExitsWith: .failure) { _ = declare("x_total", ["le"]) }
    await #expect(processExitsWith: .failure) { _ = declare("x_total", ["__name__"]) }
    await #expect(processExitsWith: .failure) { _ = declare("x_total", ["a:b"]) }
    await #expect(processExitsWith: .failure) { _ = declare("x_total", [""]) }
    await #expect(processExitsWith: .failure) { _ = declare("x_total", ["a", .folding("a")]) }
}

@Test("names without a unit stop the program where the unit is known")
func missingUnits() async {
    await #expect(processExitsWith: .failure) { _ = MetricRegistry(maximumSeries: 9).money("cost_total", help: "") }
    await #expect(processExitsWith: .failure) { _ = MetricRegistry(maximumSeries: 9).moneyGauge("limit", help: "") }
    await #expect(processExitsWith: .failure) {
        _ = MetricRegistry(maximumSeries: 9).histogram("wait", help: "", buckets: .proxyOverhead)
    }
}

@Test("families whose samples would clash stop the program")
func clashes() async {
    await #expect(processExitsWith: .failure) { _ = declare("ai_series_folded_total") }
    await #expect(processExitsWith: .failure) {
        let registry = MetricRegistry(maximumSeries: 9)
        _ = registry.counter("x_total", help: "")
        // OpenMetrics would print both as the family x.
        _ = registry.gauge("x", help: "")
    }
    await #expect(processExitsWith: .failure) {
        let registry = MetricRegistry(maximumSeries: 9)
        _ = registry.histogram("x_seconds", help: "", buckets: .proxyOverhead)
        _ = registry.gauge("x_seconds_count", help: "")
    }
}

@Test("a wrong number of label values stops the program")
func wrongLabelCount() async {
    await #expect(processExitsWith: .failure) { _ = declare("x_total", ["a"]).series() }
}

@Test("ordinary declarations are accepted")
func accepted() {
    #expect(declare("ai:x_total", ["_a", "b2"]).series("1", "2").value == 0)
}

private func declare(_ name: String, _ labels: [LabelName] = []) -> CounterFamily {
    MetricRegistry(maximumSeries: 9).counter(name, help: "Help.", labels: labels)
}
