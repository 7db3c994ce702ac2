import Testing

@testable import SteelyardMetrics

@Test(
    "only 32 hexadecimal digits that are not all zero are a trace id",
    arguments: [
        ("4bf92f3577b34da6a3ce929d0e0e4736", true), ("4BF92F3577B34DA6A3CE929D0E0E4736", true),
        ("00000000000000000000000000000001", true), ("00000000000000000000000000000000", false), ("", false),
        ("4bf92f3577b34da6a3ce929d0e0e473", false), ("4bf92f3577b34da6a3ce929d0e0e47360", false),
        ("+bf92f3577b34da6a3ce929d0e0e4736", false), ("4bf92f3577b34da6a3ce929d0e0e47é", false),
        ("4bf92f3577b34da6\"} 1 0\n0e0e4736", false),
    ]
)
func traceIDs(text: String, isValid: Bool) {
    #expect((Exemplar(traceID: text, unixMilliseconds: 0) != nil) == isValid)
}

@Test("each bucket keeps the last exemplar of its own range")
func lastOfEachBucket() throws {
    let registry = MetricRegistry(maximumSeries: 100)
    let waits = registry.histogram("wait_seconds", help: "W.", buckets: BucketBounds(milliseconds: [10, 20])).series()
    for (trace, milliseconds) in [(1, 5), (2, 7), (3, 15), (4, 25), (5, 24)] as [(UInt64, UInt64)] {
        let exemplar = try #require(Exemplar(traceHigh: 0, traceLow: trace, unixMilliseconds: 1000))
        waits.observe(nanoseconds: milliseconds * 1_000_000, exemplar: exemplar)
    }
    waits.observe(nanoseconds: 1)
    let text = scrape(registry, .openMetrics(escaping: nil))
    let zeros = String(repeating: "0", count: 31)
    #expect(sample(#"wait_seconds_bucket{le="0.01"}"#, in: text) == "3 # {trace_id=\"\(zeros)2\"} 0.007 1")
    #expect(sample(#"wait_seconds_bucket{le="0.02"}"#, in: text) == "4 # {trace_id=\"\(zeros)3\"} 0.015 1")
    #expect(sample(#"wait_seconds_bucket{le="+Inf"}"#, in: text) == "6 # {trace_id=\"\(zeros)5\"} 0.024 1")
    #expect(!scrape(registry, .text).contains("trace_id"))
}
