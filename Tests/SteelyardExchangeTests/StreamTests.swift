import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A stream")
struct StreamTests {
    @Test("that did not ask for usage is made to, and what that adds is taken out again")
    func asksAndHides() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream; charset=utf-8")
        walk.piece(Fixture.chunk("a", usage: "null"))
        walk.piece(Fixture.usageChunk(10, 5))
        walk.piece(Fixture.done)
        walk.ends()
        #expect(walk.lines[1] == #"POST /v1/chat/completions edit +,"stream_options":{"include_usage":true} opened"#)
        #expect(String(decoding: walk.sent, as: UTF8.self) == Fixture.chunk("a") + Fixture.done)
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        #expect(walk.summary?.askedForUsage == true)
        #expect(walk.summary?.isStreamed == true)
    }

    @Test("that asked for usage itself passes byte for byte")
    func leavesAskers() {
        let body = #"{"model":"gpt-4.1","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#
        var walk = Walk()
        walk.post("/v1/chat/completions", body)
        walk.departs()
        walk.answers(200, "text/event-stream")
        let stream = Fixture.chunk("a", usage: "null") + Fixture.usageChunk(10, 5) + Fixture.done
        walk.piece(stream)
        walk.ends()
        #expect(String(decoding: walk.sent, as: UTF8.self) == stream)
        #expect(walk.lines[1] == "POST /v1/chat/completions opened")
    }

    @Test(
        "is never edited where Steelyard must not make the edit",
        arguments: [
            ("/v1/responses", #"{"model":"gpt-4.1","stream":true,"input":"hi"}"#),
            ("/v1/chat/completions", #"[{"stream":true}]"#),
        ]
    )
    func unarmed(target: String, body: String) {
        var walk = Walk()
        walk.post(target, body)
        #expect(walk.lines.last == "POST \(target) opened")
    }

    @Test("of a provider with `inject_usage: never` is left alone, and estimated")
    func injectionOff() {
        var walk = Walk(World.rules(World.provider(injectsUsage: false)))
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678") + Fixture.finishChunk)
        #expect(walk.records.isEmpty)
        walk.piece(Fixture.done)
        #expect(walk.lines.suffix(2) == ["settled estimated 0.00002 gpt-4.1", "send 14"], "before its client hangs up")
        walk.ends()
        #expect(walk.lines[1] == "POST /v1/chat/completions opened")
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect(walk.summary?.charge?.weight.tokens == TokenAmounts(prompt: 2, completion: 2))
    }

    @Test("is settled when the usage is parsed, not at its end: clients hang up at [DONE]")
    func settlesWhenParsed() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("a") + Fixture.finishChunk)
        walk.piece(Fixture.usageChunk(10, 5))
        #expect(walk.lines.last == "settled exact 0.00006 gpt-4.1", "and nothing is sent of it")
        walk.clientLeaves()
        #expect(walk.lines.last == "drain")
        walk.piece(Fixture.done)
        walk.ends()
        #expect(walk.summary?.status == 200)
        #expect(walk.summary?.outcome == .ok)
        #expect(walk.lines.count { $0.hasPrefix("settled") } == 1)
    }

    @Test("with usage on every chunk is charged the last one, once")
    func runningUsage() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        for output in 1...5 { walk.piece(Fixture.chunk("x", usage: Fixture.usage(10, output))) }
        walk.piece(Fixture.done)
        walk.ends()
        #expect(walk.lines.filter { $0.hasPrefix("settled") } == ["settled exact 0.00006 gpt-4.1"])
    }

    @Test("that its provider breaks off breaks here too, after the bytes that came, and is estimated")
    func breaksOff() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678"))
        walk.piece(#"data: {"id":"chatcmpl-1","obj"#)
        walk.ends(.truncated)
        #expect(walk.lines.last == "break off")
        #expect(
            String(decoding: walk.sent, as: UTF8.self) == Fixture.chunk("12345678") + #"data: {"id":"chatcmpl-1","obj"#
        )
        #expect(walk.summary?.error == .upstreamTruncated)
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect(walk.summary?.charge?.weight.tokens?.completion == 2)
    }

    @Test("with an error event in the middle is a failure, whatever its status was")
    func errorEvent() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678"))
        walk.piece("data: {\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"code\":500}}\n\n")
        walk.ends()
        #expect(walk.summary?.error == .upstreamStream)
        #expect(walk.summary?.outcome == .failed)
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
    }

    @Test("measures the time to the first token and between tokens")
    func timings() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(": comment\n\n")
        walk.piece(Fixture.chunk("a"))
        walk.wait(milliseconds: 90)
        walk.piece(Fixture.chunk("b"))
        walk.piece(Fixture.usageChunk(10, 11) + Fixture.done)
        walk.ends()
        // 1 ms until the request is sent, 100 to the head, 10 for the comment, 10 for the first content.
        #expect(walk.summary?.timings.firstTokenNanoseconds == 121_000_000)
        #expect(walk.summary?.timings.perOutputTokenNanoseconds == 10_000_000)
    }
}

