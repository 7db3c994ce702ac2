import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

/// The keys of these tests, and the team they mean.
enum TestKeys {
    /// Public id `AAAAAAAA`; its checksum and its digest were made elsewhere (zlib's CRC-32, `sha256sum`).
    static let ours = "sy_AAAAAAAA_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk0LYoFG"
    static let unknown = "sy_ZZZZZZZZ_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk3bJU6Y"
    private static let digest = KeyDigest(hex: "616e762407cd36ba1d2ac45fac1867844b45f2db1e449d512926e41f08813750")

    static func team(_ change: (inout Team) -> Void = { _ in }) -> Team {
        var team = Team(name: "search")
        if let digest { team.keys = [TeamKey(id: "AAAAAAAA", digest: digest)] }
        change(&team)
        return team
    }

    /// The operator's key, for the provider that is asked.
    static func operators(_ origin: ProviderOrigin) -> ProviderKey? {
        .bound(BoundSecret(Secret(Array("sk-operator".utf8)), to: origin))
    }

    static func settings(_ settings: inout ServerSettings) {
        settings.teams = [team()]
        settings.apiKey = operators
    }
}

@Suite("A Steelyard key never goes to a provider", .timeLimit(.minutes(1)))
struct KeySubstitutionTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    private static let bearer = "Authorization: Bearer \(TestKeys.ours)\r\n"
    private static let form = "Content-Type: multipart/form-data; boundary=b\r\n"

    /// Requests of every shape, with a Steelyard key.
    static let requests: [String] = [
        "GET /v1/models HTTP/1.1\r\nHost: t\r\n\(bearer)\r\n",
        "GET /v1/models?a=b HTTP/1.1\r\nHost: t\r\nApi-Key: \(TestKeys.ours)\r\nAuthorization: Bearer sk-mine\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: t\r\nConnection: authorization\r\n\(bearer)\r\n",
        "GET /team/search/v1/models HTTP/1.1\r\nHost: t\r\n\(bearer)X-Steelyard-Team: search\r\n\r\n",
        "HEAD /v1/models HTTP/1.1\r\nHost: t\r\n\(bearer)\r\n",
        "DELETE /v1/files/f HTTP/1.1\r\nHost: t\r\nX-Api-Key: \(TestKeys.ours)\r\n\r\n",
        "OPTIONS /v1/models HTTP/1.1\r\nHost: t\r\n\(bearer)\r\n",
        "POST /v1/responses/r/cancel HTTP/1.1\r\nHost: t\r\n\(bearer)Content-Length: 0\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\n\(bearer)OpenAI-Organization: o\r\n"
            + "Content-Length: \(Requests.json.utf8.count)\r\n\r\n\(Requests.json)",
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\n\(bearer)Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: t\r\n\(bearer)\(form)Content-Length: 3\r\n\r\nabc",
        "POST /v1/files HTTP/1.1\r\nHost: t\r\n\(bearer)\(form)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "GET /v1/models HTTP/1.1\r\nHost: t\r\nConnection: upgrade, http2-settings\r\nUpgrade: h2c\r\n"
            + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\(bearer)\r\n",
    ]

    @Test("and the provider sees the operator's, once, whatever is asked", arguments: requests)
    func substituted(request: String) async throws {
        let provider = ScriptedServer { connection in
            while let request = connection.readRequest() {
                connection.send(request.requestLine.hasPrefix("HEAD") ? Self.ok.replacing("ok", with: "") : Self.ok)
            }
        }
        try await ServerFixture.with(provider, TestKeys.settings) { server in
            let client = server.connect()
            client.send(request)
            #expect(client.receiveAnswer(toHEAD: request.hasPrefix("HEAD"))?.status == 200)
            let received = try #require(provider.requests.first)
            #expect(received.values(of: "authorization") == ["Bearer sk-operator"])
            #expect(!received.head.lowercased().contains("sy_"), "\(received.head)")
            #expect(!received.head.contains("sk-mine"))
            for name in [
                "api-key", "x-api-key", "openai-organization", "x-steelyard-team", "upgrade", "http2-settings",
            ] {
                #expect(received.values(of: name) == [], "\(name)")
            }
            let summary = try #require(await server.recorder.summaries(count: 1).first)
            #expect(summary.team == "search")
            #expect(summary.key == "AAAAAAAA")
            #expect(!String(describing: summary).contains(TestKeys.ours))
            #expect(!String(describing: summary).contains("sk-operator"))
        }
    }

    @Test("and a client's own key goes up as it is, also on a connection that took the operator's just before")
    func ownKeys() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider, TestKeys.settings) { server in
            let client = server.connect()
            for key in [TestKeys.ours, "sk-mine", TestKeys.ours, "sk-mine", ""] {
                let field = key.isEmpty ? "" : "Authorization: Bearer \(key)\r\n"
                client.send("GET /v1/models HTTP/1.1\r\nHost: t\r\n\(field)\r\n")
                #expect(client.receiveAnswer()?.status == 200)
            }
            let expected = [
                ["Bearer sk-operator"], ["Bearer sk-mine"], ["Bearer sk-operator"], ["Bearer sk-mine"], [],
            ]
            #expect(provider.requests.map { $0.values(of: "authorization") } == expected)
            #expect(provider.connectionCount == 1)
        }
    }

    @Test("and the operator's goes nowhere but where it is bound to")
    func boundToOrigin() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        let change: (inout ServerSettings) -> Void = { settings in
            settings.teams = [TestKeys.team()]
            settings.apiKey = { origin in
                var elsewhere = origin
                elsewhere.port &-= 1
                return TestKeys.operators(elsewhere)
            }
        }
        try await ServerFixture.with(provider, change) { server in
            #expect(server.answer(to: Self.requests[0])?.status == 200)
            #expect(provider.requests.map { $0.values(of: "authorization") } == [[]])
        }
    }

    @Test("and a redirect leads neither key anywhere", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        let other = ScriptedServer.answering(Self.ok)
        defer { other.stop() }
        let location = "http://127.0.0.1:\(other.port)/v1/models"
        let provider = ScriptedServer.answering(
            "HTTP/1.1 \(status) Elsewhere\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n"
        )
        try await ServerFixture.with(provider, TestKeys.settings) { server in
            let answer = server.answer(to: Self.requests[0])
            #expect(answer?.status == status)
            #expect(answer?.field("location") == location)
            #expect(other.connectionCount == 0)
        }
    }

    /// Heads whose key is of no use, and what their clients are told.
    static let refused: [(String, Int, String)] = [
        ("GET /v1/models HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(TestKeys.unknown)\r\n\r\n", 401, "key_unknown"),
        ("GET /v1/models HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(TestKeys.ours)x\r\n\r\n", 401, "key_mistyped"),
        ("GET /v1/models?key=\(TestKeys.ours) HTTP/1.1\r\nHost: t\r\n\r\n", 401, "key_misplaced"),
        ("GET /v1/models HTTP/1.1\r\nHost: t\r\nCookie: k=\(TestKeys.ours)\r\n\r\n", 401, "key_misplaced"),
        ("GET /team/search/v1/models HTTP/1.1\r\nHost: t\r\n\r\n", 403, "team_has_keys"),
        (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nApi-Key: \(TestKeys.unknown)\r\n"
                + "Content-Length: 9\r\n\r\n", 401, "key_unknown"
        ),
        (
            "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: t\r\nApi-Key: \(TestKeys.unknown)\r\n\(form)"
                + "Content-Length: 9\r\n\r\n", 401, "key_unknown"
        ),
    ]

    @Test("and one of no use is refused before a body is asked for", arguments: refused)
    func refusedAtHead(head: String, status: Int, reason: String) async throws {
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider, TestKeys.settings) { server in
            let answer = server.answer(to: head)
            #expect(answer?.status == status)
            #expect(answer?.field("x-steelyard-reason") == reason)
            #expect(answer?.field("x-should-retry") == "false")
            #expect(answer?.envelope?.code == (status == 401 ? "invalid_api_key" : "team_mismatch"))
            #expect(answer?.text.contains("kkkk") == false)
            #expect(provider.connectionCount == 0)
        }
    }

    @Test("and so does one in the name of a protocol")
    func webSocket() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider, TestKeys.settings) { server in
            let answer = server.answer(
                to: "GET /v1/realtime HTTP/1.1\r\nHost: t\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Protocol: realtime, openai-insecure-api-key.\(TestKeys.ours)\r\n\r\n"
            )
            #expect(answer?.status == 426)
            #expect(provider.connectionCount == 0)
        }
    }
}

