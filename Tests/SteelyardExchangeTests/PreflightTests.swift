import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("A browser's preflight")
struct PreflightTests {
    private static let asks = [
        ("origin", "https://app.example"), ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ]

    private static func rules() -> Rules {
        World.rules(
            World.provider(apiKey: .unneeded),
            teams: [World.team("search", keys: ["AAAAAAAA"], limitMillidollars: 0)],
            defaultTeam: nil
        )
    }

    @Test(
        "passes unchanged, before anybody is identified",
        arguments: [
            ("/v1/chat/completions", "/v1/chat/completions"), ("/team/search/v1/responses", "/v1/responses"),
            ("/team/nobody/v1/embeddings", "/v1/embeddings"), ("/v1/organization/costs", "/v1/organization/costs"),
            ("/v1/tomorrow", "other"),
        ]
    )
    func passes(target: String, endpoint: String) throws {
        var walk = Walk(Self.rules())
        walk.head("OPTIONS", target, Self.asks)
        let sent = walk.plan
        let plan = try #require(sent)
        #expect(!plan.substitutesKey)
        #expect(walk.opening == nil)
        #expect(plan.fields.first("access-control-request-method") == "POST")
        #expect(plan.fields.first("origin") == "https://app.example")
        walk.departs()
        walk.answers(204, "text/plain", [("access-control-allow-origin", "*")])
        walk.ends()
        #expect(walk.lines.suffix(2) == ["relay 204", "finish"])
        #expect(walk.records.isEmpty)
        #expect(walk.summary?.team == "none")
        #expect(walk.summary?.endpoint == endpoint)
        #expect(walk.summary?.turnedAway == nil)
        #expect(walk.summary?.error == nil)
    }

    @Test(
        "carries no key, not even one that it should not have",
        arguments: [
            [("authorization", "Bearer \(World.key("AAAAAAAA"))")], [("authorization", "Bearer sk-mine")],
            [("api-key", World.key("ZZZZZZZZ"))], [("x-api-key", "sy_typo")], [("openai-organization", "org")],
        ] as [[(String, String)]]
    )
    func noKey(fields: [(String, String)]) throws {
        var walk = Walk(Self.rules())
        walk.head("OPTIONS", "/v1/models", Self.asks + fields)
        let sent = walk.plan
        let plan = try #require(sent)
        #expect(!plan.substitutesKey)
        for (name, _) in fields {
            #expect(
                !(0..<plan.fields.count).contains { String(decoding: plan.fields.name(at: $0), as: UTF8.self) == name }
            )
        }
    }

    @Test(
        "with a key where it would leave is refused",
        arguments: [
            ("/v1/models?k=\(World.key("AAAAAAAA"))", []), ("/v1/models", [("cookie", "k=\(World.key("AAAAAAAA"))")]),
        ] as [(String, [(String, String)])]
    )
    func strayKey(target: String, fields: [(String, String)]) {
        var walk = Walk(Self.rules())
        walk.head("OPTIONS", target, Self.asks + fields)
        #expect(walk.refusal?.reason == "key_misplaced")
    }

    /// Requests that are no preflights, so that their client must be identified.
    static let others: [(String, [(String, String)], Int?)] = [
        ("OPTIONS", [], nil), ("OPTIONS", Array(asks.prefix(1)), nil), ("OPTIONS", Array(asks.dropFirst()), nil),
        ("OPTIONS", asks, 3), ("OPTIONS", asks + [("transfer-encoding", "chunked")], nil), ("GET", asks, nil),
        ("POST", asks, 3), ("HEAD", asks, nil), ("DELETE", asks, nil),
    ]

    @Test("is not everything that looks like one", arguments: others)
    func notOne(method: String, fields: [(String, String)], length: Int?) {
        var walk = Walk(Self.rules())
        walk.head(method, "/v1/chat/completions", fields, length: length)
        #expect(walk.refusal?.reason == "key_missing")
    }
}
