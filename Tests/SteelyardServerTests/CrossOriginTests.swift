import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("A script of another site", .timeLimit(.minutes(1)))
struct CrossOriginTests {
    private static let page = "https://app.example"
    private static let exposed = [
        "x-request-id", "x-steelyard-request-id", "x-steelyard-reason", "retry-after", "x-should-retry",
        "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
        "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
    ]

    private static func request(_ line: String, _ fields: String = "", origin: String? = page) -> String {
        "\(line) HTTP/1.1\r\nHost: t\r\n\(origin.map { "Origin: \($0)\r\n" } ?? "")\(fields)\r\n"
    }

    private static func listed(_ settings: inout ServerSettings) {
        settings.origins = .listed(["http://localhost:3000", page])
        settings.defaultTeam = nil
    }

    /// Requests that Steelyard answers itself, each at another place.
    static let refused: [(String, Int)] = [
        (request("GET /v1/models"), 401), (request("GET /team/nobody/v1/models"), 403),
        (request("GET /elsewhere"), 404),
        (request("GET /v1/../models"), 400),
        (request("POST /v1/chat/completions", "Content-Length: 99999999999\r\n"), 401),
        (request("POST /v1/chat/completions", "Content-Length: 5\r\n") + "hello", 401),
        (request("GET /v1/models", "Expect: tea\r\n"), 417),
        (request("GET /v1/realtime", "Connection: upgrade\r\nUpgrade: websocket\r\n"), 426),
    ]

    @Test("may read Steelyard's own answers and their headers where its origin is listed", arguments: refused)
    func readable(request: String, status: Int) async throws {
        try await ServerFixture.with(ScriptedServer.answering(""), Self.listed) { server in
            let answer = server.answer(to: request)
            #expect(answer?.status == status)
            #expect(answer?.field("access-control-allow-origin") == Self.page)
            #expect(answer?.field("vary") == "origin")
            let names = answer?.field("access-control-expose-headers")?.split(separator: ",")
            #expect(names?.map { $0.drop { $0 == " " } } == Self.exposed.map { $0[...] })
        }
    }

    @Test(
        "may not where it is not",
        arguments: ["https://app.example.evil.test", "http://app.example", "null", "https://app.example:444", "*", ""]
    )
    func unreadable(origin: String) async throws {
        try await ServerFixture.with(ScriptedServer.answering(""), Self.listed) { server in
            let answer = server.answer(to: Self.request("GET /v1/models", origin: origin))
            #expect(answer?.status == 401)
            #expect(answer?.field("access-control-allow-origin") == nil)
            #expect(answer?.field("access-control-expose-headers") == nil)
            #expect(answer?.field("vary") == "origin")
        }
    }

    @Test("is told nothing where no origin is listed, and everybody the same where all are")
    func noneAndAny() async throws {
        let request = Self.request("GET /v1/models")
        try await ServerFixture.with(ScriptedServer.answering(""), { $0.defaultTeam = nil }) { server in
            let answer = server.answer(to: request)
            #expect(answer?.head.contains("access-control") == false)
            #expect(answer?.field("vary") == nil)
        }
        let any: (inout ServerSettings) -> Void = { settings in
            settings.origins = .any
            settings.defaultTeam = nil
        }
        try await ServerFixture.with(ScriptedServer.answering(""), any) { server in
            #expect(server.answer(to: request)?.field("access-control-allow-origin") == "*")
            #expect(server.answer(to: request)?.field("vary") == nil)
            let own = server.answer(to: Self.request("GET /v1/models", origin: nil))
            #expect(own?.field("access-control-allow-origin") == nil)
        }
    }

    @Test("finds the origin of its own request on a connection that carried others")
    func kept() async throws {
        try await ServerFixture.with(ScriptedServer.answering(""), Self.listed) { server in
            let client = server.connect()
            for origin in [Self.page, nil, "http://localhost:3000", "http://x.test"] {
                client.send(Self.request("GET /v1/models", origin: origin))
                let allowed = client.receiveAnswer()?.field("access-control-allow-origin")
                #expect(allowed == (origin == "http://x.test" ? nil : origin))
            }
        }
    }

    @Test("reads a failing provider's 502")
    func unreachable() async throws {
        let provider = ScriptedServer { connection in
            _ = connection.readRequest()
            connection.close()
        }
        try await ServerFixture.with(provider, { $0.origins = .listed([Self.page]) }) { server in
            let answer = server.answer(to: Self.request("GET /v1/models"))
            #expect(answer?.status == 502)
            #expect(answer?.field("access-control-allow-origin") == Self.page)
        }
    }

    @Test("asks the provider whether it may send, and gets the provider's fields as they are")
    func preflight() async throws {
        let answer =
            "HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n"
            + "Access-Control-Allow-Headers: authorization\r\n\r\n"
        let provider = ScriptedServer.answering(answer)
        let change: (inout ServerSettings) -> Void = { settings in
            TestKeys.settings(&settings)
            Self.listed(&settings)
        }
        try await ServerFixture.with(provider, change) { server in
            let asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n"
            let key = "Authorization: Bearer \(TestKeys.ours)\r\n"
            for fields in [asks, asks + key] {
                let answer = server.answer(to: Self.request("OPTIONS /v1/chat/completions", fields))
                #expect(answer?.status == 204)
                #expect(answer?.field("access-control-allow-origin") == "*")
                #expect(answer?.field("access-control-expose-headers") == nil)
            }
            #expect(provider.requests.count == 2)
            for request in provider.requests {
                #expect(request.values(of: "authorization") == [])
                #expect(request.values(of: "access-control-request-method") == ["POST"])
                #expect(request.values(of: "origin") == [Self.page])
                #expect(request.body.isEmpty)
            }
            let summaries = await server.recorder.summaries(count: 2)
            #expect(summaries.allSatisfy { $0.team == "none" && $0.key.isEmpty && $0.charge == nil })
            #expect(server.recorder.records.isEmpty)
            // With a body it is no preflight.
            let withBody = Self.request("OPTIONS /v1/chat/completions", asks + "Content-Length: 2\r\n") + "{}"
            #expect(server.answer(to: withBody)?.status == 401)
            #expect(provider.requests.count == 2)
        }
    }
}
