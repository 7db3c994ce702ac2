import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A client that leaves early")
struct EarlyLeaverTests {
    private static func left(
        _ target: String,
        _ body: String,
        behind pieces: [String],
        rules: Rules = World.rules()
    ) -> Walk {
        var walk = Walk(rules)
        walk.post(target, body)
        walk.departs()
        if !pieces.isEmpty { walk.answers(200, "text/event-stream") }
        for piece in pieces { walk.piece(piece) }
        walk.clientLeaves()
        return walk
    }

    private static func event(_ json: String) -> String { "data: \(json)\n\n" }

    private static let message =
        #"{"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,"text":"hello"}"#

    /// Streams whose output is complete when the client leaves.
    static let endings: [(String, String, [String])] = [
        ("/v1/chat/completions", Fixture.streamedChat, [Fixture.chunk("hello"), Fixture.finishChunk]),
        (
            "/v1/chat/completions", #"{"model":"gpt-4.1","stream":true,"n":2,"messages":[]}"#,
            [
                Fixture.chunk("hello"), Fixture.finishChunk,
                Fixture.finishChunk.replacing(#""index":0"#, with: #""index":1"#),
            ]
        ),
        (
            "/v1/responses", #"{"model":"gpt-4.1","stream":true,"input":"hi"}"#,
            [event(#"{"type":"response.output_text.delta","delta":"hello"}"#), event(message)]
        ),
    ]

    @Test("once the output has ended is charged by the usage that follows, although nobody gets it", arguments: endings)
    func drained(target: String, body: String, pieces: [String]) {
        var walk = Self.left(target, body, behind: pieces)
        #expect(walk.lines.last == "drain")
        let completed =
            #"{"type":"response.completed","response":"#
            + Fixture.response(
                status: "completed",
                usage: #"{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}"#
            ) + "}"
        walk.piece(target == "/v1/responses" ? Self.event(completed) : Fixture.usageChunk(1000, 500) + Fixture.done)
        walk.ends()
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(6_000_000_000))
        #expect(walk.summary?.status == 499)
    }

    @Test("while one of two choices is unfinished stops the provider")
    func halfDone() {
        let body = #"{"model":"gpt-4.1","stream":true,"n":2,"messages":[]}"#
        let second = Fixture.chunk("hello").replacing(#""index":0"#, with: #""index":1"#)
        let pieces = [Fixture.chunk("hello"), second, Fixture.finishChunk]
        let walk = Self.left("/v1/chat/completions", body, behind: pieces)
        #expect(walk.events.last?.first == "stop")
    }

    @Test("in the middle of a text is charged close to what was produced")
    func honest() {
        for (count, tokens) in [(1, 10), (50, 500)] as [(Int, Int64)] {
            let text = Fixture.chunk(String(repeating: "word", count: 10))
            var walk = Self.left(
                "/v1/chat/completions",
                Fixture.streamedChat,
                behind: Array(repeating: text, count: count)
            )
            walk.ends(.cancelled)
            #expect(walk.summary?.charge?.weight.tokens == TokenAmounts(prompt: 2, completion: tokens))
            #expect(walk.summary?.charge?.weight.cost == Picodollars(2 * 2_000_000 + tokens * 8_000_000))
        }
    }

    @Test("of a model with hidden thoughts is charged the hold, until the length of thoughts has been learned")
    func unknownThoughts() {
        let body = Fixture.streamedChat.replacing("gpt-4.1", with: "gpt-5.2")
        let text = Fixture.chunk("hello").replacing("gpt-4.1", with: "gpt-5.2")
        for pieces in [[], [text]] {
            var walk = Self.left("/v1/chat/completions", body, behind: pieces)
            walk.ends(.cancelled)
            let charge = walk.summary?.charge
            #expect(charge?.weight.cost == charge?.opening.hold)
            #expect(charge?.weight.confidence == .estimated)
        }
    }

    @Test("of a model with a learned length of thoughts is charged for its text and its thoughts")
    func knownThoughts() {
        let estimates = TokenEstimates()
        let sample = AnswerSample(
            inputBytes: 100,
            inputTokens: 25,
            outputBytes: 400,
            outputTokens: 1100,
            reasoningTokens: 1000
        )
        for _ in 0..<8 { estimates.learn(sample, team: "unassigned", model: "gpt-5.2") }
        let body = Fixture.streamedChat.replacing("gpt-4.1", with: "gpt-5.2")
        let text = Fixture.chunk(String(repeating: "word", count: 10)).replacing("gpt-4.1", with: "gpt-5.2")
        let rules = World.rules(estimates: estimates)
        var walk = Self.left("/v1/chat/completions", body, behind: [text], rules: rules)
        walk.ends(.cancelled)
        #expect(walk.summary?.charge?.weight.tokens?.completion == 1010)
        var unseen = Self.left("/v1/chat/completions", body, behind: [], rules: rules)
        unseen.ends(.cancelled)
        #expect(unseen.summary?.charge?.weight.cost == unseen.summary?.charge?.opening.hold, "it may think for long")
    }

    /// Streams of something other than text, whose client leaves before the usage.
    static let media: [(String, String, [String])] = [
        (
            "/v1/images/generations", #"{"model":"gpt-image-1","stream":true,"partial_images":2,"prompt":"a cat"}"#,
            [event(#"{"type":"image_generation.partial_image","partial_image_index":1,"b64_json":"AAAA"}"#)]
        ),
        ("/v1/images/generations", #"{"model":"gpt-image-1","stream":true,"prompt":"a cat"}"#, []),
        (
            "/v1/audio/speech", #"{"model":"gpt-4o-mini-tts","stream_format":"sse","voice":"a","input":"hello"}"#,
            [event(#"{"type":"speech.audio.delta","audio":"AAAA"}"#)]
        ),
        (
            "/v1/chat/completions", #"{"model":"gpt-audio","stream":true,"modalities":["audio"],"messages":[]}"#,
            [event(#"{"model":"gpt-audio","choices":[{"index":0,"delta":{"audio":{"transcript":"hello"}}}]}"#)]
        ),
        (
            "/v1/chat/completions", #"{"model":"gpt-audio","stream":true,"modalities":["audio"],"messages":[]}"#,
            [event(#"{"model":"gpt-audio","choices":[{"index":0,"delta":{"audio":{"data":"AAAA"}}}]}"#)]
        ),
        ("/v1/chat/completions", #"{"model":"gpt-audio","stream":true,"modalities":["audio"],"messages":[]}"#, []),
    ]

    @Test("of sound or pictures is charged at least the hold", arguments: media)
    func soundOrPictures(target: String, body: String, pieces: [String]) {
        var walk = Self.left(target, body, behind: pieces)
        walk.ends(.cancelled)
        let charge = walk.summary?.charge
        #expect(charge.map { $0.weight.cost >= $0.opening.hold && $0.opening.hold > .zero } == true)
    }

    /// Requests whose input is not in their bytes.
    static let unseenInputs = [
        #""previous_response_id":"resp_0","input":"next""#, #""conversation":"conv_0","input":"next""#,
        #""input":[{"type":"item_reference","id":"msg_0"}]"#, #""input":"hi","tools":[{"type":"web_search"}]"#,
        #""input":[{"role":"user","content":[{"type":"input_file","file_id":"file-0"}]}]"#,
        #""input":[{"role":"user","content":[{"type":"input_image","image_url":"https://x/a.png"}]}]"#,
    ]

    @Test(
        "of an answer to input that Steelyard cannot measure is charged at least the hold",
        arguments: unseenInputs
    )
    func unseenInput(members: String) {
        let body = #"{"model":"gpt-4.1","stream":true,\#(members)}"#
        let delta = Self.event(#"{"type":"response.output_text.delta","delta":"hello"}"#)
        var walk = Self.left("/v1/responses", body, behind: [delta])
        walk.ends(.cancelled)
        let charge = walk.summary?.charge
        #expect(charge.map { $0.weight.cost >= $0.opening.hold && $0.opening.hold > .zero } == true)
    }

    @Test("of a model that has thought little so far pays for the time it thought")
    func longSilence() {
        let estimates = TokenEstimates()
        let sample = AnswerSample(inputBytes: 100, inputTokens: 25, outputBytes: 8, outputTokens: 2)
        for _ in 0..<8 { estimates.learn(sample, team: "unassigned", model: "gpt-5.2") }
        var walk = Walk(World.rules(estimates: estimates))
        walk.post("/v1/chat/completions", Fixture.streamedChat.replacing("gpt-4.1", with: "gpt-5.2"))
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.wait(milliseconds: 20_000)
        walk.piece(Fixture.chunk("hello").replacing("gpt-4.1", with: "gpt-5.2"))
        walk.clientLeaves()
        walk.ends(.cancelled)
        #expect((walk.summary?.charge?.weight.tokens?.completion ?? 0) >= 2000)
    }

    @Test("of a provider that does not know `n` is charged by the usage after the only choice")
    func ignoredChoices() {
        let body = #"{"model":"gpt-4.1","stream":true,"n":2,"best_of":4,"messages":[]}"#
        let walk = Self.left("/v1/chat/completions", body, behind: [Fixture.chunk("hello"), Fixture.finishChunk])
        #expect(walk.lines.last == "drain")
    }

    @Test("between two parts of a response stops the provider")
    func betweenParts() {
        let added = Self.event(#"{"type":"response.output_item.added","item":{"type":"message"}}"#)
        let walk = Self.left(
            "/v1/responses",
            #"{"model":"gpt-4.1","stream":true,"input":"hi"}"#,
            behind: [Self.event(Self.message), added]
        )
        #expect(walk.events.last?.first == "stop")
    }

    @Test("after a running total that counts next to nothing is charged the hold")
    func runningTotal() {
        let first = Fixture.chunk("", usage: Fixture.usage(10, 1)).replacing("gpt-4.1", with: "gpt-5.2")
        let text = Fixture.chunk(String(repeating: "word", count: 10)).replacing("gpt-4.1", with: "gpt-5.2")
        let body = Fixture.streamedChat.replacing("gpt-4.1", with: "gpt-5.2")
        var walk = Self.left("/v1/chat/completions", body, behind: [first, text])
        walk.ends(.cancelled)
        let charge = walk.summary?.charge
        #expect(charge?.weight.cost == charge?.opening.hold)
    }

    private static let background = #"{"model":"gpt-4.1","stream":true,"background":true,"input":"hello"}"#
    private static let created =
        event(#"{"type":"response.created","response":"# + Fixture.response(status: "in_progress") + "}")

    @Test("of background work lets the transfer go on, as the work does: its id is read and its end charged")
    func backgroundJob() {
        let rules = World.rules()
        var walk = Self.left("/v1/responses", Self.background, behind: [], rules: rules)
        #expect(walk.lines.last == "drain")
        walk.answers(200, "text/event-stream")
        walk.piece(Self.created)
        walk.timePasses(seconds: 25)
        #expect(walk.lines.last == "wait")
        walk.timePasses(seconds: 25)
        #expect(walk.events.last?.first == "stop")
        walk.ends(.cancelled)
        #expect(rules.jobs.count == 1)
        #expect(walk.summary?.charge == nil)
    }

    @Test("of background work that never stated its id is charged the hold")
    func lostJob() {
        var walk = Self.left("/v1/responses", Self.background, behind: [])
        walk.timePasses(seconds: 121)
        walk.ends(.cancelled)
        let charge = walk.summary?.charge
        #expect(charge?.weight.cost == charge?.opening.hold)
        #expect(charge?.weight.confidence == .estimated)
    }

    private static func opened(_ rules: Rules) {
        var walk = Walk(rules)
        walk.post("/v1/responses", #"{"model":"gpt-4.1","background":true,"max_output_tokens":200,"input":"hello"}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.response(status: "queued"))
        walk.ends()
    }

    private static func read(_ rules: Rules, _ method: String, _ target: String, _ body: String, id: UInt64) -> Walk {
        var walk = Walk(rules, wallSeconds: Walk.wallSeconds + 60, id: id)
        walk.head(method, target)
        walk.departs()
        walk.answers(200)
        if !body.isEmpty { walk.piece(body) }
        walk.ends()
        return walk
    }

    @Test("that reads a background job's output and cancels it is charged at least for what the read showed")
    func cancelledBehindRead() {
        let rules = World.rules()
        Self.opened(rules)
        let text = String(repeating: "word", count: 2000)
        let output = #"[{"type":"message","content":[{"type":"output_text","text":"\#(text)"}]}]"#
        let running = Fixture.response(status: "in_progress").replacing(#""output":[]"#, with: #""output":\#(output)"#)
        #expect(Self.read(rules, "GET", "/v1/responses/resp_1", running, id: 8).summary?.charge == nil)
        let cancelled = Fixture.response(status: "cancelled")
        let walk = Self.read(rules, "POST", "/v1/responses/resp_1/cancel", cancelled, id: 9)
        #expect(walk.summary?.charge?.weight.tokens?.completion == 2000)
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
    }

    /// Answers to deleting a response.
    static let removals = ["", #"{"id":"resp_1","object":"response","deleted":true}"#, #"{"deleted":true}"#]

    @Test("that deletes a background job settles it: nobody can ask for its usage any more", arguments: removals)
    func deleted(answer: String) {
        let rules = World.rules()
        Self.opened(rules)
        let walk = Self.read(rules, "DELETE", "/v1/responses/resp_1", answer, id: 8)
        let charge = walk.summary?.charge
        #expect(charge?.weight.confidence == .estimated)
        #expect(charge?.opening.charge == ChargeID(high: 0, low: 7))
        #expect(charge.map { $0.weight.cost >= $0.opening.hold } == true)
        #expect(rules.jobs.count == 0)
        #expect(World.counts(rules) == [0, 0, 0])
    }

    @Test("that is another team cannot end a job before its usage is read", arguments: [true, false])
    func strangers(deletes: Bool) {
        let rules = World.rules(teams: [World.team("search"), World.team("billing")], defaultTeam: "search")
        Self.opened(rules)
        var walk = Walk(rules, id: 8)
        walk.head(deletes ? "DELETE" : "GET", "/v1/responses/resp_1", [("x-steelyard-team", "billing")])
        walk.departs()
        walk.answers(200)
        walk.piece(deletes ? #"{"deleted":false}"# : Fixture.response(status: "cancelled"))
        walk.ends()
        #expect(walk.summary?.charge == nil)
        #expect(rules.jobs.count == 1)
    }

    @Test("that reads a part of a job's answer (206) does not end it")
    func partialRead() {
        let rules = World.rules()
        Self.opened(rules)
        var walk = Walk(rules, id: 8)
        walk.head("GET", "/v1/responses/resp_1", [("range", "bytes=0-70")])
        walk.departs()
        walk.answers(206)
        walk.piece(#"{"id":"resp_1","object":"response","status":"completed","model":"gpt-4.1","ou"#)
        walk.ends()
        #expect(rules.jobs.count == 1)
    }

    @Test("that opens a job under an id that is already waited for pays for it")
    func repeatedID() {
        let rules = World.rules()
        Self.opened(rules)
        var walk = Walk(rules, id: 8)
        walk.post("/v1/responses", #"{"model":"gpt-4.1","background":true,"max_output_tokens":200,"input":"hello"}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.response(status: "queued"))
        walk.ends()
        let charge = walk.summary?.charge
        #expect(charge.map { $0.weight.cost >= $0.opening.hold } == true)
        #expect(rules.jobs.count == 1)
    }

    @Test("that fails to delete a job leaves it waiting")
    func notDeleted() {
        let rules = World.rules()
        Self.opened(rules)
        var walk = Walk(rules, id: 8)
        walk.head("DELETE", "/v1/responses/resp_1")
        walk.departs()
        walk.answers(404)
        walk.ends()
        #expect(rules.jobs.count == 1)
    }

    @Test("is never charged above the ceiling that was promised when it was admitted")
    func ceiling() {
        let estimates = TokenEstimates()
        let sample = AnswerSample(inputBytes: 1, inputTokens: 1, outputBytes: 1, outputTokens: 120_000)
        for _ in 0..<32 { estimates.learn(sample, team: "unassigned", model: "gpt-4.1") }
        let body = #"{"model":"gpt-4.1","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
        var walk = Self.left(
            "/v1/chat/completions",
            body,
            behind: [Fixture.chunk("hello")],
            rules: World.rules(estimates: estimates)
        )
        walk.ends(.cancelled)
        // gpt-4.1 puts out 32,768 tokens at most, at the priority price of $14 per million at the dearest.
        #expect((walk.summary?.charge?.weight.tokens?.completion ?? .max) <= 32_768)
        #expect((walk.summary?.charge?.weight.cost.amount ?? .max) <= 480_000_000_000)
    }
}
