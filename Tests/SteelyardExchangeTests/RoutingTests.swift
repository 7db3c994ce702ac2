import SteelyardPolicy
import SteelyardWire
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

    @Test(
        "with a body costs what it would cost as a POST, whatever its method",
        arguments: ["GET", "DELETE", "OPTIONS"]
    )
    func bodyOfOtherMethods(method: String) {
        var walk = Walk()
        walk.head(
            method,
            "/v1/chat/completions",
            [("content-type", "application/json")],
            length: Fixture.chat.utf8.count
        )
        walk.body(Fixture.chat)
        #expect(walk.lines.last == "\(method) /v1/chat/completions opened")
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        walk.ends()
        #expect(walk.lines.contains("settled exact 0.006 gpt-4.1-2025-04-14"))
    }

    @Test("for a mount that differs from the base URL's path goes to the base URL's")
    func mount() {
        let provider = ProviderSettings(
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

    @Test("with a multipart body streams through, and with one that cannot be decoded is left unread")
    func unread() {
        var upload = Walk()
        upload.upload("/v1/audio/transcriptions", ["no form, "], ends: false)
        #expect(upload.lines == ["peek", "keep", "POST /v1/audio/transcriptions opened"])
        for copy in [BodyCopy.broken, .tooLarge, .unreadable] {
            var coded = Walk()
            coded.head("POST", "/v1/chat/completions", [("content-encoding", "br")], length: 9)
            coded.body(Fixture.streamedChat, copy: copy)
            #expect(coded.lines.last == "POST /v1/chat/completions opened")
        }
    }

    @Test("for HEAD gets the length that GET would bring, and no body")
    func headRequest() {
        var walk = Walk()
        walk.head("HEAD", "/v1/models")
        walk.departs()
        let head = AnswerHead(
            status: 200,
            reason: [],
            fields: World.fields([("content-type", "application/json"), ("content-length", "1234")]),
            framing: .none
        )
        walk.answers(head)
        #expect(walk.lines.last == "relay 200")
        #expect(walk.clientHead?.fields.first("content-length") == "1234")
        #expect(walk.clientHead?.length == ClientBodyLength.none)
        walk.ends()
        #expect(walk.lines.last == "finish")
        #expect(walk.summary?.outcome == .ok)
        #expect(walk.summary?.charge == nil)
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
