import Testing

@testable import SteelyardMetrics

private func lineCount(_ text: String) -> Int {
    text.split(separator: "\n").count { !$0.hasPrefix("#") }
}

private func sum(of name: String, in text: String) -> Int {
    text.split(separator: "\n").filter { $0.hasPrefix(name + "{") }
        .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
}

@Test("100,000 junk values stay within the maximum and lose no count")
func junk() {
    let registry = MetricRegistry(maximumSeries: 1000)
    let requests = registry.counter("requests_total", help: "R.", labels: ["team", .folding("model")])
    let duration = registry.histogram(
        "duration_seconds",
        help: "D.",
        labels: [.folding("model")],
        buckets: .requestDuration
    )
    for junk in 0..<100_000 {
        requests.series(junk.isMultiple(of: 2) ? "a" : "b", "junk-\(junk)").add()
        duration.series("junk-\(junk)").observe(nanoseconds: 1)
    }
    let text = scrape(registry)
    #expect(lineCount(text) <= 1000)
    #expect(sum(of: "requests_total", in: text) == 100_000)
    #expect(sum(of: "duration_seconds_count", in: text) == 100_000)
    // The folded series still distinguish both teams.
    #expect(sample(#"requests_total{team="a",model="other"}"#, in: text).flatMap { Int($0) } ?? 0 > 40_000)
    #expect(sample(#"requests_total{team="b",model="other"}"#, in: text).flatMap { Int($0) } ?? 0 > 40_000)
    let kept = text.split(separator: "\n").count {
        $0.contains(#"model="junk"#) && !$0.contains("_bucket") && !$0.contains("_sum")
    }
    #expect(sample("ai_series_folded_total", in: text) == "\(200_000 - kept)")
}

@Test("a known set of values keeps its series when the registry is full")
func knownSetsStay() {
    let registry = MetricRegistry(maximumSeries: 100)
    let requests = registry.counter("requests_total", help: "R.", labels: [.folding("model")])
    let known = requests.series("gpt-4.1")
    for junk in 0..<1000 { requests.series("junk-\(junk)").add() }
    #expect(requests.series("gpt-4.1") === known)
}

@Test("labels that do not fold find room while those that do are folded")
func reserve() {
    let registry = MetricRegistry(maximumSeries: 80)
    let requests = registry.counter("requests_total", help: "R.", labels: [.folding("model")])
    for junk in 0..<1000 { requests.series("junk-\(junk)").add() }
    let teams = registry.counter("rejections_total", help: "R.", labels: ["team"])
    teams.series("search").add()
    #expect(sample(#"rejections_total{team="search"}"#, in: scrape(registry)) == "1")
}

@Test("with no room left at all, every label folds and nothing is lost")
func lastResort() {
    let registry = MetricRegistry(maximumSeries: 20)
    let requests = registry.counter("requests_total", help: "R.", labels: ["team", .folding("model")])
    for junk in 0..<1000 { requests.series("team-\(junk)", "junk-\(junk)").add() }
    let text = scrape(registry)
    #expect(lineCount(text) <= 20)
    #expect(sum(of: "requests_total", in: text) == 1000)
    #expect(sample(#"requests_total{team="other",model="other"}"#, in: text).flatMap { Int($0) } ?? 0 > 950)
}

@Test("a maximum too small for the families still loses nothing", arguments: [0, -1, 1])
func tinyMaximum(maximum: Int) {
    let registry = MetricRegistry(maximumSeries: maximum)
    let plain = registry.counter("plain_total", help: "P.")
    let requests = registry.counter("requests_total", help: "R.", labels: ["team", .folding("model")])
    plain.series().add()
    for number in 0..<10 { requests.series("a", "m\(number)").add() }
    #expect(sample("plain_total", in: scrape(registry)) == "1")
    #expect(sample(#"requests_total{team="other",model="other"}"#, in: scrape(registry)) == "10")
}

@Test("a value of more than 256 bytes is folded")
func longValues() {
    let registry = MetricRegistry(maximumSeries: 100)
    let calls = registry.counter("calls_total", help: "C.", labels: ["tool"])
    let longest = String(repeating: "x", count: 256)
    calls.series(longest).add()
    calls.series(longest + "x").add()
    #expect(sample("calls_total{tool=\"\(longest)\"}", in: scrape(registry)) == "1")
    #expect(sample(#"calls_total{tool="other"}"#, in: scrape(registry)) == "1")
}
