import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("The effects of an event come in the order in which they must happen:")
struct EffectOrderTests {
    private static let path = "/team/search/v1/chat/completions"

    private static func rules(_ change: @escaping (inout Team) -> Void = { _ in }) -> Rules {
        World.rules(teams: [World.team(limitMillidollars: 1000, change)])
    }

    /// A request that its provider is working on.
    private static func asked(_ body: String = Fixture.chat, _ rules: Rules = rules()) -> Walk {
        var walk = Walk(rules)
        walk.post(path, body)
        walk.departs()
        return walk
    }

    private static func streaming(_ rules: Rules = rules()) -> Walk {
        var walk = asked(Fixture.streamedChat, rules)
        walk.answers(200, "text/event-stream")
        return walk
    }

    @Test("an opening is on record before its request is sent")
    func opened() {
        var walk = Walk(Self.rules())
        walk.journal = nil
        walk.post(Self.path, Fixture.chat)
        #expect(walk.events == [["gather"], ["record"]])
        #expect(walk.plan == nil)
        walk.records(true)
        #expect(walk.events.last == ["start"])
    }

    @Test("an opening that cannot be recorded gives its hold back, and then refuses")
    func unrecorded() {
        let rules = Self.rules()
        var walk = Walk(rules)
        walk.journal = false
        walk.post(Self.path, Fixture.chat)
        #expect(walk.events.dropFirst().contains(["record", "conclude", "refuse"]))
        #expect(walk.lines.suffix(2) == ["released", "refuse 503 ledger_unavailable"])
        #expect(World.counts(rules) == [0, 0, 0])
    }

    @Test(
        "a client that leaves before the opening is on record pays nothing, whatever becomes of it",
        arguments: [true, false]
    )
    func leftWhileOpening(isRecorded: Bool) {
        let rules = Self.rules()
        var walk = Walk(rules)
        walk.journal = nil
        walk.post(Self.path, Fixture.chat)
        #expect(walk.exchange.deadline == nil)
        walk.clientLeaves()
        #expect(walk.events.last == ["record", "conclude"])
        #expect(walk.lines.last == "released")
        walk.records(isRecorded)
        #expect(walk.events.last == [])
        #expect(walk.summary?.status == 499)
        #expect(World.counts(rules) == [0, 0, 0])
    }

    @Test("what comes of a form before the opening is on record is kept back too, and its end follows the start")
    func formWhileOpening() {
        var walk = Walk(Self.rules())
        walk.journal = nil
        let pieces = [Fixture.field("model", "gpt-4o-transcribe") + Fixture.file(70_000), Fixture.formEnd]
        walk.upload("/team/search/v1/audio/transcriptions", pieces, isChunked: true)
        #expect(walk.events == [[], ["keepPiece", "record"], ["keepPiece"], []])
        walk.records(true)
        #expect(walk.events.last == ["start", "relayEnd"])
    }

    @Test("a form that names a second model before the opening is on record is refused, and never sent")
    func secondModelWhileOpening() {
        var walk = Walk(Self.rules())
        walk.journal = nil
        let first = Fixture.field("model", "gpt-4o-transcribe") + Fixture.file(70_000)
        walk.upload("/team/search/v1/audio/transcriptions", [first], isChunked: true, ends: false)
        walk.uploadPiece(Fixture.field("model", "whisper-1") + Fixture.formEnd)
        #expect(walk.events.last == ["keepPiece", "record", "conclude", "refuse"])
        walk.records(true)
        #expect(walk.plan == nil)
    }

    @Test("a body that streams through passes piece by piece, and its end behind it")
    func relayed() {
        var walk = Walk()
        walk.upload("/v1/files", [Fixture.file(9), Fixture.formEnd])
        #expect(walk.events == [["start"], ["relayPiece"], ["relayPiece"], ["relayEnd"]])
    }

    @Test("a settlement comes before the bytes that state it, and the end of everything before the last word")
    func settled() {
        var walk = Self.asked()
        walk.answers(200)
        #expect(walk.events.last == ["open"])
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        #expect(walk.events.last == ["record", "send"])
        walk.ends()
        #expect(walk.events.last == ["conclude", "finish"])
    }

    @Test("a stream that is edited puts out at most once, and nothing where nothing is left")
    func edited() {
        var walk = Self.streaming()
        walk.piece(Fixture.chunk("a", usage: "null") + Fixture.chunk("b", usage: "null"))
        #expect(walk.events.last == ["sendOutput"])
        walk.piece(Fixture.finishChunk)
        walk.piece(Fixture.usageChunk(10, 5))
        #expect(walk.events.last == ["record"])
        walk.piece("data: {")
        walk.ends(.truncated)
        #expect(walk.events.last == ["conclude", "sendOutput", "breakOff"])
    }

