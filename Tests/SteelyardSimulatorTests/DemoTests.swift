import NIOCore
import Testing

@testable import SteelyardSimulator

@Suite("The demo")
struct DemoTests {
    private static let exposition = """
        # TYPE ai_requests_total counter
        ai_requests_total{endpoint="/v1/chat/completions",model="gpt-4.1",status="200",team="t",provider="p"} 1200
        ai_requests_total{endpoint="/v1/chat/completions",model="gpt-4.1",status="500",team="t",provider="p"} 34
        ai_requests_total{endpoint="/v1/embeddings",model="other",status="200",team="t",provider="p"} 2
        ai_errors_total{endpoint="/v1/chat/completions",model="gpt-4.1",team="t",provider="p",type="upstream"} 34
        ai_tokens_total{endpoint="/v1/chat/completions",model="gpt-4.1",team="t",provider="p",type="prompt"} 1000000
        ai_tokens_total{endpoint="/v1/chat/completions",model="gpt-4.1",team="t",provider="p",type="total"} 1234567
        ai_cost_usd_total{endpoint="/v1/chat/completions",model="gpt-4.1",team="t",provider="p"} 1.23456
        ai_cost_estimated_usd_total{endpoint="/v1/chat/completions",model="gpt-4.1",team="t",provider="p"} 0.23456
        ai_unpriced_requests_total{model="other",team="t"} 2
        ai_request_duration_seconds_bucket{endpoint="/v1/chat/completions",model="gpt-4.1",le="0.5"} 10
        ai_request_duration_seconds_bucket{endpoint="/v1/chat/completions",model="gpt-4.1",le="1.0"} 20
        ai_request_duration_seconds_bucket{endpoint="/v1/chat/completions",model="gpt-4.1",le="+Inf"} 20
        """

    @Test("a row has the sums over everything but its endpoint and model")
    func row() {
        let lines = DemoTable(exposition: Self.exposition).lines
        #expect(
            lines.contains("  gpt-4.1                1,234     34 1,234,567   1.2346 500 ms 950 ms       –"),
            "\(lines.joined(separator: "\n"))"
        )
    }

    @Test("an unknown price is no zero")
    func unpriced() {
        let lines = DemoTable(exposition: Self.exposition).lines
        #expect(lines.contains { $0.hasPrefix("  other") && $0.contains("unpriced") })
        #expect(lines.contains("spent     $1.0000 exact, $0.2346 estimated; requests unpriced: 2, unmetered: 0"))
    }

    @Test("no line is wider than a terminal of 80 columns")
    func width() {
        for line in DemoTable(exposition: Self.exposition).lines { #expect(line.count <= 79, "\(line)") }
    }

    @Test(
        "whatever is scraped, there is a table",
        arguments: ["", "garbage", "x{ 1", "ai_cost_usd_total NaN", #"ai_requests_total{endpoint="e"} +Inf"#]
    )
    func anything(_ exposition: String) {
        #expect(DemoTable(exposition: exposition).lines.contains { $0.hasPrefix("total") })
    }

    @Test(
        "quantiles are interpolated as PromQL does",
        arguments: [(0.25, 0.25), (0.5, 0.5), (0.75, 0.75), (1.0, 1.0)]
    )
    func quantile(_ quantile: Double, _ expected: Double) {
        let metrics = ScrapedMetrics(Self.exposition)
        #expect(metrics.quantile(quantile, of: "ai_request_duration_seconds") == expected)
        #expect(metrics.quantile(quantile, of: "absent") == nil)
    }

    @Test("the same seed plays the same scenes, and every scene is played")
    func randomness() {
        func scenes(_ seed: UInt64) -> [DemoScene] {
            var randomness = DemoRandomness(seed: seed)
            return DemoTeam.allCases.flatMap { team in (0..<700).map { _ in .any(of: team, using: &randomness) } }
        }
        #expect(scenes(7) == scenes(7))
        #expect(scenes(7) != scenes(8))
        #expect(Set(scenes(7)) == Set(DemoScene.allCases))
    }

    @Test("a team whose budget blocks asks for no model without a price", arguments: [DemoTeam.search, .batchJobs])
    func pricedModels(_ team: DemoTeam) {
        #expect(team.weight(of: .unpricedModel) == 0)
        #expect(DemoTeam.support.weight(of: .unpricedModel) > 0)
    }

    @Test("a request names its team by its path; a scrape names none")
    func target() {
        var request = DemoRequest(path: "/v1/embeddings")
        #expect(request.target == "/v1/embeddings")
        request.team = .batchJobs
        #expect(request.target == "/team/batch-jobs/v1/embeddings")
    }

    @Test("each scene's requests are ones that the simulator understands", arguments: DemoScene.allCases)
    func scenes(_ scene: DemoScene) async throws {
        let simulator = try await Simulator.start()
        let client = DemoClient(port: simulator.port)
        var randomness = DemoRandomness(seed: 1)
        var next: DemoRequest? = scene.opening(using: &randomness)
        var last = DemoAnswer()
        while let request = next {
            last = try await client.send(request)
            next = scene.sequel(to: request, last)
        }
        switch scene {
        case .rateLimit: #expect(last.status == 429)
        case .abortedStream, .brokenStream: #expect(last.status == 200 && !last.isWhole)
        default: #expect(last.status == 200 && last.isWhole)
        }
        #expect(simulator.witness.count == ([.agent, .serverError].contains(scene) ? 2 : 1))
        await simulator.shutdown()
    }

    @Test(
        "a request that only others' holds kept out is tried twice more, one that a spent budget kept out is not",
        arguments: [
            ("budget_held", 0, true), ("budget_held", 1, true), ("budget_held", 2, false), ("team_budget", 0, false),
        ]
    )
    func refusedRequests(_ reason: String, _ retryCount: Int, _ isTriedAgain: Bool) {
        let request = DemoRequest(path: "/v1/chat/completions", retryCount: retryCount)
        let again = DemoScene.reasoning.sequel(to: request, DemoAnswer(status: 429, reason: reason))
        #expect((again != nil) == isTriedAgain)
        if let again { #expect(again.retryCount == retryCount + 1) }
    }

    @Test("a request of a task that was cancelled before ends at once", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        let simulator = try await Simulator.start()
        let client = DemoClient(port: simulator.port)
        let sending = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await client.send(DemoRequest(method: "GET", path: "/v1/models", directives: "delay-ms=60000"))
        }
        sending.cancel()
        #expect(try await sending.value.isWhole == false)
        await simulator.shutdown()
    }

    @Test("traffic that is cancelled midway ends at once", .timeLimit(.minutes(1)))
    func cancelledTraffic() async throws {
        let simulator = try await Simulator.start()
        let playing = Task { await DemoTraffic(port: simulator.port).play(for: .seconds(600)) }
        _ = await simulator.witness.entries(onceEnded: 20)
        playing.cancel()
        await playing.value
        await simulator.shutdown()
    }
}
