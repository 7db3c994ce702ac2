import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("A form that is uploaded")
struct FormTests {
    private static let path = "/team/search/v1/audio/transcriptions"
    private static let model = Fixture.field("model", "gpt-4o-transcribe")
    /// More than is kept back at first.
    private static let file = Fixture.file(100_000)
    private static let opened = "POST /v1/audio/transcriptions opened"

    private static func rules(limit: Int128? = nil, _ change: @escaping (inout Team) -> Void = { _ in }) -> Rules {
        World.rules(bodyLimit: 1 << 20, teams: [World.team(limitMillidollars: limit, change)])
    }

    private static let allowing = { @Sendable (team: inout Team) in
        team.allowedModels = [ModelPattern("gpt-4o-*")]
    }

    private static func reserved(_ rules: Rules) -> Int128 {
        rules.admission.standings(wallSeconds: Walk.wallSeconds).reduce(0) { $0 + $1.reserved.amount }
    }

    /// The answer, and the end.
    private static func finish(_ walk: inout Walk, _ answer: String = Fixture.transcript(input: 1000, output: 100)) {
        walk.departs()
        walk.answers(200)
        walk.piece(answer)
        walk.ends()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: @Sendable () -> Rules = { FormTests.rules() }
        var form: String
        /// The last line, or the refusal.
        var outcome: String
        var asked: String? = "gpt-4o-transcribe"
    }

    static let cases: [Case] = [
        Case(testDescription: "names its model", form: model + file, outcome: opened),
        Case(testDescription: "names it behind its file", form: file + model, outcome: opened),
        Case(testDescription: "names none", form: file, outcome: opened, asked: nil),
        Case(
            testDescription: "has a model that is allowed",
            rules: { rules(allowing) },
            form: model + file,
            outcome: opened
        ),
        Case(
            testDescription: "has a model that is allowed, behind its file",
            rules: { rules(allowing) },
            form: file + model,
            outcome: opened
        ),
        Case(
            testDescription: "has one that is not allowed",
            rules: { rules(allowing) },
            form: Fixture.field("model", "whisper-1") + file,
            outcome: "refuse 403 model_not_allowed",
            asked: "whisper-1"
        ),
        Case(
            testDescription: "has one that is denied, behind its file",
            rules: { rules { $0.deniedModels = [ModelPattern("whisper-*")] } },
            form: file + Fixture.field("model", "whisper-1"),
            outcome: "refuse 403 model_not_allowed",
            asked: "whisper-1"
        ),
        Case(
            testDescription: "names none where some are allowed",
            rules: { rules(allowing) },
            form: file,
            outcome: "refuse 403 model_not_allowed",
            asked: nil
        ),
        Case(
            testDescription: "names none where a budget can refuse",
            rules: { rules(limit: 1000) },
            form: file,
            outcome: "refuse 403 model_not_priced",
            asked: nil
        ),
        Case(
            testDescription: "has a budget with room",
            rules: { rules(limit: 1000) },
            form: file + model,
            outcome: opened
        ),
        Case(
            testDescription: "has a budget without room",
            rules: { rules(limit: 1) },
            form: model + file,
            outcome: "refuse 429 insufficient_quota"
        ),
        Case(
            testDescription: "has a model without a price where nobody may use one",
            rules: { World.rules(teams: [World.team()], refusesUnpriced: true) },
            form: file + Fixture.field("model", "unheard-of"),
            outcome: "refuse 403 model_not_priced",
            asked: "unheard-of"
        ),
        Case(
            testDescription: "names two models",
            form: model + Fixture.field("model", "whisper-1") + file,
            outcome: "refuse 400 ambiguous_request",
            asked: nil
        ),
        Case(
            testDescription: "cannot be read, and need not be",
            form: "--b\r\nx\r\n\r\n" + model + file,
            outcome: opened,
            asked: nil
        ),
        Case(
            testDescription: "cannot be read, and has to be",
            rules: { rules(allowing) },
            form: "--b\r\nx\r\n\r\n" + model + file,
            outcome: "refuse 403 model_not_allowed",
            asked: nil
        ),
    ]