@Suite("A provider that refuses the operator's key", .timeLimit(.minutes(1)))
struct KeyRefusedTests {
    private static let telling = #"{"error":{"message":"Incorrect API key provided: sk-op*****tor"}}"#

    private static func refusing(_ goOn: Signal?) -> ScriptedServer {
        ScriptedServer { connection in
            while connection.readRequest() != nil {
                let head = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n"
                connection.send("\(head)Content-Length: \(telling.utf8.count)\r\n\r\n")
                goOn?.wait()
                connection.send(telling)
            }
        }
    }

    private static func expectRefusal(_ answer: ReceivedAnswer?) {
        #expect(answer?.status == 502)
        #expect(answer?.envelope?.type == "server_error")
        #expect(answer?.envelope?.code == "upstream_auth")
        #expect(answer?.field("x-should-retry") == "false")
        #expect(answer?.text.contains("sk-") == false)
    }

    @Test(
        "is an error of the gateway, told at once on a connection that goes on",
        arguments: [true, false],
        ["", "stream"]
    )
    func told(isWhole: Bool, kind: String) async throws {
        let goOn = Signal()
        try await ServerFixture.with(Self.refusing(isWhole ? nil : goOn), TestKeys.settings) { server in
            let client = server.connect()
            let key = "Api-Key: \(TestKeys.ours)\r\n"
            for count in 1...3 {
                client.send(
                    kind == "stream" ? Requests.chat(#","stream":true"#, fields: key) : Requests.chat(fields: key)
                )
                Self.expectRefusal(client.receiveAnswer())
                goOn.raise()
                let summary = try #require(await server.recorder.summaries(count: count).last)
                #expect(summary.status == 502)
                #expect(summary.error == .upstreamAuth)
                #expect(summary.answerBytes == 0)
                #expect(summary.charge == nil)
            }
            #expect(server.recorder.records.count == 3)
            let counts = server.recorder.rules.admission.counts
            #expect(counts.inFlight == 0)
            #expect(counts.leaks == 0)
        }
    }

    @Test("while the client still sends is told, and the upload is given up")
    func withinUpload() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nno!")
            connection.waitForClose()
        }
        try await ServerFixture.with(provider, TestKeys.settings) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 600_000, fields: "Api-Key: \(TestKeys.ours)\r\n"))
            client.send([UInt8](repeating: 0, count: 100_000))
            Self.expectRefusal(client.receiveAnswer())
            client.finishSending()
            #expect(client.receiveEnding() == .fin)
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [502])
        }
    }

    @Test("passes on what it says of a client's own key")
    func ownKey() async throws {
        try await ServerFixture.with(Self.refusing(nil), TestKeys.settings) { server in
            let answer = server.answer(to: Requests.chat())
            #expect(answer?.status == 401)
            #expect(answer?.text == Self.telling)
        }
    }
}
