import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Synchronization
import Testing

@testable import SteelyardServer

@Suite("Budgets on the wire", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    /// The default team with a budget of so many thousandths of a dollar.
    private static func budget(
        _ millidollars: Int128?,
        _ change: @escaping (inout Team) -> Void = { _ in }
    ) -> (inout ServerSettings) -> Void {
        { settings in
            var team = Team(name: "unassigned")
            if let millidollars {
                team.budgets = [BudgetRule(limit: MoneySum(millidollars * 1_000_000_000), period: .month)]
            }
            change(&team)
            settings.teams = [team]
        }
    }

    private static func expectRest(_ server: ServerFixture) {
        let admission = server.recorder.rules.admission
        #expect(admission.counts.inFlight == 0)
        #expect(admission.counts.leaks == 0)
        for standing in admission.standings(wallSeconds: 0) { #expect(standing.reserved == MoneySum()) }
    }

    @Test("a spent budget is told in the fields that SDKs obey, and nothing leaves")
    func spent() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider, Self.budget(1)) { server in
            let client = server.connect()
            client.send(Requests.chat())
            let answer = client.receiveAnswer()
            #expect(answer?.status == 429)
            #expect(answer?.envelope?.type == "insufficient_quota")
            #expect(answer?.envelope?.code == "insufficient_quota")
            #expect(answer?.field("x-should-retry") == "false")
            #expect(answer?.field("x-steelyard-reason") == "team_budget")
            #expect(answer?.field("retry-after").flatMap { Int($0) } ?? 0 > 1)
            #expect(answer?.field("x-ratelimit-limit-requests") == nil)
            #expect(answer?.envelope?.message.contains("The month budget of team unassigned") == true)
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.status == 200, "free paths pass, on the same connection")
            #expect(provider.requests.count == 1)
            Self.expectRest(server)
        }
    }

    @Test("a budget that others hold, and one that has room again once their answers begin with a refusal")
    func held() async throws {
        let (begun, goOn) = (Signal(), Signal())
        let provider = ScriptedServer { connection in
            while connection.readRequest() != nil {
                begun.raise()
                goOn.wait()
                connection.send("HTTP/1.1 429 Slow Down\r\nContent-Length: 1000\r\n\r\n{")
            }
        }
        try await ServerFixture.with(provider, Self.budget(100)) { server in
            let (first, second) = (server.connect(), server.connect())
            first.send(Requests.chat())
            await begun.raised()
            second.send(Requests.chat())
            let refused = second.receiveAnswer()
            #expect(refused?.status == 429)
            #expect(refused?.envelope?.code == "rate_limit_exceeded")
            #expect(refused?.field("x-steelyard-reason") == "budget_held")
            #expect(refused?.field("retry-after") == "1")
            #expect(refused?.field("x-should-retry") == nil)
            goOn.raise()
            #expect(first.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 429"))
            Self.expectRest(server)
            second.send(Requests.chat())
            await begun.raised()
            goOn.raise()
            #expect(second.receive(through: "\r\n\r\n").hasPrefix("HTTP/1.1 429 Slow Down"))
        }
    }

    @Test("a rate says what it is, what is left of it, and when it is whole again, on our own answers alone")
    func rate() async throws {
        let change = Self.budget(nil) {
            $0.limits = TeamLimits(requestsPerMinute: 1, tokensPerMinute: 1_000_000)
        }
        try await ServerFixture.with(.answering(Self.ok), change) { server in
            let client = server.connect()
            client.send(Requests.chat())
            let passed = client.receiveAnswer()
            #expect(passed?.status == 200)
            #expect(passed?.head.lowercased().contains("x-ratelimit") == false)
            client.send(Requests.chat())
            let refused = client.receiveAnswer()
            #expect(refused?.status == 429)
            #expect(refused?.envelope?.type == "requests")
            #expect(refused?.field("x-steelyard-reason") == "requests")
            #expect(refused?.field("x-ratelimit-limit-requests") == "1")
            #expect(refused?.field("x-ratelimit-remaining-requests") == "0")
            #expect(refused?.field("x-ratelimit-reset-requests")?.hasSuffix("s") == true)
            #expect(refused?.field("x-ratelimit-limit-tokens") == "1000000")
            #expect(refused?.field("x-ratelimit-remaining-tokens").flatMap { Int($0) } ?? 0 > 900_000)
            #expect(refused?.field("x-ratelimit-reset-tokens") != nil)
            #expect((1...60).contains(refused?.field("retry-after").flatMap { Int($0) } ?? 0))
        }
    }

    @Test("a stream that is cut ends visibly, and its provider is stopped", arguments: [true, false])
    func cut(isWhole: Bool) async throws {
        let closed = Signal()
        let event = #"data: {"choices":[{"index":0,"delta":{"content":"\#(String(repeating: "x", count: 4000))"}}]}"#
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<20 { connection.send("\(String(event.utf8.count + 2, radix: 16))\r\n\(event)\n\n\r\n") }
            // The end may overtake the cut: the client must not take the rest for the whole.
            if isWhole { connection.send("e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n") }
            connection.waitForClose()
            closed.raise()
        }
        try await ServerFixture.with(provider, Self.budget(100) { $0.outgrownHold = .cut }) { server in
            let client = server.connect()
            client.send(Requests.stream())
            let (bytes, _) = client.receiveAll()
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
            #expect(!text.contains("[DONE]"))
            #expect(!text.hasSuffix("\r\n0\r\n\r\n"))
            let summary = try #require(await server.recorder.summaries(count: 1).first)
            #expect(summary.error == .clientBudget)
            #expect(summary.charge?.weight.cost ?? .zero > .zero)
            Self.expectRest(server)
            if !isWhole { await closed.raised() }
        }
    }
}