    @Test("is decided by its model, wherever the form names it", arguments: cases, [false, true])
    func decided(_ form: Case, isChunked: Bool) {
        let rules = form.rules()
        var walk = Walk(rules)
        let body = Array((form.form + Fixture.formEnd).utf8)
        let pieces = stride(from: 0, to: body.count, by: 16_384).map {
            String(decoding: body[$0..<min($0 + 16_384, body.count)], as: UTF8.self)
        }
        walk.upload(Self.path, pieces, isChunked: isChunked)
        #expect(walk.lines.contains(form.outcome), "\(walk.lines)")
        #expect((walk.plan == nil) == (form.outcome != Self.opened))
        if walk.plan != nil { Self.finish(&walk) } else { walk.conclude() }
        #expect(walk.summary?.modelAsked == form.asked)
        #expect(World.counts(rules) == [0, 0, 0])
        #expect(Self.reserved(rules) == 0)
    }

    @Test("is read the same at every cut", arguments: [false, true])
    func everyCut(isAmbiguous: Bool) {
        let more = isAmbiguous ? Fixture.field("model", "whisper-1") : ""
        let text = Self.model + Fixture.file(3) + more + Fixture.formEnd
        let last = isAmbiguous ? "refuse 400 ambiguous_request" : "pass end"
        for cut in 1..<text.utf8.count {
            let index = text.utf8.index(text.startIndex, offsetBy: cut)
            var walk = Walk(Self.rules(Self.allowing))
            walk.upload(Self.path, [String(text[..<index]), String(text[index...])])
            #expect(walk.lines.last == last, "cut at \(cut)")
            walk.conclude()
        }
    }

    @Test("streams as soon as 64 KiB have come, and its late model has the price")
    func lateModel() {
        var walk = Walk(Self.rules())
        walk.upload(
            Self.path,
            [String(Self.file.prefix(65_000)), String(Self.file.dropFirst(65_000)), Self.model + Fixture.formEnd]
        )
        #expect(walk.lines == ["peek", "keep", "keep", Self.opened, "grown to 0.02754", "pass", "pass end"])
        #expect(walk.opening?.model == "none")
        Self.finish(&walk)
        #expect(walk.summary?.modelLabel == "gpt-4o-transcribe")
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        // 1000 × 2.5 and 100 × 10 dollars per million.
        #expect(walk.summary?.charge?.weight.cost.usdText == "0.0035")
        #expect(walk.summary?.charge?.model == "gpt-4o-transcribe")
    }

    @Test("is kept back up to the limit for bodies, and its client is told what to do")
    func tooLate() {
        var walk = Walk(Self.rules(limit: 1000))
        walk.upload(Self.path, Array(repeating: Fixture.file(300_000), count: 5) + [Self.model + Fixture.formEnd])
        #expect(walk.lines.last == "refuse 413 request_too_large")
        #expect(walk.refusal?.message.contains("send \"model\" before the files") == true)
        #expect(walk.plan == nil)
        walk.conclude()
        #expect(walk.summary?.error == .clientInvalid)
    }

