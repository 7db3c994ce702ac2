import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A plain answer")
struct PlainAnswerTests {
    @Test("is settled before its last piece is sent, at the price of the model that answered")
    func settlesBeforeTheLastPiece() throws {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        walk.ends()
        #expect(
            walk.transcript == """
                gather
                POST /v1/chat/completions opened
                relay 200
                settled exact 0.006 gpt-4.1-2025-04-14
                send 246
                finish
                """
        )
        let ended = walk.summary
        let summary = try #require(ended)
        #expect(summary.status == 200)
        #expect(summary.outcome == .ok)
        #expect(summary.modelLabel == "gpt-4.1")
        #expect(summary.charge?.weight.tokens?.prompt == 1000)
        #expect(summary.finishReasons == ["stop"])
        #expect(!summary.isStreamed)
        #expect(summary.timings.overheadNanoseconds == 1_000_000)
    }

    @Test("of a free or rejected request releases the charge", arguments: [400, 401, 404, 422, 429, 500, 503])
    func releasesOnError(status: Int) {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(status)
        walk.piece(#"{"error":{"message":"no","type":"t","code":"c"}}"#)
        walk.ends()
        // A 4xx is known to be free from its head; for any other error, the last byte waits for the record.
        let begin = status < 500 ? ["released", "relay \(status)"] : ["relay \(status)", "released"]
        let expected = begin + ["send 48"]
        #expect(walk.lines.suffix(4) == expected + ["finish"])
        #expect(walk.summary?.charge == nil)
        #expect(walk.summary?.outcome == .failed)
    }

    @Test("that is a 5xx after ten seconds of work is counted as unmetered, never as free")
    func countsLateFailures() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.wait(milliseconds: 10_000)
        walk.answers(500)
        walk.ends()
        #expect(walk.summary?.charge?.weight.unmetered == .lateFailure)
    }

    @Test("without a usage and without text is unmetered; with text it is estimated")
    func estimatesText() {
        var silent = Walk()
        silent.post("/v1/chat/completions", Fixture.chat)
        silent.departs()
        silent.answers(200)
        silent.piece(#"{"id":"x","model":"gpt-4.1","choices":[]}"#)
        silent.ends()
        #expect(silent.summary?.charge?.weight.unmetered == .noUsage)

        var told = Walk()
        told.post("/v1/chat/completions", Fixture.chat)
        told.departs()
        told.answers(200)
        told.piece(#"{"id":"x","model":"gpt-4.1","choices":[{"index":0,"message":{"content":"12345678"}}]}"#)
        told.ends()
        let weight = told.summary?.charge?.weight
        #expect(weight?.confidence == .estimated)
        // "user" and "hi" are two tokens at four bytes per token; eight bytes of answer are two tokens.
        #expect(weight?.tokens == TokenAmounts(prompt: 2, completion: 2))
        #expect(weight?.cost == Picodollars(2 * 2_000_000 + 2 * 8_000_000))
    }

    @Test("whose coding cannot be undone is unmetered, and passes untouched")
    func undecodable() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200, "application/json", [("content-encoding", "br")])
        walk.failsToDecode()
        walk.piece("\u{1}\u{2}\u{3}", decoded: [])
        walk.ends()
        #expect(walk.sent == [1, 2, 3])
        #expect(walk.summary?.charge?.weight.unmetered == .undecodable)
    }

    @Test("is read from its decoded copy and sent as it came")
    func decoded() {
        var walk = Walk()
        walk.post("/v1/chat/completions", Fixture.chat)
        walk.departs()
        walk.answers(200, "application/json", [("content-encoding", "gzip")])
        walk.piece("coded", decoded: Array(Fixture.answer(prompt: 10, completion: 10).utf8))
        walk.ends()
        #expect(walk.sent == Array("coded".utf8))
        #expect(walk.summary?.charge?.weight.confidence == .exact)
    }

    @Test("of a model without a price is counted as unpriced, its tokens known")
    func unpriced() {
        var walk = Walk()
        walk.post("/v1/chat/completions", #"{"model":"mystery-9","messages":[]}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 10, completion: 5, model: "mystery-9"))
        walk.ends()
        let charge = walk.summary?.charge
        #expect(charge?.weight.confidence == .unpriced)
        #expect(charge?.weight.tokens?.total == 15)
        #expect(charge?.modelLabel == "other")
    }

    @Test("names the tier that served it, whatever was asked for")
    func servedTier() {
        var walk = Walk()
        walk.post("/v1/chat/completions", #"{"model":"gpt-4.1","service_tier":"flex","messages":[]}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(
            #"{"model":"gpt-4.1","service_tier":"priority","usage":{"prompt_tokens":1000,"completion_tokens":0}}"#
        )
        walk.ends()
        #expect(walk.summary?.charge?.weight.cost == Picodollars(1000 * 3_500_000))
    }

    @Test("of a regional host costs the uplift", arguments: [("api.openai.com", 4_000), ("eu.api.openai.com", 4_400)])
    func regionalHost(host: String, micro: Int64) {
        var walk = Walk(World.rules(World.provider(host: host)))
        walk.post("/v1/chat/completions", #"{"model":"gpt-5.6-sol","messages":[]}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(#"{"model":"gpt-5.6-sol","usage":{"prompt_tokens":1000,"completion_tokens":0}}"#)
        walk.ends()
        #expect(walk.summary?.charge?.weight.cost == Picodollars(micro * 1_000_000))
    }

    @Test(
        "is priced as on the day it was asked for",
        arguments: [(1_787_270_399, 5_000_000), (1_787_270_400, 4_000_000)]
    )
    func datedPrice(seconds: Int64, picodollarsPerToken: Int64) {
        // gpt-5.6-sol fell from 5 to 4 dollars on 2026-08-21 00:00 UTC.
        var walk = Walk(wallSeconds: seconds)
        walk.post("/v1/chat/completions", #"{"model":"gpt-5.6-sol","messages":[]}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(#"{"model":"gpt-5.6-sol","usage":{"prompt_tokens":1,"completion_tokens":0}}"#)
        walk.ends()
        #expect(walk.summary?.charge?.weight.cost == Picodollars(picodollarsPerToken))
    }
}
