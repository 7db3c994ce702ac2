import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A request")
struct RoutingTests {
    /// Method, target, and what is sent or answered.
    static let routes: [(String, String, String, String)] = [
        ("GET", "/v1/models", "GET /v1/models", "/v1/models"),
        ("GET", "/v1/models?limit=2&a[]=b%20c", "GET /v1/models?limit=2&a[]=b%20c", "/v1/models"),
        ("GET", "/v1/responses/resp_1", "GET /v1/responses/resp_1", "/v1/responses/{id}"),
        ("DELETE", "/v1/files/f1", "DELETE /v1/files/f1", "/v1/files/{id}"),
        ("GET", "/v1/something/new", "GET /v1/something/new", "other"),
        ("POST", "/v1/files", "POST /v1/files", "/v1/files"),
        (
            "POST", "/v1/realtime/client_secrets", "POST /v1/realtime/client_secrets opened",
            "/v1/realtime/client_secrets"
        ),
        ("POST", "/v1/something/new", "POST /v1/something/new opened", "other"),
        ("GET", "/v10/models", "refuse 404 unknown_url", "other"),
        ("GET", "/", "refuse 404 unknown_url", "other"),
    ]

    @Test("is routed by its mount and named by its template", arguments: routes)
    func goesTo(method: String, target: String, line: String, endpoint: String) {
        var walk = Walk()
        walk.head(method, target)
        #expect(walk.lines == [line])
        walk.conclude()
        #expect(walk.summary?.endpoint == endpoint)
    }

    @Test("for a mount that differs from the base URL's path goes to the base URL's")
    func mount() {
        let provider = Provider(
            name: "eu",
            origin: ProviderOrigin(isSecure: true, host: "h", port: 443, pathPrefix: "/openai/v1"),
            mount: "/eu/v1"
        )
        var walk = Walk(World.rules(provider))
        walk.post("/eu/v1/chat/completions?x=1", Fixture.chat)
        #expect(walk.lines.last == "POST /openai/v1/chat/completions?x=1 opened")
        walk.conclude()
        #expect(walk.summary?.endpoint == "/v1/chat/completions")
    }

    @Test(
        "whose body two parsers could read differently is refused",
        arguments: [
            (#"{"model":"a","model":"b"}"#, "refuse 400 ambiguous_request"),
            (#"{"stream":true,"str\u0065am":false}"#, "refuse 400 ambiguous_request"),
            (#"{"max_tokens":1,"max_tokens":2}"#, "refuse 400 ambiguous_request"),
            (String(repeating: "[", count: 10), "POST /v1/chat/completions opened"),
            (#"{"a":\#(String(repeating: "[", count: 200))"#, "refuse 400 malformed_request"),
        ]
    )
    func ambiguous(body: String, line: String) {
        var walk = Walk()
        walk.post("/v1/chat/completions", body)
        #expect(walk.lines.last == line)
    }

    @Test("that announces more than the limit is refused before its body")
    func announcedTooLarge() {
        var walk = Walk(World.rules(bodyLimit: 100))
        walk.head("POST", "/v1/chat/completions", length: 101)
        #expect(walk.lines == ["refuse 413 request_too_large"])
    }

    @Test("with a multipart or coded body streams through or is left unread")
    func unread() {
        var upload = Walk()
        upload.head(
            "POST",
            "/v1/audio/transcriptions",
            [("content-type", "multipart/form-data; boundary=x")],
            length: 9
        )
        #expect(upload.lines == ["POST /v1/audio/transcriptions opened"])
        var coded = Walk()
        coded.post("/v1/chat/completions", Fixture.streamedChat, [("content-encoding", "gzip")])
        #expect(coded.lines.last == "POST /v1/chat/completions opened")
    }

    @Test("whose client has retried says so")
    func retries() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat, [("x-stainless-retry-count", "2")])
        walk.departs()
        walk.answers(
            200,
            "application/json",
            [("x-ratelimit-remaining-requests", "9"), ("x-ratelimit-limit-requests", "10")]
        )
        walk.ends()
        #expect(walk.summary?.retryCount == 2)
        #expect(walk.summary?.rateLimits == [RateLimitReading(kind: .requests, limit: 10, remaining: 9)])
    }
}

@Suite("A background response")
struct BackgroundTests {
    private static let usage = #"{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}"#

    private static func opened(_ rules: Rules) -> Walk {
        var walk = Walk(rules)
        walk.post("/v1/responses", #"{"model":"gpt-4.1","background":true,"input":"hello"}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.response(status: "queued"))
        walk.ends()
        return walk
    }

    private static func polled(_ rules: Rules, _ body: String, id: UInt64) -> Walk {
        var walk = Walk(rules, wallSeconds: Walk.wallSeconds + 60, id: id)
        walk.head("GET", "/v1/responses/resp_1")
        walk.departs()
        walk.answers(200)
        walk.piece(body)
        walk.ends()
        return walk
    }

    @Test("is charged once, by the first poll that shows its end, to the request that opened it")
    func chargedOnce() {
        let rules = World.rules()
        let opened = Self.opened(rules)
        #expect(opened.summary?.charge == nil)
        #expect(!opened.lines.contains { $0.hasPrefix("settled") || $0 == "released" })
        let running = Self.polled(rules, Fixture.response(status: "in_progress"), id: 8)
        #expect(running.summary?.charge == nil)
        let done = Self.polled(rules, Fixture.response(status: "completed", usage: Self.usage), id: 9)
        #expect(done.lines.contains("settled exact 0.006 gpt-4.1"))
        #expect(done.summary?.charge?.opening.charge == ChargeID(high: 0, low: 7))
        #expect(done.summary?.charge?.opening.endpoint == "/v1/responses")
        let again = Self.polled(rules, Fixture.response(status: "completed", usage: Self.usage), id: 10)
        #expect(again.summary?.charge == nil)
        #expect(rules.jobs.count == 0)
    }

    @Test("that was not opened here is never charged by reading it")
    func strangers() {
        let poll = Self.polled(World.rules(), Fixture.response(status: "completed", usage: Self.usage), id: 8)
        #expect(poll.summary?.charge == nil)
    }

    @Test("nobody asks about again is estimated, never free")
    func expired() throws {
        let rules = World.rules()
        _ = Self.opened(rules)
        #expect(rules.jobs.takeExpired(openedBefore: Walk.wallSeconds).isEmpty)
        let job = try #require(rules.jobs.takeExpired(openedBefore: Walk.wallSeconds + 1).first)
        let account = ChargeAccount(expired: job, rules: rules)
        #expect(account.weight.confidence == .estimated)
        #expect(account.weight.cost > .zero)
        #expect(account.modelLabel == "gpt-4.1")
    }
}
