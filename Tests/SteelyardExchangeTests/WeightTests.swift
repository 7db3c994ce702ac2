import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("The weight of a charge")
struct WeightTests {
    /// A chat completion from head to end.
    private static func walk(
        _ body: String = Fixture.chat,
        to target: String = "/v1/chat/completions",
        answered answer: String,
        _ type: String = "application/json",
        ending: TransferFailure? = nil,
        rules: Rules = World.rules()
    ) -> Walk {
        var walk = Walk(rules)
        walk.post(target, body)
        walk.departs()
        walk.answers(200, type)
        walk.piece(answer)
        walk.ends(ending)
        return walk
    }

    @Test("is exact when a plain answer breaks off after its usage")
    func cutBehindUsage() {
        let answer = #"{"model":"gpt-4.1","usage":{"prompt_tokens":1000,"completion_tokens":500},"choi"#
        let weight = Self.walk(answered: answer, ending: .truncated).summary?.charge?.weight
        #expect(weight?.confidence == .exact)
        #expect(weight?.cost == Picodollars(6_000_000_000))
    }

    @Test("of a plain answer that breaks off before its usage is at least that of what its model usually says")
    func cutBeforeUsage() {
        let answer = #"{"model":"gpt-4.1","choices":[{"index":0,"message":{"content":"12345678","#
        let weight = Self.walk(answered: answer, ending: .truncated).summary?.charge?.weight
        #expect(weight?.confidence == .estimated)
        #expect(weight?.tokens == TokenAmounts(prompt: 2, completion: 256))
    }

    @Test("is never that of a placeholder: zeros beside text are no usage")
    func placeholder() {
        let usage = #""usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#
        let answer = #"{"model":"gpt-4.1","choices":[{"index":0,"message":{"content":"12345678"}}],\#(usage)}"#
        let weight = Self.walk(answered: answer).summary?.charge?.weight
        #expect(weight?.confidence == .estimated)
        #expect(weight?.tokens == TokenAmounts(prompt: 2, completion: 2))
        #expect(weight.map { String(decoding: $0.usage, as: UTF8.self) }?.hasPrefix("{\"prompt_tokens\":0") == true)
    }

    @Test("of a stream that breaks off is not the count it began with")
    func runningTotal() {
        let text = String(repeating: "word", count: 100)
        let stream = Fixture.chunk("a", usage: Fixture.usage(10, 1)) + Fixture.chunk(text)
        let weight = Self.walk(Fixture.streamedChat, answered: stream, "text/event-stream", ending: .truncated).summary?
            .charge?.weight
        #expect(weight?.confidence == .estimated)
        #expect(weight?.tokens?.prompt == 10)
        #expect(weight?.tokens?.completion == 101)
        #expect(weight?.cost == Picodollars(10 * 2_000_000 + 101 * 8_000_000))
    }