extension StreamTests {
    @Test("whose output comes in one piece has no time between tokens")
    func onePiece() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("a") + Fixture.chunk("b") + Fixture.finishChunk + Fixture.usageChunk(10, 11))
        walk.ends()
        #expect(walk.summary?.timings.firstTokenNanoseconds != nil)
        #expect(walk.summary?.timings.perOutputTokenNanoseconds == nil)
    }

    @Test("measures the time between visible tokens: hidden reasoning came before them")
    func reasoning() {
        let usage =
            #"{"prompt_tokens":10,"completion_tokens":111,"completion_tokens_details":{"reasoning_tokens":100}}"#
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("a"))
        walk.wait(milliseconds: 90)
        walk.piece(Fixture.chunk("b"))
        walk.piece("data: {\"choices\":[],\"usage\":\(usage)}\n\n" + Fixture.done)
        walk.ends()
        #expect(walk.summary?.timings.perOutputTokenNanoseconds == 10_000_000)
    }

    @Test("that breaks off after its semantic end has not failed: its client has all it needs")
    func brokenAfterTheEnd() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("a") + Fixture.finishChunk + Fixture.usageChunk(10, 5) + Fixture.done)
        walk.clientLeaves()
        walk.ends(.truncated)
        #expect(walk.summary?.outcome == .ok)
        #expect(walk.summary?.status == 200)
    }
}

@Suite("The edit's fallback")
struct EditFallbackTests {
    private static let refusal = #"{"error":{"message":"Unrecognized request argument: stream_options","code":null}}"#

    /// A stream that was made to ask for usage, and an error answer that has not ended yet.
    private static func refused(
        _ rules: Rules = World.rules(),
        status: Int = 400,
        by answer: String = refusal
    ) -> Walk {
        var walk = Walk(rules)
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(status)
        walk.piece(answer)
        return walk
    }

