import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

/// Answers that are not what their heads say, or say it in an unusual way.
@Suite("An answer's head")
struct LabelTests {
    private static let stream =
        Fixture.chunk("a", usage: "null") + Fixture.finishChunk + Fixture.usageChunk(210, 31) + Fixture.done
    private static let edited = Fixture.chunk("a") + Fixture.finishChunk + Fixture.done

    /// A stream that was made to ask for usage, and the head of its answer.
    private func armed(
        _ status: Int = 200,
        _ type: String = "text/event-stream",
        _ fields: [(String, String)] = [],
        framing: AnswerHead.Framing = .chunked
    ) -> Walk {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(status, type, fields, framing: framing)
        return walk
    }

    @Test(
        "may call JSON a text, a stream or nothing: it is metered",
        arguments: ["text/plain; charset=utf-8", "text/event-stream", "", "text/html", "application/octet-stream"]
    )
    func mislabelledJSON(type: String) {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200, type)
        walk.piece(Fixture.answer(prompt: 210, completion: 31))
        walk.ends()
        #expect(walk.lines.contains("settled exact 0.000668 gpt-4.1-2025-04-14"))
        #expect(walk.summary?.isStreamed == false)
    }

    @Test(
        "may call a stream JSON, a text or nothing: it is metered",
        arguments: ["application/json", "text/plain", ""]
    )
    func mislabelledStream(type: String) {
        var walk = Walk()
        let body = #"{"model":"gpt-4.1","stream":true,"stream_options":{"include_usage":true},"messages":[]}"#
        walk.post("/v1/chat/completions", body)
        walk.departs()
        walk.answers(200, type, framing: .length(Int64(Self.stream.utf8.count)))
        walk.piece(Self.stream)
        walk.ends()
        #expect(walk.lines.contains("settled exact 0.000668 gpt-4.1"))
        #expect(walk.sent == Array(Self.stream.utf8))
        #expect(walk.clientHead?.length == .length(Int64(Self.stream.utf8.count)))
        #expect(walk.summary?.isStreamed == true)
    }

    @Test(
        "does not decide about the edit of a 2xx: the first bytes do",
        arguments: [200, 201, 202, 206, 299],
        ["text/event-stream", "application/json", "text/plain", ""]
    )
    func edited(status: Int, type: String) {
        var walk = armed(status, type, framing: .length(583))
        for byte in Self.stream.unicodeScalars { walk.piece(String(byte)) }
        walk.ends()
        #expect(String(decoding: walk.sent, as: UTF8.self) == Self.edited)
        #expect(walk.clientHead?.length == .delimited, "what is taken out is not known yet")
        #expect(walk.summary?.charge?.weight.confidence == .exact)
    }

    @Test("of a plain answer to a stream's request passes its bytes, without promising their number")
    func plainAnswer() {
        let answer = Fixture.answer(prompt: 210, completion: 31)
        var walk = armed(200, "application/json", framing: .length(Int64(answer.utf8.count)))
        walk.piece(answer)
        walk.ends()
        #expect(String(decoding: walk.sent, as: UTF8.self) == answer)
        #expect(walk.clientHead?.length == .delimited)
        #expect(walk.summary?.charge?.weight.confidence == .exact)
    }

    @Test("of sound is believed, whatever its first bytes look like")
    func sound() {
        var walk = Walk()
        walk.post("/v1/audio/speech", #"{"model":"tts-1","input":"hello","voice":"alloy"}"#)
        walk.departs()
        walk.answers(200, "audio/pcm")
        walk.piece(#"{"usage":{"input_tokens":1,"output_tokens":1}}"#)
        walk.ends()
        #expect(walk.summary?.charge?.weight.usage.isEmpty == true)
    }

    @Test(
        "may name codings that do not exist: the answer is read and edited, and the head keeps the name",
        arguments: ["none", "utf-8", ""]
    )
    func noCoding(value: String) {
        var walk = armed(200, "text/event-stream", [("content-encoding", value)])
        walk.piece(Self.stream)
        walk.ends()
        #expect(String(decoding: walk.sent, as: UTF8.self) == Self.edited)
        #expect(walk.clientHead?.fields.first("content-encoding") == value)
        #expect(walk.summary?.charge?.weight.confidence == .exact)
    }
}

extension LabelTests {
    @Test("that names a coding that nobody asked for: it is decoded, and the client gets the edited bytes uncoded")
    func codedThoughPlainWasAskedFor() {
        var walk = armed(200, "text/event-stream", [("content-encoding", "gzip"), ("x-a", "1")], framing: .length(230))
        walk.piece("head of gzip", decoded: [])
        walk.piece("coded", decoded: Array(Self.stream.utf8))
        walk.ends()
        #expect(String(decoding: walk.sent, as: UTF8.self) == Self.edited)
        #expect(walk.clientHead?.fields.first("content-encoding") == nil)
        #expect(walk.clientHead?.fields.first("x-a") == "1")
        #expect(walk.clientHead?.length == .delimited)
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        #expect(walk.lines.last == "finish")
    }

    @Test("that names a coding that nobody asked to be edited: it passes as it came")
    func codedAndUnarmed() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200, "application/json", [("content-encoding", "gzip")], framing: .length(5))
        walk.piece("coded", decoded: Array(Fixture.answer(prompt: 1, completion: 1).utf8))
        walk.ends()
        #expect(walk.sent == Array("coded".utf8))
        #expect(walk.clientHead?.length == .length(5))
        #expect(walk.clientHead?.fields.first("content-encoding") == "gzip")
    }

    @Test("that names a coding that cannot be decoded here: the answer passes unedited, and is unmetered")
    func unreadableCoding() {
        var walk = armed(200, "text/event-stream", [("content-encoding", "br")], framing: .length(3))
        walk.failsToDecode()
        walk.piece("abc", decoded: [])
        walk.ends()
        #expect(walk.sent == Array("abc".utf8))
        #expect(walk.clientHead?.length == .length(3))
        #expect(walk.summary?.charge?.weight.unmetered == .undecodable)
    }

    @Test("that names a coding which turns out broken: the client's plain bytes break off, and the provider is stopped")
    func brokenCoding() {
        var walk = armed(200, "text/event-stream", [("content-encoding", "gzip")])
        walk.piece("coded", decoded: Array(Fixture.chunk("12345678").utf8))
        walk.failsToDecode()
        #expect(walk.lines.contains("stop"))
        #expect(String(decoding: walk.sent, as: UTF8.self) == Fixture.chunk("12345678"))
        #expect(walk.lines.last == "break off")
        #expect(walk.summary?.error == .upstreamMalformed)
    }

    @Test("that names a coding whose data ends too early: a clean end would be a lie")
    func truncatedCoding() {
        var walk = armed(200, "text/event-stream", [("content-encoding", "gzip")])
        walk.piece("coded", decoded: Array(Fixture.chunk("12345678").utf8))
        walk.failsToDecode()
        #expect(walk.lines.last == "break off")
    }

    @Test("that names a coding: a piece in which nothing is decoded yet is no failure")
    func nothingDecodedYet() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200, "application/json", [("content-encoding", "gzip")])
        walk.piece("head of gzip", decoded: [])
        walk.piece("coded", decoded: Array(#"{"choices":[{"message":{"content":"12345678"}}]}"#.utf8))
        walk.ends()
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
    }
}

