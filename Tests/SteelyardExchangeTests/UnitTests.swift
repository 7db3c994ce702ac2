import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("Work that is billed by something other than tokens")
struct UnitTests {
    private static let speech = "/v1/audio/speech"

    private static func spoken(_ input: String, model: String = "tts-1") -> String {
        #"{"model":"\#(model)","voice":"alloy","input":"\#(input)"}"#
    }

    private static func walk(
        _ request: String,
        to target: String,
        _ status: Int = 200,
        _ type: String = "audio/mpeg",
        _ answer: String = "bytes",
        ending: TransferFailure? = nil,
        rules: Rules = World.rules()
    ) -> Walk {
        var walk = Walk(rules)
        walk.post(target, request)
        walk.departs()
        walk.answers(status, type)
        walk.piece(answer)
        walk.ends(ending)
        return walk
    }

    /// Texts as they are sent, and their characters.
    static let texts: [(String, Int64)] = [
        ("Hello", 5), ("", 0), ("h\u{E9}llo", 5), ("\u{1F600}!", 2), (#"h\u00e9llo"#, 5), (#"\ud83d\ude00!"#, 2),
        (#"\ud83d!"#, 2), (#"\ude00\ud83d"#, 2), (#"a\n\"b\\"#, 5), (#"\ud83d\u0041"#, 2), ("e\u{301}", 2),
    ]

    @Test("speech costs its request's characters, exactly", arguments: texts)
    func characters(text: String, count: Int64) {
        for (model, rate) in [("tts-1", 15_000_000 as Int64), ("tts-1-hd", 30_000_000)] {
            let weight = Self.walk(Self.spoken(text, model: model), to: Self.speech).summary?.charge?.weight
            #expect(weight?.confidence == .exact)
            #expect(weight?.cost == Picodollars(count * rate))
            #expect(weight?.meters[.characters] == count)
        }
    }

    /// How it ends, and what it then costs and is called.
    static let endings: [(Int, TransferFailure?, Int64?, Confidence)] = [
        (200, nil, 75_000_000, .exact), (200, .truncated, 75_000_000, .exact), (400, nil, nil, .exact),
        (500, nil, nil, .exact),
    ]

    @Test(
        "speech that was cut off costs the same as all of it; speech that was refused costs nothing",
        arguments: endings
    )
    func ending(status: Int, failure: TransferFailure?, picodollars: Int64?, confidence: Confidence) {
        let walk = Self.walk(Self.spoken("Hello"), to: Self.speech, status, ending: failure)
        let weight = walk.summary?.charge?.weight
        #expect(weight?.cost.amount == picodollars)
        #expect(weight == nil || weight?.confidence == confidence)
    }

    @Test("speech whose client leaves before its answer is charged in full, and marked")
    func leftBeforeTheAnswer() {
        var walk = Walk()
        walk.post(Self.speech, Self.spoken("Hello"))
        walk.departs()
        walk.clientLeaves()
        walk.ends(.cancelled)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(75_000_000))
        #expect(walk.summary?.charge?.weight.estimate == .unseen)
    }

    @Test("speech that is priced by tokens stays unmetered without a usage")
    func tokenSpeech() {
        let walk = Self.walk(Self.spoken("Hello", model: "gpt-4o-mini-tts"), to: Self.speech)
        #expect(walk.summary?.charge?.weight.unmetered == .noUsage)
    }

    private static func book(_ prices: String, kind: String) throws -> Rules {
        let text = "model flat\n kind \(kind)\n from launch source test\n standard \(prices)"
        return World.rules(book: try PriceBook(text: text))
    }

    @Test("pictures with a price each are counted; those of a broken answer as they were asked for")
    func pictures() throws {
        let rules = try Self.book("images 0.04/1", kind: "image")
        let request = #"{"model":"flat","prompt":"a boat","n":3}"#
        let answer = #"{"created":1,"data":[{"url":"https://a"},{"b64_json":"AAAA"}]}"#
        func weight(_ answer: String, _ ending: TransferFailure? = nil) -> Weight? {
            Self.walk(
                request,
                to: "/v1/images/generations",
                200,
                "application/json",
                answer,
                ending: ending,
                rules: rules
            )
            .summary?.charge?.weight
        }
        #expect(weight(answer)?.cost == Picodollars(80_000_000_000))
        #expect(weight(answer)?.confidence == .exact)
        let broken = weight(String(answer.dropLast(20)), .truncated)
        #expect(broken?.cost == Picodollars(120_000_000_000))
        #expect(broken?.confidence == .estimated)
    }

    @Test("sound without a usage is charged by the length that the answer states, as an estimate")
    func sound() {
        func weight(_ answer: String) -> Weight? {
            var walk = Walk()
            walk.upload(
                "/v1/audio/translations",
                [Fixture.field("model", "whisper-1"), Fixture.file(10), Fixture.formEnd]
            )
            walk.departs()
            walk.answers(200)
            walk.piece(answer)
            walk.ends()
            return walk.summary?.charge?.weight
        }
        let verbose = weight(#"{"task":"translate","duration":8.47,"text":"hello","segments":[]}"#)
        #expect(verbose?.cost == Picodollars(9 * 100_000_000))
        #expect(verbose?.confidence == .estimated)
        #expect(weight(#"{"text":"hello"}"#)?.unmetered == .noUsage)
        let stated = weight(#"{"duration":8.47,"text":"hello","usage":{"type":"duration","seconds":9}}"#)
        #expect(stated?.cost == Picodollars(9 * 100_000_000))
        #expect(stated?.confidence == .exact)
    }

    /// The request's members, what the job says, and the seconds that are charged.
    static let films: [(String, String, Int64)] = [
        (#""seconds":"8""#, "8", 8), (#""seconds":12"#, "12", 12), (#""prompt":"x""#, "4", 4),
        // An extension's job states both parts together.
        (#""seconds":"4""#, "12", 4),
    ]

    @Test("films are held and charged by their length, as an estimate: they may still fail", arguments: films)
    func film(members: String, stated: String, seconds: Int64) throws {
        let answer = #"{"id":"video_1","object":"video","model":"sora-2","status":"queued","seconds":"\#(stated)"}"#
        let request = #"{"model":"sora-2",\#(members)}"#
        let walk = Self.walk(request, to: "/v1/videos", 200, "application/json", answer)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(seconds * 100_000_000_000))
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect(walk.opening?.hold == Picodollars(seconds * 100_000_000_000))
    }
}