    @Test("sends the original bytes once when the provider refuses stream_options", arguments: [400, 422])
    func repeats(status: Int) {
        let unedited = UneditedModels()
        var walk = Self.refused(World.rules(unedited: unedited), status: status)
        walk.ends()
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678") + Fixture.done)
        walk.ends()
        #expect(
            walk.lines.dropFirst(2) == [
                "kept back", "nothing", "POST /v1/chat/completions", "relay 200",
                "settled estimated 0.00002 gpt-4.1", "send 168", "finish",
            ]
        )
        #expect(walk.summary?.injectionRefused == true)
        #expect(unedited.contains(provider: "openai", model: "gpt-4.1"))
    }

    @Test("is not remembered unless the repetition succeeds: an error that names the field proves nothing")
    func unproven() {
        let unedited = UneditedModels()
        var walk = Walk(World.rules(unedited: unedited))
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        for _ in 0..<2 {
            walk.departs()
            walk.answers(400)
            walk.piece(Self.refusal)
            walk.ends()
        }
        #expect(walk.lines.suffix(4) == ["released", "relay 400", "send \(Self.refusal.utf8.count)", "finish"])
        #expect(walk.summary?.injectionRefused == true)
        #expect(!unedited.contains(provider: "openai", model: "gpt-4.1"))
    }

    @Test("is not made for a client that has left")
    func nobodyWaits() {
        var walk = Self.refused()
        walk.clientLeaves()
        walk.ends()
        #expect(walk.lines.suffix(2) == ["drain", "released"])
        #expect(walk.summary?.status == 499)
    }

    @Test("charges the repetition, whatever the refusal said of usage")
    func usageInRefusal() {
        var walk = Self.refused(
            by: #"{"error":{"message":"stream_options"},"usage":{"prompt_tokens":1,"completion_tokens":0}}"#
        )
        walk.ends()
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("a") + Fixture.finishChunk + Fixture.usageChunk(10, 5) + Fixture.done)
        walk.ends()
        #expect(walk.lines.filter { $0.hasPrefix("settled") || $0 == "released" } == ["settled exact 0.00006 gpt-4.1"])
    }

    @Test("costs nothing when the repetition is never sent, and its wait is not counted as overhead")
    func repetitionUnreachable() {
        var walk = Self.refused()
        walk.ends()
        walk.ends(.unreachable, reached: false)
        #expect(walk.lines.suffix(2) == ["released", "refuse 502 upstream_unreachable"])
        #expect(walk.summary?.reachedProvider == true)
        #expect(walk.summary?.charge == nil)
    }

    @Test("counts our own share of both attempts as overhead, not the provider's first answer")
    func overhead() {
        var walk = Self.refused()
        walk.ends()
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.ends()
        // One millisecond before each departure.
        #expect(walk.summary?.timings.overheadNanoseconds == 2_000_000)
    }

    @Test("ends as a timeout when the error answer stands still")
    func silentError() {
        var walk = Self.refused(by: "{")
        walk.timePasses(seconds: 30)
        #expect(walk.lines.suffix(3) == ["stop", "released", "refuse 504 upstream_timeout"])
        #expect(walk.summary?.error == .upstreamTimeout)
    }

    @Test("is remembered per model: the next request goes up as it came")
    func remembers() {
        let unedited = UneditedModels()
        unedited.insert(provider: "openai", model: "gpt-4.1")
        var walk = Walk(World.rules(unedited: unedited))
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        #expect(walk.lines.last == "POST /v1/chat/completions opened")
        var other = Walk(World.rules(unedited: unedited), id: 8)
        other.post("/v1/chat/completions", Fixture.streamedChat.replacing("gpt-4.1", with: "gpt-4o"))
        #expect(other.lines.last?.contains("edit") == true)
    }

    @Test("hands on any other 4xx as it came")
    func otherErrors() {
        var walk = Self.refused(status: 429, by: #"{"error":{"message":"slow down"}}"#)
        walk.ends()
        #expect(walk.lines.suffix(4) == ["released", "relay 429", "send 33", "finish"])
        #expect(walk.summary?.status == 429)
        #expect(walk.summary?.error == .upstreamRateLimit)
    }

    @Test("does not keep back an error answer longer than 64 KiB")
    func longErrors() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(400)
        walk.piece(String(repeating: "x", count: 65_536))
        #expect(walk.lines.last == "nothing")
        walk.piece("y")
        #expect(walk.lines.suffix(2) == ["relay 400", "send 65537"])
        walk.piece("z")
        walk.ends()
        #expect(walk.sent.count == 65_538)
        #expect(walk.lines.last == "finish")
    }

    @Test("refuses when the error answer itself breaks off")
    func brokenError() {
        var walk = Self.refused(by: "{")
        walk.ends(.truncated)
        #expect(walk.lines.last == "refuse 502 upstream_unreachable")
    }
}
