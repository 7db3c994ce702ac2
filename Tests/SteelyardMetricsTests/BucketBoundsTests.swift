import Testing

@testable import SteelyardMetrics

@Test(
    "a bound in seconds is written as Go would, always as a float",
    arguments: [
        (0, "0.0"), (1, "1e-09"), (50_000, "5e-05"), (25_500, "2.55e-05"), (100_000, "0.0001"), (250_000, "0.00025"),
        (1_000_000, "0.001"), (50_000_000, "0.05"), (1_000_000_000, "1.0"), (2_500_000_000, "2.5"),
        (10_000_000_000, "10.0"), (600_000_000_000, "600.0"), (1_700_000_000, "1.7"), (12_345_678_900, "12.3456789"),
        (100_000_000_000_000, "100000.0"), (1_000_000_000_000_000, "1e+06"), (1_234_567_000_000_000, "1.234567e+06"),
        (10_000_000_000_000_000_000, "1e+10"),
    ] as [(UInt64, String)]
)
func canonicalSeconds(nanoseconds: UInt64, expected: String) {
    #expect(BucketBounds.canonicalSeconds(nanoseconds) == expected)
}

@Test(
    "a duration falls into the first bucket that is not below it",
    arguments: [(0, 0), (10, 0), (11, 1), (20, 1), (21, 2), (UInt64.max, 2)] as [(UInt64, Int)]
)
func bucket(nanoseconds: UInt64, expected: Int) {
    #expect(BucketBounds(nanoseconds: [10, 20]).bucket(of: nanoseconds) == expected)
}

@Test(
    "the published bounds fit a histogram and reach far enough",
    arguments: [
        (.requestDuration, "600.0"), (.timeToFirstToken, "120.0"), (.timePerOutputToken, "5.0"),
        (.proxyOverhead, "1.0"), (.toolDuration, "600.0"),
    ] as [(BucketBounds, String)]
)
func published(bounds: BucketBounds, top: String) {
    #expect(bounds.nanoseconds.count <= BucketBounds.capacity)
    #expect(bounds.nanoseconds.last.map(BucketBounds.canonicalSeconds) == top)
}

@Test("as many bounds as are allowed can all be counted in")
func fullHistogram() {
    let bounds = BucketBounds(nanoseconds: (1...UInt64(BucketBounds.capacity)).map { $0 })
    let histogram = Histogram(bounds: bounds)
    for duration in 1...UInt64(BucketBounds.capacity) + 1 { histogram.observe(nanoseconds: duration) }
    #expect(histogram.count == UInt64(BucketBounds.capacity) + 1)
    #expect(histogram.sumNanoseconds == 32 * 33 / 2)
}

@Test("bounds that do not ascend are refused")
func unsortedBounds() async {
    await #expect(processExitsWith: .failure) { _ = BucketBounds(nanoseconds: [2, 2]) }
    await #expect(processExitsWith: .failure) { _ = BucketBounds(nanoseconds: []) }
    await #expect(processExitsWith: .failure) { _ = BucketBounds(nanoseconds: Array(1...32)) }
}
