import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("Body pace")
struct BodyPaceTests {
    private static let silence: UInt64 = 60_000_000_000
    private static let start = Tick.zero

    private static func after(seconds: Double) -> Tick { start.advanced(bySeconds: seconds) }

    private static func deadlineSeconds(_ pace: BodyPace) -> Int64? {
        pace.deadline(silenceNanoseconds: silence).map { Int64($0.nanoseconds / 1_000_000_000) }
    }

    @Test(
        "a body has a minute, a second more for each 16 KiB, and an hour in all",
        arguments: [(0, 60), (16 * 1024, 61), (25_000_000, 1585), (64 << 20, 3600), (1 << 40, 3600)]
    )
    func limits(byteCount: Int, seconds: Int64) {
        var pace = BodyPace()
        pace.waits(true, at: Self.start)
        pace.received(byteCount)
        #expect(Self.deadlineSeconds(pace) == seconds)
    }

    @Test("time in which the provider is waited for does not count")
    func pauses() {
        var pace = BodyPace()
        pace.waits(true, at: Self.start)
        pace.waits(false, at: Self.after(seconds: 10))
        #expect(pace.deadline(silenceNanoseconds: Self.silence) == nil)
        pace.waits(false, at: Self.after(seconds: 500))
        pace.waits(true, at: Self.after(seconds: 1000))
        pace.waits(true, at: Self.after(seconds: 1020))
        #expect(Self.deadlineSeconds(pace) == 1050)
    }
}
