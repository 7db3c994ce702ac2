import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("A route that should cost nothing")
struct FreeRouteTests {
    private static func walk(
        _ method: String,
        _ target: String,
        _ answer: String,
        status: Int = 200,
        type: String = "application/json",
        rules: Rules = World.rules()
    ) -> Walk {
        var walk = Walk(rules)
        walk.head(method, target)
        walk.departs()
        walk.answers(status, type)
        walk.piece(answer)
        walk.ends()
        return walk
    }

    @Test(
        "is charged all the same when its answer states a usage",
        arguments: [
            "/v1/files", "/v1/threads/t_1", "/v1/vector_stores/vs_1/files/f", "/v1/moderations",
            "/v1/organization/roles",
            "/v1/chat/completions/elsewhere",
        ]
    )
    func charged(target: String) throws {
        let walk = Self.walk("POST", target, Fixture.answer(prompt: 1000, completion: 500))
        #expect(walk.lines.contains("settled exact 0.006 gpt-4.1-2025-04-14"))
        // Before the client has its last byte.
        #expect(
            walk.lines.firstIndex { $0.hasPrefix("settled") } ?? 9 < walk.lines.firstIndex { $0.hasPrefix("send") } ?? 0
        )
        let account = try #require(walk.summary?.charge)
        #expect(account.weight.notes.contains(.freeRoute))
        #expect(account.opening.team == "unassigned")
        #expect(account.opening.endpoint == walk.summary?.endpoint)
        #expect(account.opening.hold == .zero)
    }

    @Test("is charged for a stream too, once")
    func stream() {
        let text = Fixture.chunk("hello") + Fixture.finishChunk + Fixture.usageChunk(1000, 500) + Fixture.done
        let walk = Self.walk("POST", "/v1/files", text, type: "text/event-stream")
        #expect(walk.lines.count { $0.hasPrefix("settled exact 0.006") } == 1)
    }

    @Test("takes what it costs from the team's budget")
    func budget() {
        let rules = World.rules(
            World.provider(apiKey: .unneeded),
            teams: [World.team(keys: ["AAAAAAAA"], limitMillidollars: 1000)]
        )
        var walk = Walk(rules)
        walk.head("POST", "/v1/files", [("api-key", World.key("AAAAAAAA"))])
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        walk.ends()
        #expect(walk.summary?.charge?.opening.key == "AAAAAAAA")
        let standing = rules.admission.standings(wallSeconds: Walk.wallSeconds).first
        #expect(standing?.spent == MoneySum(6_000_000_000))
        #expect(World.counts(rules) == [0, 0, 0])
    }

    /// Requests that show, or could show, the usage of earlier work.
    static let repeated: [(String, String)] = [
        ("GET", "/v1/files/f"), ("GET", "/v1/chat/completions/chatcmpl-9"),
        ("DELETE", "/v1/chat/completions/chatcmpl-9"),
        ("HEAD", "/v1/models"), ("OPTIONS", "/v1/models"), ("GET", "/v1/tomorrow"), ("GET", "/v1/organization/costs"),
        ("POST", "/v1/chat/completions/chatcmpl-1"),
    ]

    @Test("is not charged for what it shows again", arguments: repeated)
    func shownAgain(method: String, target: String) {
        let walk = Self.walk(method, target, Fixture.answer(prompt: 1000, completion: 500))
        #expect(walk.summary?.charge == nil)
        #expect(walk.records.isEmpty)
    }

    @Test("is not charged for an update of the run that its path names, but for another's")
    func run() {
        let body = #"{"id":"run_1","object":"thread.run","status":"completed","model":"gpt-4.1","usage":"#
        let answer = body + Fixture.usage(1000, 500) + "}"
        #expect(Self.walk("POST", "/v1/threads/t/runs/run_1", answer).summary?.charge == nil)
        #expect(Self.walk("POST", "/v1/threads/t/runs/run_2", answer).summary?.charge != nil)
    }

    @Test(
        "costs nothing where no usage is stated",
        arguments: [
            (200, #"{"object":"response.input_tokens","input_tokens":1000}"#), (200, "{}"), (200, ""),
            (200, #"{"id":"vs_1","usage_bytes":123456}"#), (400, Fixture.answer(prompt: 1, completion: 1)),
            (500, Fixture.answer(prompt: 1, completion: 1)),
        ]
    )
    func nothing(status: Int, answer: String) {
        let walk = Self.walk("POST", "/v1/responses/input_tokens", answer, status: status)
        #expect(walk.summary?.charge == nil)
        #expect(walk.records.isEmpty)
    }
}

@Suite("The provider's account")
struct AdministrationTests {
    private static func rules() -> Rules {
        World.rules(
            World.provider(apiKey: .unneeded),
            teams: [
                World.team("search", keys: ["AAAAAAAA"]),
                World.team("labs") { $0.providerKeys = [World.digest("sk-listed".utf8Span.span)] },
            ]
        )
    }

    static let paths = [
        "/v1/organization/projects", "/v1/organization/admin_api_keys", "/v1/projects/p/roles", "/v1/webhook_endpoints",
        "/v1/fine_tuning/checkpoints/c/permissions", "/v1/organization/tomorrow", "/v1/%6Frganization/users",
        "/v1/%256Frganization/users", "/v1/Organization/users", "/team/search/v1/organization/users",
    ]

    @Test("cannot be administered with the operator's key", arguments: paths)
    func refused(path: String) {
        for method in ["GET", "POST", "DELETE"] {
            var walk = Walk(Self.rules())
            walk.head(method, path, [("api-key", World.key("AAAAAAAA"))])
            #expect(walk.lines == ["refuse 403 administration_not_allowed"])
            #expect(walk.refusal?.shouldRetry == false)
            walk.conclude()
            #expect(walk.summary?.team == "search")
            #expect(walk.summary?.error == .clientForbidden)
        }
    }

    @Test("can be administered with the client's own key, at no cost", arguments: ["sk-admin-1", "sk-listed"])
    func ownKey(key: String) {
        for path in Self.paths where !path.hasPrefix("/team") {
            var walk = Walk(Self.rules())
            walk.head("POST", path, [("authorization", "Bearer \(key)")])
            #expect(walk.plan != nil)
            #expect(walk.opening == nil)
        }
    }
}
