import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("Every ending")
struct EndingTests {
    /// A failure before the head, and what the client and the charge get.
    static let failures: [(TransferFailure, Bool, [String], UnmeteredReason?)] = [
        (.unreachable, false, ["released", "refuse 502 upstream_unreachable"], nil),
        (.noAnswer, true, ["settled unmetered 0 gpt-4.1", "refuse 502 upstream_unreachable"], .noAnswer),
        (.malformed, true, ["settled unmetered 0 gpt-4.1", "refuse 502 upstream_malformed"], .noAnswer),
    ]

    @Test("before an answer is told to the client and to the charge", arguments: failures)
    func beforeTheHead(failure: TransferFailure, reached: Bool, lines: [String], reason: UnmeteredReason?) {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        if reached { walk.departs() }
        walk.ends(failure, reached: reached)
        #expect(Array(walk.lines.suffix(2)) == lines)
        #expect(walk.summary?.status == 502)
        #expect(walk.summary?.charge?.weight.unmetered == reason)
        #expect(walk.summary?.reachedProvider == reached)
    }

    @Test("by silence before the head is a 504, and its charge is unmetered")
    func firstByteTimeout() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.timePasses(seconds: 59)
        #expect(walk.lines.last == "wait")
        walk.timePasses(seconds: 1)
        #expect(
            walk.lines.suffix(3) == ["stop", "settled unmetered 0.065574 gpt-4.1", "refuse 504 upstream_timeout"]
        )
        #expect(walk.summary?.status == 504)
        #expect(walk.summary?.error == .upstreamTimeout)
        #expect(walk.summary?.charge?.weight.unmetered == .timeout)
    }

    @Test("by silence during the answer breaks it off")
    func silenceTimeout() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678"))
        walk.timePasses(seconds: 29)
        walk.timePasses(seconds: 1)
        #expect(walk.lines.suffix(4) == ["wait", "stop", "settled estimated 0.00002 gpt-4.1", "break off"])
        #expect(walk.summary?.error == .upstreamTimeout)
    }

    @Test("by a client that reads slowly is not the provider's silence")
    func slowClient() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.wait(milliseconds: 29_000)
        walk.exchange.clientTookBytes(at: walk.now)
        walk.timePasses(seconds: 2)
        #expect(walk.lines.last == "wait")
    }

    /// Whether the request asked for a stream, the provider's settings, and what happens when the client leaves.
    static let departures: [(Bool, AbandonedTransfer, AbandonedTransfer, String)] = [
        (true, .cancel, .drain, "stop"), (true, .drain, .cancel, "drain"),
        (false, .cancel, .drain, "drain"), (false, .drain, .cancel, "stop"),
    ]

    @Test("by a client that leaves while the model thinks follows on_client_gone", arguments: departures)
    func leftWaiting(streams: Bool, stream: AbandonedTransfer, plain: AbandonedTransfer, line: String) {
        var walk = Walk(World.rules(World.provider(stream: stream, plain: plain)))
        walk.post("/v1/chat/completions", streams ? Fixture.streamedChat : Fixture.chat)
        walk.departs()
        walk.clientLeaves()
        #expect(walk.events.last?.first == line)
    }

    @Test("by a client that leaves mid-stream is a 499 with an estimate, never zero")
    func leftMidStream() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678"))
        walk.clientLeaves()
        walk.ends(.cancelled)
        #expect(walk.summary?.status == 499)
        #expect(walk.summary?.outcome == .aborted)
        #expect(walk.summary?.error == nil)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(2 * 2_000_000 + 2 * 8_000_000))
    }

    @Test("of a drained plain answer is charged exactly although nobody got it")
    func drained() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.clientLeaves()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 10, completion: 5))
        walk.ends()
        #expect(walk.summary?.status == 499)
        #expect(walk.summary?.charge?.weight.confidence == .exact)
    }

    @Test("by a client that leaves during its upload stops it: half a request has no answer", arguments: [false, true])
    func leavesWithinUpload(isWhole: Bool) {
        var walk = Walk(World.rules(World.provider(plain: .drain)))
        walk.upload("/v1/audio/transcriptions", [Fixture.file(70_000)], isChunked: true, ends: false)
        walk.departs()
        walk.uploadPiece(Fixture.formEnd)
        if isWhole { walk.uploadEnds() }
        walk.clientLeaves()
        #expect(walk.events.last?.first == (isWhole ? "drain" : "stop"))
    }

    @Test("of a drain comes after two minutes at the latest")
    func drainBound() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.clientLeaves()
        walk.answers(200)
        for _ in 0..<5 {
            walk.timePasses(seconds: 20)
            walk.piece("\n")
        }
        walk.timePasses(seconds: 20)
        #expect(walk.events.last?.first == "stop")
        walk.ends(.cancelled)
        #expect(walk.summary?.status == 499)
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
    }

    @Test("before anything was sent concludes without a charge")
    func leftEarly() {
        var walk = Walk()
        walk.head("POST", "/v1/chat/completions", length: 100)
        walk.clientLeaves()
        #expect(walk.lines == ["gather"], "there is nothing to do but to conclude")
        #expect(walk.summary?.status == 499)
        #expect(walk.summary?.charge == nil)
        #expect(walk.summary?.isForwarded == false)
    }

    @Test("of a client that was refused while it sent keeps the status it got", arguments: [200, 500])
    func refusedWhileSending(status: Int) {
        var walk = Walk()
        walk.upload("/v1/audio/transcriptions", [Fixture.file(70_000)], isChunked: true, ends: false)
        walk.departs()
        walk.requestFails(.bodyTimeout)
        walk.answers(status)
        walk.ends(.cancelled)
        #expect(walk.summary?.status == 408)
        #expect(walk.summary?.error == .clientInvalid)
        #expect(walk.summary?.outcome == .failed)
    }

    @Test("by the process's own end is the gateway's failure, not a success")
    func stopped() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.streamedChat)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678"))
        walk.ends(.cancelled)
        #expect(walk.lines.last == "break off")
        #expect(walk.summary?.error == .gatewayOverloaded)
        #expect(walk.summary?.outcome == .failed)
    }

    /// What the client had requested when it left before any answer, and the tokens that are charged.
    static let unanswered: [(String, TokenAmounts?)] = [
        (Fixture.chat, TokenAmounts(prompt: 2, completion: 256)),
        (#"{"model":"gpt-4.1","max_tokens":9,"messages":[]}"#, TokenAmounts(prompt: 1, completion: 9)),
        (Fixture.streamedChat, TokenAmounts(prompt: 2, completion: 0)),
    ]

    @Test("by a client that leaves before any answer is estimated: the provider was at work", arguments: unanswered)
    func leftUnanswered(body: String, tokens: TokenAmounts?) {
        var walk = Walk(World.rules(World.provider(plain: .cancel)))
        walk.post("/v1/chat/completions", body)
        walk.departs()
        walk.clientLeaves()
        walk.ends(.cancelled)
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect(walk.summary?.charge?.weight.tokens == tokens)
    }

    @Test("by a client that leaves before its request left costs nothing")
    func leftBeforeDeparture() {
        var walk = Walk(World.rules(World.provider(plain: .cancel)))
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.clientLeaves()
        walk.ends(.cancelled, reached: false)
        #expect(walk.lines.contains("released"))
    }

    @Test("is estimated within the output cap")
    func boundedEstimate() {
        var walk = Walk()
        walk.post("/v1/chat/completions", #"{"model":"gpt-4.1","stream":true,"max_tokens":100,"messages":[]}"#)
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk(String(repeating: "long ", count: 100)))
        walk.ends(.truncated)
        #expect(walk.summary?.charge?.weight.tokens?.completion == 100)
    }
}
