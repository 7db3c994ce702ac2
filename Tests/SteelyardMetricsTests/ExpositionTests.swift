import Testing

@testable import SteelyardMetrics

/// The whole text of a scrape.
func scrape(_ registry: MetricRegistry, _ format: ExpositionFormat = .text) -> String {
    var text: [UInt8] = []
    registry.render(format, into: &text)
    return String(decoding: text, as: UTF8.self)
}

/// The value of the sample with exactly this name and these labels.
func sample(_ name: String, in text: String) -> String? {
    text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
}

private let openMetrics = ExpositionFormat.openMetrics(escaping: nil)

/// One family of each kind, with values that show the differences between the formats.
private func smallGateway() throws -> MetricRegistry {
    let registry = MetricRegistry(maximumSeries: 1000)
    let trace = try #require(
        Exemplar(traceID: "4bf92f3577b34da6a3ce929d0e0e4736", unixMilliseconds: 1_795_000_000_123)
    )
    let requests = registry.counter(
        "ai_requests_total",
        help: "Requests by \"outcome\".\nSee C:\\docs.",
        labels: [.folding("model"), "status"]
    )
    requests.series("gpt-4.1", "200").add(3)
    requests.series("gpt-4.1", "200").add(exemplar: trace)
    requests.series("a\"b\\c\nd", "499").add()
    let cost = registry.money("ai_cost_usd_total", help: "Money spent.", labels: ["team"])
    cost.series("search").add(picodollars: 1_234_500_000_000, exemplar: trace)
    let inFlight = registry.gauge("ai_requests_in_flight", help: "Requests being served.")
    inFlight.series().add(5)
    inFlight.series().subtract(2)
    let overhead = registry.histogram(
        "ai_proxy_overhead_seconds",
        help: "Our share.",
        buckets: BucketBounds(nanoseconds: [50_000, 1_000_000_000])
    )
    overhead.series().observe(nanoseconds: 50_000)
    overhead.series().observe(nanoseconds: 50_001, exemplar: trace)
    overhead.series().observe(nanoseconds: 2_500_000_000)
    registry.observedGauge("ai_budget_limit_usd", help: "Limits.", labels: ["team"]) { readings in
        readings.add(.picodollars(500_000_000_000_000), "search")
        readings.add(.picodollars(-1), "batch")
    }
    return registry
}