    @Test("is cut off for a second model after the part that was kept back, and nobody pays for half of it")
    func secondModel() {
        for rules in [Self.rules(), Self.rules(Self.allowing), Self.rules(limit: 1000)] {
            var walk = Walk(rules)
            walk.upload(Self.path, [Self.model + Self.file], isChunked: true, ends: false)
            walk.departs()
            walk.wait(milliseconds: 20_000)
            walk.uploadPiece(Fixture.field("model", "whisper-1") + Fixture.formEnd)
            #expect(
                walk.lines == [
                    "peek", "keep", Self.opened, "stop", "settled unmetered 0 gpt-4o-transcribe",
                    "refuse 400 ambiguous_request",
                ]
            )
            #expect(walk.summary?.status == 400)
            #expect(World.counts(rules) == [0, 0, 0])
        }
    }

    /// Ends of a form with a known model that could name another model.
    static let unreadableEnds = [
        "--b\r\nContent-Disposition: form-data; name*=utf-8''model\r\n\r\nwhisper-1\r\n" + Fixture.formEnd,
        "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1",
        "",
    ]

    @Test(
        "that becomes unreadable is cut off before its last byte where the decision depends on the model",
        arguments: unreadableEnds
    )
    func unreadable(rest: String) {
        for (isChunked, rules) in [(false, Self.rules(Self.allowing)), (true, Self.rules(limit: 1000))] {
            var walk = Walk(rules)
            let pieces = [Self.model + Fixture.file(100_000)] + (rest.isEmpty ? [] : [rest])
            // Without a rest, the whole form is one piece, which is checked before any of it is sent.
            walk.upload(Self.path, pieces, isChunked: isChunked)
            #expect(walk.lines.last?.hasPrefix("refuse 4") == true, "\(walk.lines)")
            // With the last announced byte, a provider would have the whole form; of a chunked form it lacks the end.
            #expect(isChunked || !walk.lines.contains("pass"), "\(walk.lines)")
            walk.conclude()
            #expect(World.counts(rules) == [0, 0, 0])
        }
    }

    @Test("that becomes unreadable passes elsewhere, as one whose model is unknown", arguments: unreadableEnds)
    func unreadableAndFree(rest: String) {
        var walk = Walk(Self.rules())
        walk.upload(Self.path, [Self.model + Self.file, rest], isChunked: true)
        #expect(walk.lines.last == "pass end")
        Self.finish(&walk)
        #expect(walk.summary?.modelAsked == nil)
        #expect(walk.summary?.charge?.weight.confidence == .unpriced)
    }

    @Test("with more pictures than was known reserves more, and is cut off where there is no room")
    func lateCount() {
        let (model, n) = (Fixture.field("model", "gpt-image-2"), Fixture.field("n", "10"))
        let path = "/team/search/v1/images/edits"
        for (limit, last) in [(Int128(100_000), "pass"), (1000, "refuse 429 insufficient_quota")] {
            let rules = Self.rules(limit: limit)
            var walk = Walk(rules)
            walk.upload(path, [model + Fixture.file(100_000, name: "image")], isChunked: true, ends: false)
            let before = Self.reserved(rules)
            #expect(before > 0)
            walk.uploadPiece(n + Fixture.formEnd)
            #expect(walk.lines.last == last)
            if limit == 100_000 { #expect(Self.reserved(rules) > 8 * before) }
            #expect(walk.grownTo.count == (limit == 100_000 ? 1 : 0))
            walk.departs()
            walk.ends(.cancelled)
            #expect(Self.reserved(rules) == 0)
        }
    }

    @Test("is read where it may cost money and can be read, not elsewhere")
    func elsewhere() {
        let coded = [("content-encoding", "gzip")]
        for (path, fields, first) in [
            ("/v1/files", [], "POST /v1/files"),
            ("/v1/unheard/of", [], "peek"),
            ("/v1/audio/transcriptions", coded, Self.opened),
        ] {
            var walk = Walk()
            walk.head("POST", path, Fixture.formType + fields, length: 9)
            #expect(walk.lines == [first])
            walk.conclude()
        }
    }

    @Test("whose answer is streamed is stopped when its client leaves", arguments: ["true", "false"])
    func streamed(value: String) {
        var walk = Walk(Self.rules())
        walk.upload(Self.path, [Self.model + Fixture.field("stream", value) + Fixture.file(9) + Fixture.formEnd])
        walk.departs()
        walk.clientLeaves()
        #expect(walk.events.last?.first == (value == "true" ? "stop" : "drain"))
    }

    @Test("reserves for its sound by tokens or by length, as its model is billed")
    func sound() {
        let holds = ["gpt-4o-transcribe", "whisper-1"].map { name in
            var walk = Walk(Self.rules(limit: 1000))
            walk.upload(Self.path, [Fixture.field("model", name) + Fixture.file(9) + Fixture.formEnd])
            let hold = walk.opening?.hold ?? .zero
            walk.conclude()
            return hold.usdText
        }
        // 3,016 tokens in and at most 2,000 out; five minutes.
        #expect(holds == ["0.02754", "0.03"])
    }

    @Test("whose client leaves before it is sent costs nothing")
    func leftWhileHeldBack() {
        let rules = Self.rules(limit: 1000)
        var walk = Walk(rules)
        walk.upload(Self.path, [Self.model], isChunked: true, ends: false)
        walk.clientLeaves()
        #expect(walk.lines == ["peek", "keep"])
        #expect(walk.records.isEmpty)
        #expect(walk.summary?.status == 499)
        walk.uploadPiece(Self.file)
        #expect(walk.plan == nil)
    }
}