    /// The bounds on an output that was estimated at 100 tokens.
    static let bounds: [(String, Int64)] = [
        (#""max_tokens":60"#, 60), (#""max_tokens":20,"n":3"#, 60), (#""max_tokens":6,"n":2,"best_of":10"#, 60),
        (#""max_tokens":20,"prompt":["a","b","c"]"#, 60), (#""max_tokens":9000"#, 100), (#""n":7"#, 100),
        (#""max_completion_tokens":9"#, 100), (#""max_tokens":0"#, 100),
        (#""max_tokens":9223372036854775807,"n":9223372036854775807"#, 100),
    ]

    @Test("of an estimate is not bounded by a cap that the bytes disprove", arguments: [1, 9, 49])
    func disprovedCap(cap: Int) {
        let body = #"{"model":"gpt-4.1","stream":true,"max_tokens":\#(cap),"messages":[]}"#
        let stream = Fixture.chunk(String(repeating: "word", count: 100))
        let walk = Self.walk(body, answered: stream, "text/event-stream", ending: .truncated)
        #expect(walk.summary?.charge?.weight.tokens?.completion == 100)
    }

    @Test("of an estimate stays within what was asked for", arguments: bounds)
    func bound(members: String, tokens: Int64) {
        let body = #"{"model":"gpt-4.1","stream":true,\#(members)}"#
        let stream = Fixture.chunk(String(repeating: "word", count: 100))
        let walk = Self.walk(body, to: "/v1/completions", answered: stream, "text/event-stream", ending: .truncated)
        #expect(walk.summary?.charge?.weight.tokens?.completion == tokens)
    }

    /// Inputs other than text, and the tokens that an estimate counts for them.
    static let inputs: [(String, Int64)] = [
        (#""messages":[{"role":"user","content":"12345678"}]"#, 3),
        (#""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}]"#, 1 + 765),
        (#""tools":[{"type":"function","function":{"name":"a"}}]"#, 12),
    ]

    @Test("of an estimate counts all kinds of input", arguments: inputs)
    func input(members: String, tokens: Int64) {
        let stream = Fixture.chunk("a")
        let body = #"{"model":"gpt-4.1","stream":true,\#(members)}"#
        let walk = Self.walk(body, answered: stream, "text/event-stream", ending: .truncated)
        #expect(walk.summary?.charge?.weight.tokens?.prompt == tokens)
    }

    @Test("of a form that broke off is unmetered: its bytes are sound, not text")
    func form() {
        var walk = Walk()
        walk.upload("/v1/audio/transcriptions", [Fixture.field("model", "whisper-1"), Fixture.file(30_000_000)])
        walk.departs()
        walk.answers(200)
        walk.ends(.truncated)
        #expect(walk.summary?.charge?.weight.unmetered == .noUsage)
    }

    @Test("of vectors that broke off counts no output")
    func vectors() {
        let body = #"{"model":"text-embedding-3-small","input":"12345678"}"#
        let answer = #"{"object":"list","data":[{"embedding":[0.1,"#
        let weight = Self.walk(body, to: "/v1/embeddings", answered: answer, ending: .truncated).summary?.charge?.weight
        #expect(weight?.confidence == .estimated)
        #expect(weight?.tokens == TokenAmounts(prompt: 2, completion: 0))
    }

    @Test("of pictures without a stated split counts all output as pictures")
    func pictures() {
        let body = #"{"model":"gpt-image-1.5","prompt":"a cat"}"#
        let answer = #"{"data":[],"usage":{"input_tokens":10,"output_tokens":100,"total_tokens":110}}"#
        let split = answer.replacing(
            #""total"#,
            with: #""output_tokens_details":{"image_tokens":90,"text_tokens":10},"total"#
        )
        let whole = Self.walk(body, to: "/v1/images/generations", answered: answer).summary?.charge?.weight
        let parts = Self.walk(body, to: "/v1/images/generations", answered: split).summary?.charge?.weight
        #expect(whole?.cost == Picodollars(10 * 5_000_000 + 100 * 32_000_000))
        #expect(parts?.cost == Picodollars(10 * 5_000_000 + 90 * 32_000_000 + 10 * 10_000_000))
    }

    /// What the answer says about its tier, the notes, and the cost of a thousand prompt tokens.
    static let tiers: [(String, String, ChargeNotes, Int64)] = [
        ("gpt-4.1", "priority", [], 3_500), ("gpt-4.1", "default", [], 2_000),
        ("gpt-4.1", "flex", .tierFallback, 2_000), ("gpt-4.1", "warp", .tierUnknown, 2_000),
    ]

    @Test("notes a tier without a price, and one nobody has heard of", arguments: tiers)
    func tier(model: String, tier: String, notes: ChargeNotes, micro: Int64) {
        let answer =
            #"{"model":"\#(model)","service_tier":"\#(tier)","usage":{"prompt_tokens":1000,"completion_tokens":0}}"#
        let weight = Self.walk(answered: answer).summary?.charge?.weight
        #expect(weight?.notes == notes)
        #expect(weight?.cost == Picodollars(micro * 1_000_000))
    }

    @Test("notes counts that contradict each other")
    func inconsistent() {
        let usage = #"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":20}}"#
        let weight = Self.walk(answered: #"{"model":"gpt-4.1","usage":\#(usage)}"#).summary?.charge?.weight
        #expect(weight?.notes == .countsInconsistent)
    }

    @Test("of an estimate is at the tier that was asked for, because no answer named one")
    func estimatedTier() {
        let body =
            #"{"model":"gpt-4.1","stream":true,"service_tier":"priority","messages":[{"role":"user","content":"hi"}]}"#
        let walk = Self.walk(body, answered: Fixture.chunk("12345678"), "text/event-stream", ending: .truncated)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(2 * 3_500_000 + 2 * 14_000_000))
    }

    @Test("of an estimate without a price is both unpriced and estimated")
    func unpricedEstimate() {
        let body = #"{"model":"mystery-9","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
        let stream = Fixture.chunk("12345678").replacing("gpt-4.1", with: "mystery-9")
        let weight = Self.walk(body, answered: stream, "text/event-stream", ending: .truncated).summary?.charge?.weight
        #expect(weight?.confidence == .unpriced)
        #expect(weight?.isEstimated == true)
        #expect(weight?.tokens == TokenAmounts(prompt: 2, completion: 2))
    }

    /// The requested model, the answered one, the label, and the model that is charged.
    static let names: [(String, String, String, String)] = [
        ("gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1", "gpt-4.1-2025-04-14"),
        ("my-deployment", "gpt-4o-2024-11-20", "gpt-4o-2024-11-20", "gpt-4o-2024-11-20"),
        ("gpt-4.1", "served-by-me", "gpt-4.1", "gpt-4.1"), ("a", "b", "other", "a"),
    ]

    @Test("is counted under the name it is priced by", arguments: names)
    func name(asked: String, answered: String, label: String, priced: String) {
        let body = #"{"model":"\#(asked)","messages":[]}"#
        let walk = Self.walk(
            body,
            answered: #"{"model":"\#(answered)","usage":{"prompt_tokens":1000,"completion_tokens":0}}"#
        )
        #expect(walk.summary?.modelLabel == label)
        #expect(walk.lines.contains { $0.hasPrefix("settled") && $0.hasSuffix(" \(priced)") })
    }
}

@Suite("What token ratios are learned from")
struct TextSampleTests {
    /// A request's members and whether its tokens belong to its text.
    static let requests: [(String, Bool)] = [
        (#""messages":[{"role":"user","content":"hi"}]"#, true),
        (#""messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]"#, true),
        (#""messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:x"}}]}]"#, false),
        (#""previous_response_id":"resp_0","input":"hi""#, false),
        (#""input":"hi","tools":[{"type":"web_search"}]"#, false),
        (#""prompt":[1,2,3]"#, false),
    ]

    @Test("is text alone", arguments: requests)
    func text(members: String, isSample: Bool) {
        var walk = Walk()
        walk.post("/v1/chat/completions", #"{"model":"gpt-4.1",\#(members)}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 10, completion: 5))
        walk.ends()
        #expect((walk.summary?.textSample != nil) == isSample)
    }

    @Test("is what the provider counted, never an estimate")
    func estimates() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678"))
        walk.ends(.truncated)
        #expect(walk.summary?.charge != nil)
        #expect(walk.summary?.textSample == nil)
    }

    @Test("has the bytes of both directions")
    func bytes() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 10, completion: 5))
        walk.ends()
        #expect(walk.summary?.textSample == TextSample(requestBytes: 6, answerBytes: 5))
    }
}
