import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A failure reported inside a 2xx answer")
struct FailureInsideTests {
    private static let failed =
        #"{"id":"resp_1","object":"response","status":"failed","model":"gpt-4.1","output":[],"usage":null,"#
        + #""error":{"code":"server_error","message":"busy"}}"#
    private static let created =
        #"data: {"type":"response.created","response":"# + Fixture.response(status: "in_progress") + "}\n\n"

    /// The request's path, the answer's `content-type`, and the answer.
    static let answers: [(String, String, String)] = [
        ("/v1/chat/completions", "application/json", #"{"error":{"message":"at its limit","code":502}}"#),
        ("/v1/chat/completions", "application/json", "null"), ("/v1/chat/completions", "application/json", ""),
        ("/v1/chat/completions", "application/json", " {}\n"),
        ("/v1/chat/completions", "text/event-stream", "data: {\"error\":{\"message\":\"busy\"}}\n\n"),
        ("/v1/chat/completions", "text/event-stream", Fixture.done),
        ("/v1/responses", "application/json", failed),
        ("/v1/responses", "text/event-stream", created + "data: {\"type\":\"error\",\"code\":\"busy\"}\n\n"),
        (
            "/v1/responses", "text/event-stream",
            created + #"data: {"type":"response.failed","response":\#(failed)}"# + "\n\n"
        ),
    ]

    private static func walk(
        _ answer: (target: String, type: String, body: String),
        afterSeconds seconds: UInt64 = 1,
        rules: Rules = World.rules()
    ) -> Walk {
        var walk = Walk(rules)
        walk.post(answer.target, #"{"model":"gpt-4.1","input":"hi","messages":[{"role":"user","content":"hi"}]}"#)
        walk.departs()
        walk.answers(200, answer.type)
        walk.wait(milliseconds: seconds * 1000)
        if !answer.body.isEmpty { walk.piece(answer.body) }
        walk.ends()
        return walk
    }

    @Test("costs nothing when it comes soon and shows no work, just like the same failure as a 503", arguments: answers)
    func quick(target: String, type: String, body: String) {
        let walk = Self.walk((target, type, body))
        #expect(walk.records == [.released(ChargeID(high: 0, low: 7))])
        #expect(walk.summary?.charge == nil)
        #expect(walk.summary?.error == .upstreamStream)
        #expect(walk.summary?.outcome == .failed)
    }

    @Test("is charged its hold when it comes late, as a late 503 is", arguments: answers)
    func late(target: String, type: String, body: String) {
        let walk = Self.walk((target, type, body), afterSeconds: 11)
        #expect(walk.summary?.charge?.weight.unmetered == .lateFailure)
        #expect(walk.summary?.charge?.weight.cost == walk.summary?.charge?.opening.hold)
    }

    @Test("after some work is estimated by that work")
    func behindWork() {
        let text = Fixture.chunk(String(repeating: "word", count: 10))
        let walk = Self.walk(("/v1/chat/completions", "text/event-stream", text + "data: {\"error\":{}, \"x\":1}\n\n"))
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect(walk.summary?.charge?.weight.tokens?.completion == 10)
    }

    @Test("with a usage costs what that says")
    func withUsage() {
        let body = Self.failed.replacing(
            #""usage":null"#,
            with: #""usage":{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}"#
        )
        let walk = Self.walk(("/v1/responses", "application/json", body))
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(6_000_000_000))
    }

    @Test("is timed by the stream's error, not by the silence after it")
    func silenceBehind() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece("data: {\"error\":{\"message\":\"busy\"}}\n\n")
        walk.wait(milliseconds: 20_000)
        walk.ends()
        #expect(walk.records == [.released(ChargeID(high: 0, low: 7))])
    }

    @Test("of background work that failed at once costs nothing; one that failed later costs the hold")
    func background() {
        for (seconds, line) in [(5, "released"), (60, "settled estimated 0.065572 gpt-4.1")] as [(Int64, String)] {
            let rules = World.rules()
            var walk = Walk(rules)
            walk.post("/v1/responses", #"{"model":"gpt-4.1","background":true,"input":"hello"}"#)
            walk.departs()
            walk.answers(200)
            walk.piece(Fixture.response(status: "queued"))
            walk.ends()
            var poll = Walk(rules, wallSeconds: Walk.wallSeconds + seconds, id: 9)
            poll.head("GET", "/v1/responses/resp_1")
            poll.departs()
            poll.answers(200)
            poll.piece(Self.failed)
            poll.ends()
            #expect(poll.lines.contains(line), "\(poll.lines)")
            #expect(World.counts(rules) == [0, 0, 0])
        }
    }
}
