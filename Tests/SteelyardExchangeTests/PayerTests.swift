import Foundation
import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("Who pays, and what of the client's keys goes up")
struct PayerTests {
    private static let ours = World.key("AAAAAAAA")
    private static let theirs = World.key("BBBBBBBB")
    private static let unknown = World.key("ZZZZZZZZ")

    /// The text as escapes, in digits of either case.
    private static func escaped(_ text: String) -> String {
        text.utf8.map { "%" + String($0, radix: 16, uppercase: $0 % 2 == 0) }.joined()
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// One team with a key, one with a provider's key, and one for everybody.
    private static func rules(defaultTeam: String? = "unassigned") -> Rules {
        World.rules(
            World.provider(apiKey: .unneeded),
            teams: [
                World.team("search", keys: ["AAAAAAAA", "CCCCCCCC"]),
                World.team("labs") { $0.providerKeys = [World.digest("sk-listed".utf8Span.span)] },
                World.team("batch"), World.team("vault", keys: ["BBBBBBBB"]),
            ],
            defaultTeam: defaultTeam
        )
    }

    /// A request and its result: `team/KEY`, a `*` if the provider's key replaces the client's, and the credentials
    /// that are sent; or the refusal.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var method = "GET"
        var target = "/v1/models"
        var fields: [(String, String)] = []
        var expected: String

        init(_ name: String, _ target: String = "/v1/models", _ fields: [(String, String)] = [], is expected: String) {
            (testDescription, self.target, self.fields, self.expected) = (name, target, fields, expected)
        }
    }