@Suite("The end of a stream")
struct StreamEndTests {
    /// The charge of a stream that comes in two pieces.
    private func settled(_ stream: String, cutAt cut: Int, _ body: String = Fixture.streamedChat) -> [String] {
        let bytes = Array(stream.utf8)
        var walk = Walk()
        walk.post("/v1/chat/completions", body)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(String(decoding: bytes[..<cut], as: UTF8.self))
        walk.piece(String(decoding: bytes[cut...], as: UTF8.self))
        walk.ends()
        return walk.lines.filter { $0.hasPrefix("settled") }
    }

    @Test("is [DONE]: a usage behind it counts nowhere, however the bytes are cut")
    func usageBehindDone() {
        let stream = Fixture.chunk("12345678") + Fixture.finishChunk + Fixture.done + Fixture.usageChunk(210, 31)
        for cut in 0...stream.utf8.count {
            #expect(settled(stream, cutAt: cut) == ["settled estimated 0.00002 gpt-4.1"], "cut at \(cut)")
        }
    }

    @Test("is the first usage chunk: what a second one says counts nowhere, however the bytes are cut")
    func secondUsage() {
        let stream = Fixture.chunk("a") + Fixture.finishChunk + Fixture.usageChunk(10, 5) + Fixture.usageChunk(99, 9)
        for cut in 0...stream.utf8.count {
            #expect(settled(stream, cutAt: cut) == ["settled exact 0.00006 gpt-4.1"], "cut at \(cut)")
        }
    }

