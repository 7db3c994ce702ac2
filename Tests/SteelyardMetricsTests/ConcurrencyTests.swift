import Testing

@testable import SteelyardMetrics

private let threads = 8
private let rounds = 20_000

/// Runs the work on several threads at once and waits for all of them.
private func concurrently(_ work: @escaping @Sendable (Int) -> Void) async {
    await withTaskGroup { group in
        for thread in 0..<threads { group.addTask { work(thread) } }
    }
}

@Test("counts, money and durations added at once are all there")
func exactSums() async {
    let registry = MetricRegistry(maximumSeries: 1000)
    let requests = registry.counter("requests_total", help: "R.", labels: ["model"])
    let cost = registry.money("cost_usd_total", help: "C.", labels: ["model"])
    let duration = registry.histogram("duration_seconds", help: "D.", labels: ["model"], buckets: .requestDuration)
    let inFlight = registry.gauge("in_flight", help: "I.").series()
    await concurrently { _ in
        for round in 0..<rounds {
            let model = "m\(round % 7)"
            inFlight.add()
            requests.series(model).add(2)
            cost.series(model).add(picodollars: 3)
            duration.series(model).observe(nanoseconds: UInt64(round) * 1_000_000)
            inFlight.subtract()
        }
    }
    let models = (0..<7).map { "m\($0)" }
    let each = Int64(threads * rounds)
    #expect(models.map { requests.series($0).value }.reduce(0, +) == UInt64(each * 2))
    #expect(models.map { cost.series($0).picodollars }.reduce(0, +) == Int128(each * 3))
    #expect(models.map { duration.series($0).count }.reduce(0, +) == UInt64(each))
    let nanoseconds = Int128(threads) * Int128(rounds) * Int128(rounds - 1) / 2 * 1_000_000
    #expect(models.map { duration.series($0).sumNanoseconds }.reduce(0, +) == nanoseconds)
    #expect(inFlight.value == 0)
}

@Test("levels raised and lowered at once return to where they were")
func exactLevels() async {
    let level = Gauge()
    await concurrently { _ in
        for _ in 0..<rounds * 5 {
            level.add(3)
            level.subtract(3)
        }
    }
    #expect(level.value == 0)
}

@Test("every scrape under load is consistent in itself")
func consistentScrapes() async throws {
    let registry = MetricRegistry(maximumSeries: 1000)
    let duration = registry.histogram("duration_seconds", help: "D.", buckets: .proxyOverhead)
    let series = duration.series()
    let texts = await withTaskGroup(of: [String].self) { group in
        group.addTask {
            for round in 0..<UInt64(rounds) * 50 { series.observe(nanoseconds: round) }
            return []
        }
        group.addTask { (0..<500).map { _ in scrape(registry) } }
        return await group.reduce(into: []) { $0 += $1 }
    }
    for text in texts + [scrape(registry)] { try expectConsistent(text) }
}

@Test("series made while others scrape are all found again")
func concurrentLookUps() async {
    let registry = MetricRegistry(maximumSeries: 1000)
    let requests = registry.counter("requests_total", help: "R.", labels: [.folding("model")])
    await concurrently { _ in
        for round in 0..<500 {
            requests.series("m\(round)").add()
            if round.isMultiple(of: 100) { _ = scrape(registry) }
        }
    }
    #expect((0..<500).allSatisfy { requests.series("m\($0)").value == UInt64(threads) })
}

private func expectConsistent(_ text: String) throws {
    var last = 0
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
        let value = try #require(line.split(separator: " ").last)
        if line.contains("_bucket") {
            let count = try #require(Int(value))
            #expect(count >= last, "buckets fall: \(line)")
            last = count
        }
        if line.contains("_count") {
            #expect(Int(value) == last, "the count is not the last bucket: \(line)")
            last = 0
        }
    }
}

@Test("a total carries into its second word while it is added to and read")
func wideTotal() async {
    let start = Int128(1) << 63 - 1000
    let total = SharedTotal(start)
    await withTaskGroup { group in
        for _ in 0..<threads { group.addTask { for _ in 0..<rounds { total.total.add(1) } } }
        group.addTask {
            var previous = start
            for _ in 0..<rounds {
                let current = total.total.total
                #expect(current >= previous)
                previous = current
            }
        }
    }
    #expect(total.total.total == start + Int128(threads * rounds))
}

@Test("an overflow counts before its adder has noted it")
func pendingOverflow() {
    let overflowed: Int128 = 1 << 63
    #expect(WideTotal.joined(low: 1 << 63 | 5, overflows: 0) == overflowed + 5)
    #expect(WideTotal.joined(low: 1 << 63 | 5, overflows: 1) == overflowed + 5)
    #expect(WideTotal.joined(low: 5, overflows: 1) == 2 * overflowed + 5)
    #expect(WideTotal.joined(low: 5, overflows: 2) == 2 * overflowed + 5)
}

@Test("a total takes the largest amounts and ignores negative ones")
func largestAmounts() {
    let total = WideTotal()
    for _ in 0..<5 { total.add(.max) }
    total.add(.min)
    total.add(-1)
    #expect(total.total == 5 * Int128(Int64.max))
    #expect(WideTotal(total.total).total == total.total)
}

@Test("a counter never falls")
func negativeAmounts() {
    let counter = Counter()
    counter.add(2)
    counter.add(-1)
    counter.add(.min)
    #expect(counter.value == 2)
}

private final class SharedTotal: Sendable {
    let total: WideTotal

    init(_ total: Int128) { self.total = WideTotal(total) }
}