    @Test("a hold grows before the bytes that outgrew it are sent")
    func grown() {
        var walk = Self.streaming()
        walk.piece(Fixture.chunk(String(repeating: "x", count: 40_000)))
        #expect(walk.events.last == ["record", "send"] || walk.events.last == ["record", "sendOutput"])
        #expect(walk.grownTo.count == 1)
    }

    @Test("a 4xx gives its hold back before its head is sent, a 4xx that was kept back too")
    func rejected() {
        var walk = Self.asked()
        walk.answers(429)
        #expect(walk.events.last == ["record", "open"])
        var long = Self.asked(Fixture.streamedChat)
        long.answers(400)
        #expect(long.events.last == [])
        long.piece(String(repeating: "x", count: 65_537))
        #expect(long.events.last == ["record", "open", "sendOutput"])
        var whole = Self.asked(Fixture.streamedChat)
        whole.answers(400)
        whole.piece("{}")
        whole.ends()
        #expect(whole.events.last == ["record", "conclude", "open", "sendOutput", "finish"])
    }

    @Test("the unedited repetition starts without another opening")
    func repeated() {
        var walk = Self.asked(Fixture.streamedChat)
        walk.answers(400)
        walk.piece(#"{"error":{"message":"stream_options"}}"#)
        walk.ends()
        #expect(walk.events.last == ["start"])
        #expect(walk.plan?.edit == nil)
        #expect(walk.records.isEmpty)
    }

    @Test("the provider is stopped first, and the client hears of it last")
    func stopped() {
        var waiting = Self.asked()
        waiting.timePasses(seconds: 60)
        #expect(waiting.events.last == ["stop", "record", "conclude", "refuse"])
        var silent = Self.streaming()
        silent.piece(Fixture.chunk("a"))
        silent.timePasses(seconds: 30)
        #expect(silent.events.last == ["stop", "record", "conclude", "breakOff"])
        var left = Self.streaming()
        left.clientLeaves()
        #expect(left.events.last == ["stop", "record", "conclude"])
        var failed = Self.asked()
        failed.requestFails(.bodyTimeout)
        #expect(failed.events.last == ["stop", "record", "conclude"])
        var cut = Self.streaming(
            Self.rules {
                $0.budgets = [BudgetRule(limit: MoneySum(66_000_000_000), period: .month)]
                $0.outgrownHold = .cut
            }
        )
        cut.piece(Fixture.chunk(String(repeating: "x", count: 80_000)))
        #expect(cut.events.last == ["stop", "record", "conclude", "breakOff"])
    }

    @Test("a provider that refuses our key is stopped, and its answer is not passed on")
    func keyRefused() {
        let key = World.key("AAAAAAAA")
        let rules = World.rules(World.provider(apiKey: .unneeded), teams: [World.team(keys: ["AAAAAAAA"])])
        var walk = Walk(rules)
        walk.post("/v1/chat/completions", Fixture.chat, [("api-key", key)])
        walk.departs()
        walk.answers(401)
        #expect(walk.events.last == ["stop", "record", "conclude", "refuse"])
        #expect(walk.lines.suffix(3) == ["stop", "released", "refuse 502 upstream_auth"])
    }

    @Test("a client that has left gets nothing more, while its answer is read on")
    func drained() {
        var walk = Self.asked()
        walk.clientLeaves()
        #expect(walk.events.last == ["drain"])
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 10, completion: 5))
        walk.ends()
        #expect(walk.events.suffix(3) == [[], ["record"], ["conclude"]])
        #expect(walk.summary?.answerBytes == 0)
    }

    @Test("a body without room, or too large, is refused without a charge")
    func noRoom() {
        var walk = Walk(Self.rules())
        walk.head("POST", Self.path, length: 100)
        walk.hasNoRoom()
        #expect(walk.events.last == ["conclude", "refuse"])
        #expect(walk.records.isEmpty)
    }

    @Test("they are small, and their room is used again")
    func small() {
        #expect(MemoryLayout<ExchangeEffect>.stride <= 16)
        var effects = ExchangeEffects()
        effects.output = Array(repeating: 1, count: 1000)
        effects.removeAll()
        #expect(effects.output.capacity >= 1000 && effects.output.isEmpty && effects.steps.isEmpty)
    }
}