    @Test("is not a usage after the first of two choices, however the bytes are cut")
    func usageAfterFirstChoice() {
        let other = #"data: {"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"stop"}]}"# + "\n\n"
        let stream =
            Fixture.chunk("a") + Fixture.finishChunk + Fixture.usageChunk(10, 2) + other + Fixture.usageChunk(10, 5)
            + Fixture.done
        let body = #"{"model":"gpt-4.1","n":2,"stream":true,"messages":[{"role":"user","content":"hi"}]}"#
        for cut in 0...stream.utf8.count {
            #expect(settled(stream, cutAt: cut, body) == ["settled exact 0.00006 gpt-4.1"], "cut at \(cut)")
        }
    }

    @Test("is not a usage after the first of two prompts of a completion")
    func usageAfterFirstPrompt() {
        var walk = Walk()
        walk.post("/v1/completions", #"{"model":"gpt-3.5-turbo-instruct","stream":true,"prompt":["a","b"]}"#)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(
            #"data: {"choices":[{"index":0,"text":"x","finish_reason":"stop"}]}"# + "\n\n" + Fixture.usageChunk(1, 1)
        )
        #expect(walk.records.isEmpty)
        walk.piece(
            #"data: {"choices":[{"index":1,"text":"y","finish_reason":"stop"}]}"# + "\n\n" + Fixture.usageChunk(2, 2)
        )
        #expect(walk.records.count == 1)
    }
}

@Suite("Words of an answer")
struct AnswerWordTests {
    private static let secret = "sk-proj-abcdef0123456789"

    private func summary(_ answer: String, status: Int = 200, asked: String = "gpt-4.1") -> ExchangeSummary? {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat.replacing("gpt-4.1", with: asked))
        walk.departs()
        walk.answers(status)
        walk.piece(answer)
        walk.ends()
        return walk.summary
    }

    @Test(
        "that are error codes reach the log when they are known",
        arguments: [
            (#""rate_limit_exceeded""#, "rate_limit_exceeded"), ("429", "429"), (#""503""#, "503"),
            (#""DeploymentNotFound""#, "DeploymentNotFound"), (#""\#(secret)""#, "other"),
            (#""tell me a secret""#, "other"),
            (#""hunter""#, "other"), ("4111111111111111", "other"), ("null", nil),
        ] as [(String, String?)]
    )
    func errorCodes(_ code: String, _ word: String?) {
        #expect(summary(#"{"error":{"message":"\#(Self.secret)","code":\#(code)}}"#, status: 400)?.errorDetail == word)
    }

    @Test(
        "that are tiers reach the log when they are known",
        arguments: [("priority", "priority"), ("default", "default"), (secret, "other"), ("what I asked", "other")]
    )
    func tiers(_ tier: String, _ word: String) {
        let answer = Fixture.answer(prompt: 1, completion: 1).dropLast() + #","service_tier":"\#(tier)"}"#
        #expect(summary(String(answer))?.serviceTier == word)
    }

    @Test(
        "that are models reach log and ledger when the book knows them, or the client named them",
        arguments: [
            ("gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14", "gpt-4.1-2025-04-14"),
            ("gpt-4.1", secret, "other", "gpt-4.1"), ("mystery", secret, "other", "mystery"),
            ("mystery", "mystery", "mystery", "mystery"),
            ("mystery", "mystery-2026-01-01", "mystery-2026-01-01", "mystery-2026-01-01"),
            ("mystery", "mystery, and my prompt", "other", "mystery"), ("m", "m-" + secret, "other", "m"),
        ]
    )
    func models(asked: String, answered: String, logged: String, charged: String) {
        let summary = summary(Fixture.answer(prompt: 1, completion: 1, model: answered), asked: asked)
        #expect(summary?.modelAnswered == logged)
        #expect(summary?.charge?.model == charged)
    }
}