@Suite("While charges cannot be recorded", .timeLimit(.minutes(1)))
struct UnrecordedTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    private static func teams() -> [Team] {
        var team = Team(name: "blocked")
        team.budgets = [BudgetRule(limit: MoneySum(1_000_000_000_000), period: .month)]
        return [team, Team(name: "free")]
    }

    private static func chat(_ team: String) -> String {
        Requests.chat(fields: "X-Steelyard-Team: \(team)\r\n")
    }

    private static func expectRefusal(_ answer: ReceivedAnswer?) {
        #expect(answer?.status == 503)
        #expect(answer?.envelope?.type == "server_error")
        #expect(answer?.envelope?.code == "ledger_unavailable")
        #expect(answer?.field("x-steelyard-reason") == "ledger_unavailable")
        #expect(answer?.field("retry-after") == "5")
    }

    @Test(
        "an opening that fails stops what a budget pays for, and nothing of it reaches the provider",
        arguments: [false, true]
    )
    func openingFails(recordsLater: Bool) async throws {
        let provider = ScriptedServer.answering(Self.ok)
        let seen = Mutex<[String]>([])
        let change: (inout ServerSettings) -> Void = { settings in
            settings.teams = Self.teams()
            settings.onOpening = { opening in
                seen.withLock { $0.append(opening.team) }
                return false
            }
            settings.recordsLater = recordsLater
        }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect()
            for _ in 0..<2 {
                client.send(Self.chat("blocked"))
                Self.expectRefusal(client.receiveAnswer())
            }
            #expect(provider.connectionCount == 0)
            #expect(server.recorder.records.map(\.isRelease) == [true, true])
            client.send(Self.chat("free"))
            #expect(client.receiveAnswer()?.status == 200)
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.status == 200)
            #expect(provider.requests.count == 2)
            #expect(seen.withLock(\.self) == ["blocked", "blocked", "free"])
            let summaries = await server.recorder.summaries(count: 4)
            #expect(
                summaries.map(\.error) == [.gatewayLedger, .gatewayLedger, .upstreamStream, nil],
                "an answer of nothing is a failure"
            )
            #expect(server.recorder.inFlight == 0)
            #expect(server.recorder.rules.admission.counts.inFlight == 0)
        }
    }

    @Test("what is known to fail is refused without asking again, until it is mended")
    func failing() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        let recording = Recording()
        recording.note(isFailing: true)
        let change: (inout ServerSettings) -> Void = { settings in
            settings.teams = Self.teams()
            settings.recording = recording
            settings.onOpening = { _ in !recording.isFailing }
        }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect()
            client.send(Self.chat("blocked"))
            Self.expectRefusal(client.receiveAnswer())
            #expect(server.recorder.records.isEmpty)
            #expect(provider.connectionCount == 0)
            recording.note(isFailing: false)
            client.send(Self.chat("blocked"))
            #expect(client.receiveAnswer()?.status == 200)
        }
    }
}

extension ChargeRecord {
    fileprivate var isRelease: Bool { if case .released = self { true } else { false } }
}