@Test("text 0.0.4 has full names, canonical bounds and no exemplars")
func goldenText() throws {
    #expect(
        scrape(try smallGateway()) == #"""
            # HELP ai_series_folded_total Label sets counted as other because the registry reached its maximum number of series.
            # TYPE ai_series_folded_total counter
            ai_series_folded_total 0
            # HELP ai_requests_total Requests by "outcome".\nSee C:\\docs.
            # TYPE ai_requests_total counter
            ai_requests_total{model="a\"b\\c\nd",status="499"} 1
            ai_requests_total{model="gpt-4.1",status="200"} 4
            # HELP ai_cost_usd_total Money spent.
            # TYPE ai_cost_usd_total counter
            ai_cost_usd_total{team="search"} 1.2345
            # HELP ai_requests_in_flight Requests being served.
            # TYPE ai_requests_in_flight gauge
            ai_requests_in_flight 3
            # HELP ai_proxy_overhead_seconds Our share.
            # TYPE ai_proxy_overhead_seconds histogram
            ai_proxy_overhead_seconds_bucket{le="5e-05"} 1
            ai_proxy_overhead_seconds_bucket{le="1.0"} 2
            ai_proxy_overhead_seconds_bucket{le="+Inf"} 3
            ai_proxy_overhead_seconds_sum 2.500100001
            ai_proxy_overhead_seconds_count 3
            # HELP ai_budget_limit_usd Limits.
            # TYPE ai_budget_limit_usd gauge
            ai_budget_limit_usd{team="batch"} -0.000000000001
            ai_budget_limit_usd{team="search"} 500

            """#
    )
}

@Test("OpenMetrics names the family, its unit, exemplars and the end")
func goldenOpenMetrics() throws {
    #expect(
        scrape(try smallGateway(), openMetrics) == #"""
            # TYPE ai_series_folded counter
            # HELP ai_series_folded Label sets counted as other because the registry reached its maximum number of series.
            ai_series_folded_total 0
            # TYPE ai_requests counter
            # HELP ai_requests Requests by \"outcome\".\nSee C:\\docs.
            ai_requests_total{model="a\"b\\c\nd",status="499"} 1
            ai_requests_total{model="gpt-4.1",status="200"} 4 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 1 1795000000.123
            # TYPE ai_cost_usd counter
            # UNIT ai_cost_usd usd
            # HELP ai_cost_usd Money spent.
            ai_cost_usd_total{team="search"} 1.2345 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 1.2345 1795000000.123
            # TYPE ai_requests_in_flight gauge
            # HELP ai_requests_in_flight Requests being served.
            ai_requests_in_flight 3
            # TYPE ai_proxy_overhead_seconds histogram
            # UNIT ai_proxy_overhead_seconds seconds
            # HELP ai_proxy_overhead_seconds Our share.
            ai_proxy_overhead_seconds_bucket{le="5e-05"} 1
            ai_proxy_overhead_seconds_bucket{le="1.0"} 2 # {trace_id="4bf92f3577b34da6a3ce929d0e0e4736"} 0.000050001 1795000000.123
            ai_proxy_overhead_seconds_bucket{le="+Inf"} 3
            ai_proxy_overhead_seconds_sum 2.500100001
            ai_proxy_overhead_seconds_count 3
            # TYPE ai_budget_limit_usd gauge
            # UNIT ai_budget_limit_usd usd
            # HELP ai_budget_limit_usd Limits.
            ai_budget_limit_usd{team="batch"} -0.000000000001
            ai_budget_limit_usd{team="search"} 500
            # EOF

            """#
    )
}

@Test("families keep the order of their declaration, series the order of their values")
func order() {
    let registry = MetricRegistry(maximumSeries: 100)
    let second = registry.counter("b_total", help: "B.", labels: ["x", "y"])
    let first = registry.counter("a_total", help: "A.", labels: ["x"])
    first.series("1").add()
    for values in [["b", "a"], ["a", "b"], ["a", "a"], ["c", "0"], ["", "z"]] { second.series(values).add() }
    let samples = scrape(registry).split(separator: "\n").filter { !$0.hasPrefix("#") }.dropFirst()
    #expect(
        Array(samples) == [
            #"b_total{x="",y="z"} 1"#, #"b_total{x="a",y="a"} 1"#, #"b_total{x="a",y="b"} 1"#,
            #"b_total{x="b",y="a"} 1"#, #"b_total{x="c",y="0"} 1"#, #"a_total{x="1"} 1"#,
        ]
    )
}

@Test("rendering appends to what is there")
func appends() {
    let registry = MetricRegistry(maximumSeries: 1)
    var text = Array("before\n".utf8)
    registry.render(.text, into: &text)
    #expect(String(decoding: text, as: UTF8.self) == "before\n" + scrape(registry))
}

@Test(
    "fixed-point numbers print exactly",
    arguments: [
        (0, 12, "0"), (1, 12, "0.000000000001"), (-1, 9, "-0.000000001"), (1_500, 3, "1.5"), (12, 0, "12"),
        (10_000_000_000_000, 12, "10"), (Int128(Int64.max), 12, "9223372.036854775807"),
        (Int128.max, 12, "170141183460469231731687303.715884105727"),
        (Int128.min, 0, "-170141183460469231731687303715884105728"),
        (100_000_000_000_000_000_000_000_000_005, 0, "100000000000000000000000000005"),
    ] as [(Int128, Int, String)]
)
func fixedPoint(units: Int128, places: Int, expected: String) {
    var text: [UInt8] = []
    text.append(decimal: units, places: places)
    #expect(String(decoding: text, as: UTF8.self) == expected)
}

@Test(
    "readings print in their unit",
    arguments: [
        (.integer(-7), "-7"), (.decimal(0.25), "0.25"), (.decimal(.nan), "NaN"), (.decimal(.infinity), "+Inf"),
        (.decimal(-.infinity), "-Inf"), (.nanoseconds(1_000_000), "0.001"),
        (.picodollars(.max), "170141183460469231731687303.715884105727"),
    ] as [(Reading, String)]
)
func readings(reading: Reading, expected: String) {
    let registry = MetricRegistry(maximumSeries: 10)
    registry.observedGauge("level", help: "Level.") { $0.add(reading) }
    registry.observedCounter("steps_total", help: "Steps.") { $0.add(reading) }
    #expect(sample("level", in: scrape(registry)) == expected)
    #expect(sample("steps_total", in: scrape(registry)) == expected)
}

@Test("a reading given twice counts once, the last one")
func repeatedReading() {
    let registry = MetricRegistry(maximumSeries: 10)
    registry.observedGauge("level", help: "Level.", labels: ["of"]) { readings in
        readings.add(.integer(1), "tank")
        readings.add(.integer(2), "tank")
    }
    #expect(scrape(registry).split(separator: "\n").filter { $0.hasPrefix("level") } == [#"level{of="tank"} 2"#])
}

@Test("gauges show the last value set")
func gauges() {
    let registry = MetricRegistry(maximumSeries: 10)
    let ratio = registry.decimalGauge("load_ratio", help: "Load.").series()
    let limit = registry.moneyGauge("limit_usd", help: "Limit.").series()
    ratio.set(0.1)
    ratio.set(0.75)
    limit.set(picodollars: 20_000_000_000_000_000_000_000)
    #expect(sample("load_ratio", in: scrape(registry)) == "0.75")
    #expect(sample("limit_usd", in: scrape(registry)) == "20000000000")
    #expect(scrape(registry, openMetrics).contains("# UNIT load_ratio ratio\n"))
}
