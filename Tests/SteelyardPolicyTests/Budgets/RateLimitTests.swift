import SteelyardPolicy
import Testing

@Suite("Rate limits")
struct RateLimitTests {
    private static func scene(requests: Int64? = nil, tokens: Int64? = nil) -> BudgetScene {
        let limits = TeamLimits(requestsPerMinute: requests, tokensPerMinute: tokens)
        return BudgetScene(AdmissionRules(teams: [.with("t", limits: limits)]))
    }

    @Test("a minute's requests pass at once, then as many as the rate allows")
    func requests() throws {
        var scene = Self.scene(requests: 3)
        for _ in 0..<3 { try scene.spend(0) }
        #expect(scene.refusal()?.reason == "requests")
        #expect(scene.refusal()?.rate?.retryAfterSeconds == 20)
        scene.now.nanoseconds += 19_999_999_999
        #expect(scene.refusal()?.rate?.retryAfterSeconds == 1)
        scene.now.nanoseconds += 1
        #expect(scene.refusal() == nil)
        #expect(scene.refusal()?.reason == "requests")
    }

    @Test("refused requests use up nothing")
    func refusedAreFree() throws {
        var scene = Self.scene(requests: 3)
        for _ in 0..<3 { try scene.spend(0) }
        for _ in 0..<100 { #expect(scene.refusal()?.reason == "requests") }
        scene.now.nanoseconds += 20_000_000_000
        #expect(scene.refusal() == nil)
    }

    @Test("tokens are counted as used, not as estimated")
    func corrected() throws {
        var scene = Self.scene(tokens: 1000)
        let reservation = try scene.admit(0, tokens: 900)
        #expect(scene.refusal(tokens: 200)?.reason == "tokens")
        reservation.settle(cost: .zero, tokens: 100, at: scene.now)
        #expect(scene.refusal(tokens: 900) == nil)
    }

    @Test("a released request used no tokens")
    func released() throws {
        var scene = Self.scene(tokens: 1000)
        try scene.admit(0, tokens: 1000).release(at: scene.now)
        #expect(scene.refusal(tokens: 1000) == nil)
    }

    @Test("debt is carried until it is paid, not forgiven at the next minute (agentgateway `amend_tokens`)")
    func debt() throws {
        var scene = Self.scene(tokens: 60)
        try scene.admit(0, tokens: 10).settle(cost: .zero, tokens: 360, at: scene.now)
        scene.now.nanoseconds += 60_000_000_000
        #expect(scene.refusal(tokens: 1)?.rate?.retryAfterSeconds == 241)
        scene.now.nanoseconds += 240_000_000_000
        #expect(scene.refusal(tokens: 1)?.reason == "tokens")
        scene.now.nanoseconds += 1_000_000_000
        #expect(scene.refusal(tokens: 1) == nil)
    }

    @Test("a correction that comes late is not paid off by the time before it")
    func lateDebt() throws {
        var scene = Self.scene(tokens: 60)
        let reservation = try scene.admit(0, tokens: 10)
        scene.now.nanoseconds += 600_000_000_000
        reservation.settle(cost: .zero, tokens: 130, at: scene.now)
        #expect(scene.refusal(tokens: 1)?.rate?.retryAfterSeconds == 61)
    }

    @Test("a request larger than a minute's tokens passes when nothing else was used")
    func tooLarge() throws {
        var scene = Self.scene(tokens: 100)
        try scene.admit(0, tokens: 250).settle(cost: .zero, tokens: 250, at: scene.now)
        #expect(scene.refusal(tokens: 250)?.rate?.retryAfterSeconds == 150)
        scene.now.nanoseconds += 150_000_000_000
        #expect(scene.refusal(tokens: 250) == nil)
    }

    @Test("a limit of nothing lets nothing through, and does not stop the process")
    func zero() {
        var scene = Self.scene(requests: 0, tokens: 0)
        #expect(scene.refusal(tokens: 1)?.reason == "requests")
    }

    @Test("limits beyond every number are limits")
    func huge() throws {
        var scene = Self.scene(requests: .max, tokens: .max)
        try scene.admit(0, tokens: .max).settle(cost: .zero, tokens: .max, at: scene.now)
        #expect(scene.refusal(tokens: .max)?.reason == "tokens")
    }

    @Test("a monotonic clock read on another thread a little earlier changes nothing")
    func unordered() throws {
        var scene = Self.scene(requests: 2)
        try scene.spend(0)
        scene.now.nanoseconds -= 1_000_000
        try scene.spend(0)
        #expect(scene.refusal()?.rate?.retryAfterSeconds == 30)
    }

    @Test("new limits hold at once, and what was used stays used")
    func reloaded() throws {
        var scene = Self.scene(requests: 60)
        for _ in 0..<40 { try scene.spend(0) }
        scene.install(AdmissionRules(teams: [.with("t", limits: TeamLimits(requestsPerMinute: 30))]))
        #expect(scene.refusal()?.rate?.retryAfterSeconds == 22)
        scene.install(AdmissionRules(teams: [.with("t")]))
        #expect(scene.refusal() == nil)
    }

    @Test("say how they stand, as OpenAI's headers do")
    func headers() throws {
        var scene = Self.scene(requests: 10, tokens: 1000)
        for _ in 0..<10 { try scene.admit(0, tokens: 40).settle(cost: .zero, tokens: 40, at: scene.now) }
        let rate = try #require(scene.refusal()?.rate)
        #expect(rate.kind == .requests)
        #expect([rate.requests?.limit, rate.requests?.remaining] == [10, 0])
        #expect([rate.tokens?.limit, rate.tokens?.remaining] == [1000, 600])
        #expect([rate.requests?.resetText, rate.tokens?.resetText] == ["1m0s", "24s"])
    }

    @Test(
        "write durations as OpenAI does",
        arguments: [
            (0, "0ms"), (1, "1ms"), (19_999_999, "20ms"), (999_000_000, "999ms"), (1_000_000_000, "1s"),
            (1_500_000_000, "1.5s"), (59_001_000_000, "59.001s"), (60_000_000_000, "1m0s"), (360_000_000_000, "6m0s"),
            (3_600_000_000_000, "1h0m0s"), (5_025_250_000_000, "1h23m45.25s"),
        ] as [(UInt64, String)]
    )
    func durations(nanoseconds: UInt64, text: String) {
        #expect(RateStanding(limit: 1, remaining: 0, resetNanoseconds: nanoseconds).resetText == text)
    }
}