    static let cases: [Case] = [
        Case("a key", "/v1/models", [("authorization", "Bearer \(ours)")], is: "search/AAAAAAAA* []"),
        Case("a key of Azure's spelling", "/v1/models", [("api-key", ours)], is: "search/AAAAAAAA* []"),
        Case("a key of Anthropic's", "/v1/models", [("x-api-key", ours)], is: "search/AAAAAAAA* []"),
        Case("a key of Gemini's", "/v1/models", [("x-goog-api-key", ours)], is: "search/AAAAAAAA* []"),
        Case(
            "a key beside one's own",
            "/v1/models",
            [("authorization", "Bearer sk-mine"), ("x-api-key", ours), ("openai-organization", "org-1")],
            is: "search/AAAAAAAA* []"
        ),
        Case(
            "a key that Connection names",
            "/v1/models",
            [("connection", "authorization"), ("authorization", "Bearer \(ours)")],
            is: "search/AAAAAAAA* []"
        ),
        Case("a key and its team", "/team/search/v1/models", [("api-key", ours)], is: "search/AAAAAAAA* []"),
        Case("a key and another team", "/team/batch/v1/models", [("api-key", ours)], is: "403 claim_contradicts_key"),
        Case("two teams' keys", "/v1/models", [("api-key", ours), ("x-api-key", theirs)], is: "403 keys_contradict"),
        Case("an unknown key", "/v1/models", [("api-key", unknown)], is: "401 key_unknown"),
        Case("a typo", "/v1/models", [("authorization", "Bearer \(ours)x")], is: "401 key_mistyped"),
        Case("a key in capitals", "/v1/models", [("api-key", ours.uppercased())], is: "401 key_mistyped"),
        Case("two keys in one field", "/v1/models", [("api-key", "\(ours) \(ours)")], is: "401 key_mistyped"),
        Case("a key without a scheme", "/v1/models", [("authorization", ours)], is: "search/AAAAAAAA* []"),
        Case("a key behind a tab", "/v1/models", [("authorization", "Bearer\t\(ours)")], is: "401 key_misplaced"),
        Case("a key in quotes", "/v1/models", [("authorization", "Bearer \"\(ours)\"")], is: "401 key_misplaced"),
        Case("a key in a cookie", "/v1/models", [("cookie", "a=b; key=\(ours)")], is: "401 key_misplaced"),
        Case(
            "a key in a cookie beside a good one",
            "/v1/models",
            [("api-key", ours), ("cookie", "key=\(ours)")],
            is: "401 key_misplaced"
        ),
        Case("a key in the query", "/v1/models?api_key=\(ours)", is: "401 key_misplaced"),
        Case("a key in the path", "/v1/models/\(ours)", [("api-key", ours)], is: "401 key_misplaced"),
        Case("a key in the query, escaped", "/v1/models?k=\(escaped(ours))", is: "401 key_misplaced"),
        Case("a key escaped twice", "/v1/models?k=\(escaped(escaped(ours)))", is: "401 key_misplaced"),
        Case("a key in the path, escaped", "/v1/models/%73y_\(ours.dropFirst(3))", is: "401 key_misplaced"),
        Case(
            "a wrong checksum in a cookie",
            "/v1/models",
            [("cookie", "k=\(ours.dropLast())x")],
            is: "401 key_misplaced"
        ),
        Case("a key in capitals in a cookie", "/v1/models", [("cookie", ours.uppercased())], is: "401 key_misplaced"),
        Case("a key in a cookie, escaped", "/v1/models", [("cookie", "k=\(escaped(ours))")], is: "401 key_misplaced"),
        Case(
            "a key as a password",
            "/v1/models",
            [("authorization", "Basic \(base64("u:" + ours))")],
            is: "401 key_misplaced"
        ),
        Case(
            "a key in Basic alone",
            "/v1/models",
            [("authorization", "Basic \(base64(ours))")],
            is: "401 key_misplaced"
        ),
        Case(
            "a key in a protocol's name",
            "/v1/models",
            [("sec-websocket-protocol", "realtime, openai-insecure-api-key.\(ours)")],
            is: "401 key_misplaced"
        ),
        Case("a key in a page's address", "/v1/models", [("referer", "http://x/?k=\(ours)")], is: "401 key_misplaced"),
        Case("a key in the user agent", "/v1/models", [("user-agent", "curl \(ours)")], is: "401 key_misplaced"),
        Case("a key as an organization", "/v1/models", [("openai-organization", ours)], is: "401 key_misplaced"),
        Case(
            "a key as an organization beside a good one",
            "/v1/models",
            [("api-key", ours), ("openai-organization", ours)],
            is: "search/AAAAAAAA* []"
        ),
        Case("a key as a field's name", "/v1/models", [(ours.lowercased(), "1")], is: "401 key_misplaced"),
        Case(
            "a key in JSON",
            "/v1/models",
            [("x-meta", #"{"k":"\u0073\u0079\u005f\#(ours.dropFirst(3))"}"#)],
            is: "401 key_misplaced"
        ),
        Case(
            "a key in quoted pairs",
            "/v1/models",
            [("x-meta", #""\s\y\_\#(ours.dropFirst(3))""#)],
            is: "401 key_misplaced"
        ),
        Case("a key in our own field", "/v1/models", [("x-steelyard-note", ours)], is: "unassigned/ []"),
        Case("a key as the team", "/team/\(ours)/v1/models", is: "403 team_unknown"),
        Case(
            "a key for the hop before",
            "/v1/models",
            [("proxy-authorization", "Bearer \(ours)")],
            is: "unassigned/ []"
        ),
        Case(
            "text that only begins like a key",
            "/v1/models/sy_model",
            [("x-note", "sy_" + ours.dropFirst(4))],
            is: "unassigned/ []"
        ),
        Case("one's own key", "/v1/models", [("authorization", "Bearer sk-1")], is: #"unassigned/ ["Bearer sk-1"]"#),
        Case(
            "one's own listed key",
            "/v1/models",
            [("authorization", "Bearer sk-listed")],
            is: #"labs/ ["Bearer sk-listed"]"#
        ),
        Case(
            "one's own key, and a team",
            "/team/batch/v1/models",
            [("authorization", "Bearer sk-1")],
            is: #"batch/ ["Bearer sk-1"]"#
        ),
        Case("a claim alone gets no key", "/team/batch/v1/models", is: "batch/ []"),
        Case("a header", "/v1/models", [("x-steelyard-team", "batch")], is: "batch/ []"),
        Case(
            "two headers",
            "/v1/models",
            [("x-steelyard-team", "batch"), ("X-Steelyard-Team", "batch")],
            is: "defect credential"
        ),
        Case(
            "two of one kind of key",
            "/v1/models",
            [("authorization", "Bearer \(ours)"), ("authorization", "Bearer sk-1")],
            is: "defect credential"
        ),
        Case("an empty header", "/v1/models", [("x-steelyard-team", "")], is: "403 team_unknown"),
        Case("a team with keys", "/team/search/v1/models", is: "403 team_has_keys"),
        Case("no such team", "/team/nobody/v1/models", is: "403 team_unknown"),
        Case("nothing", is: "unassigned/ []"),
    ]

    @Test("is found out before anything leaves", arguments: cases)
    func payer(of request: Case) throws {
        var walk = Walk(Self.rules())
        walk.head(request.method, request.target, request.fields)
        #expect(Self.outcome(of: walk) == request.expected)
        guard walk.transcript != request.expected else { return }
        walk.conclude()
        let ended = walk.summary
        let summary = try #require(ended)
        #expect(walk.records.isEmpty)
        if let refusal = walk.refusal {
            #expect(summary.team == "none")
            #expect(summary.isForwarded == false)
            #expect(refusal.shouldRetry == false)
            guard case .unidentified(let reason) = summary.turnedAway else {
                Issue.record("not counted")
                return
            }
            #expect(reason.rawValue == refusal.reason)
            #expect(refusal.code == (refusal.status == 401 ? "invalid_api_key" : "team_mismatch"))
            #expect(summary.error == (refusal.status == 401 ? .clientUnauthorized : .clientForbidden))
        }
    }

    private static func outcome(of walk: borrowing Walk) -> String {
        if let refusal = walk.refusal { return "\(refusal.status) \(refusal.reason ?? "none")" }
        guard let plan = walk.plan else { return walk.transcript }
        let names: [StaticString] = [
            "authorization", "api-key", "x-api-key", "x-goog-api-key", "openai-organization", "x-steelyard-team",
            "proxy-authorization", "cookie",
        ]
        let sent = names.compactMap { plan.fields.first($0) }
        return
            "\(walk.exchange.request.teamName)/\(walk.exchange.request.keyID)\(plan.substitutesKey ? "*" : "") \(sent)"
    }

    @Test(
        "every kind of request is identified, and none carries a Steelyard key to the provider",
        arguments: [
            ("GET", "/v1/models", false), ("HEAD", "/v1/models", false), ("DELETE", "/v1/files/f", false),
            ("OPTIONS", "/v1/models", false), ("POST", "/v1/files", true), ("POST", "/v1/audio/transcriptions", true),
            ("POST", "/v1/unheard/of", true), ("POST", "/v1/responses/r/cancel", false),
        ]
    )
    func everyMethod(method: String, target: String, hasBody: Bool) throws {
        for (key, isKnown) in [(Self.ours, true), (Self.unknown, false)] {
            var walk = Walk(Self.rules())
            let fields = [
                ("authorization", "Bearer \(key)"), ("expect", "100-continue"),
                ("content-type", "multipart/form-data; boundary=b"),
            ]
            walk.head(method, target, hasBody ? fields : Array(fields.prefix(1)), length: hasBody ? 9 : nil)
            #expect((walk.refusal?.status == 401) == !isKnown)
            guard isKnown else { continue }
            if walk.plan == nil { walk.uploadPiece("no form, ") }
            let sent = walk.plan
            let plan = try #require(sent)
            #expect(plan.substitutesKey)
            #expect((0..<plan.fields.count).allSatisfy { !plan.fields.line(at: $0).contains(UInt8(ascii: "_")) })
            walk.conclude()
        }
    }

    @Test("a gathered request is refused before its body", arguments: [World.key("ZZZZZZZZ"), ""])
    func beforeTheBody(key: String) {
        var walk = Walk(Self.rules(defaultTeam: nil))
        walk.head("POST", "/v1/chat/completions", key.isEmpty ? [] : [("api-key", key)], length: 100)
        #expect(walk.lines == ["refuse 401 invalid_api_key"])
        walk.body(Fixture.chat)
        #expect(walk.lines.count == 1, "nothing is sent for a body that comes all the same")
        #expect(walk.plan == nil)
    }

    @Test("a Steelyard key for a provider that has no key to put in its place is refused")
    func notReplaceable() {
        var walk = Walk(World.rules(teams: [World.team(keys: ["AAAAAAAA"])]))
        walk.head("GET", "/v1/models", [("api-key", Self.ours)])
        #expect(walk.refusal?.reason == "key_not_replaceable")
    }

    @Test("an expired key is refused from its instant on")
    func expiry() {
        let team = World.team(keys: ["AAAAAAAA"]) { $0.keys[0].expiresAtSeconds = Walk.wallSeconds }
        for (seconds, reason) in [(Walk.wallSeconds - 1, nil), (Walk.wallSeconds, "key_expired")] as [(Int64, String?)]
        {
            var walk = Walk(World.rules(World.provider(apiKey: .unneeded), teams: [team]), wallSeconds: seconds)
            walk.head("GET", "/v1/models", [("api-key", Self.ours)])
            #expect(walk.refusal?.reason == reason)
            walk.conclude()
        }
    }

    /// Targets that start with a team or only look like it, and their results.
    static let paths: [(String, String)] = [
        ("/team/batch/v1/models", "GET /v1/models"),
        ("/team/batch/v1/models?team=search", "GET /v1/models?team=search"),
        ("http://gateway/team/batch/v1/models", "GET /v1/models"),
        ("/team/batch", "refuse 404 unknown_url"),
        ("/team/batch/", "refuse 404 unknown_url"),
        ("/team/", "refuse 404 unknown_url"),
        ("/team", "refuse 404 unknown_url"),
        ("/team/batch?/v1/models", "refuse 404 unknown_url"),
        ("/team/batch/v10/models", "refuse 404 unknown_url"),
        ("/team/batch/metrics", "refuse 404 unknown_url"),
        ("/team/batch/admin/v1/usage", "refuse 404 unknown_url"),
        ("/team/batch/healthz", "refuse 404 unknown_url"),
        ("/team/batch/team/labs/v1/models", "refuse 404 unknown_url"),
        ("/Team/batch/v1/models", "refuse 404 unknown_url"),
        ("/teamXbatch/v1/models", "refuse 404 unknown_url"),
        ("/v1/team/batch/v1/models", "GET /v1/team/batch/v1/models"),
        ("/team/batch;a=b/v1/models", "refuse 403 team_mismatch"),
        ("/team/b%61tch/v1/models", "refuse 403 team_mismatch"),
        ("/team/batch%20/v1/models", "refuse 403 team_mismatch"),
        ("/team//v1/models", "defect targetPath"),
        ("/team/batch//v1/models", "defect targetPath"),
        ("//team/batch/v1/models", "defect targetPath"),
        ("/team/batch/../search/v1/models", "defect targetPath"),
        ("/team/../v1/models", "defect targetPath"),
        ("/team/./v1/models", "defect targetPath"),
        ("/team/batch%2fv1/models", "defect targetCharacter"),
        ("/team/%2e%2e/v1/models", "defect targetCharacter"),
        ("/team/batch%5cv1/models", "defect targetCharacter"),
    ]

    @Test("a team in the path is one segment, and never a way to somewhere else", arguments: paths)
    func path(target: String, line: String) {
        var walk = Walk(Self.rules())
        walk.head("GET", target)
        #expect(walk.lines == [line])
    }

    @Test("the path without its team is what routes, prices and metrics see")
    func routedWithoutTeam() {
        var walk = Walk(Self.rules())
        walk.post("/team/batch/v1/chat/completions?a=b", Fixture.chat)
        #expect(walk.lines.last == "POST /v1/chat/completions?a=b opened")
        #expect(walk.opening?.team == "batch")
        #expect(walk.opening?.endpoint == "/v1/chat/completions")
        walk.conclude()
        #expect(walk.summary?.team == "batch")
    }

    @Test("the record has the key's id, never the key itself")
    func opening() {
        var walk = Walk(Self.rules())
        walk.post("/v1/chat/completions", Fixture.chat, [("authorization", "bearer \(Self.ours)")])
        #expect(walk.opening?.team == "search")
        #expect(walk.opening?.key == "AAAAAAAA")
        walk.conclude()
        #expect(walk.summary?.key == "AAAAAAAA")
        #expect(!"\(walk.records)\(String(describing: walk.summary))".contains(Self.ours))
    }
}
