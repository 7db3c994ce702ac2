import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("The reservation of a request")
struct HoldTests {
    private static let chat = "/team/search/v1/chat/completions"
    private static let held = Picodollars(65_574_000_000)

    /// A budget that the first hold uses up.
    private static func spendsNoMoreThanHeld(_ team: inout Team) {
        team.budgets = [BudgetRule(limit: MoneySum(Int128(held.amount)), period: .month)]
    }

    private static func rules(
        limit: Int128 = 1000,
        _ provider: ProviderSettings = World.provider(),
        jobs: OpenJobs = OpenJobs(),
        _ change: @escaping (inout Team) -> Void = { _ in }
    ) -> Rules {
        World.rules(provider, jobs: jobs, teams: [World.team(limitMillidollars: limit, change)])
    }

    private static func asked(_ rules: Rules, _ body: String = Fixture.chat, id: UInt64 = 7) -> Walk {
        var walk = Walk(rules, id: id)
        walk.post(chat, body)
        walk.departs()
        return walk
    }

    /// The money in the team's window: reserved, and spent.
    private static func money(_ rules: Rules) -> [String] {
        rules.admission.standings(wallSeconds: Walk.wallSeconds).flatMap { [$0.reserved.usdText, $0.spent.usdText] }
    }

    private static func expectRest(_ rules: Rules, _ comment: Comment = "at rest") {
        #expect(World.counts(rules) == [0, 0, 0], comment)
        #expect(money(rules).first ?? "0" == "0", comment)
    }

    @Test("is in the opening, and in the budget until the charge is settled")
    func settled() {
        let rules = Self.rules()
        var walk = Self.asked(rules)
        #expect(walk.opening?.hold == Self.held)
        #expect(Self.money(rules) == ["0.065574", "0"])
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        #expect(Self.money(rules) == ["0", "0.006"], "the usage is in, the end is not")
        #expect(rules.admission.counts.inFlight == 0)
        walk.ends()
        walk.conclude()
        #expect(walk.records.count == 1)
        #expect(Self.money(rules) == ["0", "0.006"])
        Self.expectRest(rules)
    }

    @Test(
        "is released at the head of a 4xx, before a byte of it is sent",
        arguments: [400, 401, 404, 408, 409, 422, 429, 499]
    )
    func refused(status: Int) {
        let rules = Self.rules()
        var walk = Self.asked(rules)
        walk.answers(status)
        #expect(walk.lines.suffix(2) == ["released", "relay \(status)"])
        Self.expectRest(rules)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        walk.ends()
        #expect(walk.records == [.released(ChargeID(high: 0, low: 7))], "what a refusal says of usage costs nothing")
        #expect(Self.money(rules) == ["0", "0"])
    }

    @Test("is priced at the instant it is made, not at the request's first byte")
    func pricedAtAdmission() throws {
        // The day on which the price of this model fell.
        let midnight = try #require(EffectiveDate("2026-07-30")).unixSeconds
        let body = Fixture.chat.replacing("gpt-4.1", with: "gpt-5.6-luna")
        func hold(headAt seconds: Int64, bodyAfter milliseconds: UInt64) -> Picodollars? {
            var walk = Walk(Self.rules(limit: 100_000), wallSeconds: seconds)
            walk.head("POST", Self.chat, length: body.utf8.count)
            walk.wait(milliseconds: milliseconds)
            walk.body(body)
            defer { walk.conclude() }
            return walk.opening?.hold
        }
        let before = try #require(hold(headAt: midnight - 10, bodyAfter: 0))
        let after = try #require(hold(headAt: midnight, bodyAfter: 0))
        #expect(before > after)
        #expect(hold(headAt: midnight - 10, bodyAfter: 10_000) == after)
    }

    /// Ways to end that cost nothing, and those that do.
    static let endings: [(TransferFailure?, Int?, Bool, String)] = [
        (.unreachable, nil, false, "0"), (.cancelled, nil, false, "0"),
        (.noAnswer, nil, true, "0"), (.malformed, nil, true, "0"), (.cancelled, nil, true, "0.065574"),
        (nil, 500, true, "0"), (.truncated, 200, true, "0.002052"), (.cancelled, 200, true, "0.065574"),
        (nil, 200, true, "0"),
    ]

    @Test("is given back by every way to end", arguments: endings.indices)
    func ends(_ index: Int) {
        let (failure, status, reached, spent) = Self.endings[index]
        let rules = Self.rules()
        var walk = Walk(rules)
        walk.post(Self.chat, Fixture.chat)
        if reached { walk.departs() }
        if let status { walk.answers(status) }
        walk.ends(failure, reached: reached)
        #expect(Self.money(rules) == ["0", spent])
        #expect(walk.records.count == 1)
        Self.expectRest(rules)
    }

    @Test("is spent when the process ends while the provider works, however soon: the provider bills it")
    func shutDown() {
        let rules = Self.rules()
        var walk = Self.asked(rules)
        walk.ends(.cancelled)
        #expect(walk.lines.suffix(2) == ["settled estimated 0.065574 gpt-4.1", "refuse 502 upstream_unreachable"])
        #expect(walk.summary?.charge?.weight.estimate == .unseen)
        #expect(walk.summary?.error == .gatewayOverloaded)
    }

    @Test("is given back when the client is gone before the body is whole")
    func leftWhileGathering() {
        let rules = Self.rules()
        var walk = Walk(rules)
        walk.head("POST", Self.chat, length: 100)
        walk.clientLeaves()
        walk.body(Fixture.chat)
        #expect(walk.plan == nil)
        #expect(walk.records.isEmpty)
        Self.expectRest(rules)
    }

    @Test("is given back when Steelyard answers a request that is being sent", arguments: [true, false])
    func refusedWhileSending(answers: Bool) {
        let rules = Self.rules { $0.unpriced = .allow }
        var walk = Walk(rules)
        let form = [Fixture.field("model", "gpt-4o-transcribe"), Fixture.file(70_000)]
        walk.upload("/team/search/v1/audio/transcriptions", form, isChunked: true, ends: false)
        walk.departs()
        #expect(rules.admission.counts.inFlight == 1)
        walk.requestFails(.bodyTimeout)
        if answers { walk.answers(200) }
        walk.ends(.cancelled)
        #expect(walk.records.count == 1)
        Self.expectRest(rules)
    }

    @Test("that is dropped without a settlement is counted as a leak")
    func leak() {
        let rules = Self.rules()
        do { _ = Self.asked(rules) }
        #expect(World.counts(rules) == [0, 0, 1])
        #expect(Self.money(rules) == ["0", "0"])
    }
}

// MARK: - The edit that was refused

extension HoldTests {
    private static let naming = #"{"error":{"message":"stream_options"}}"#

    @Test("stays while a refusal is kept back, and covers the one repetition")
    func repeated() {
        let rules = Self.rules()
        var walk = Self.asked(rules, Fixture.streamedChat)
        walk.answers(400)
        walk.piece(Self.naming)
        #expect(rules.admission.counts.inFlight == 1)
        walk.ends()
        #expect(walk.plan?.edit == nil)
        #expect(walk.lines.last == "POST /v1/chat/completions", "its opening is on record already")
        #expect(Self.money(rules) == ["0.065574", "0"])
        walk.departs()
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk("12345678") + Fixture.usageChunk(1000, 500))
        walk.ends()
        #expect(walk.records.count == 1)
        #expect(Self.money(rules) == ["0", "0.006"])
        Self.expectRest(rules)
    }

    @Test("is released when the repetition is refused too, or cannot be sent", arguments: [true, false])
    func repeatedInVain(isSent: Bool) {
        let rules = Self.rules()
        var walk = Self.asked(rules, Fixture.streamedChat)
        walk.answers(400)
        walk.piece(Self.naming)
        walk.ends()
        if isSent {
            walk.departs()
            walk.answers(400)
            #expect(walk.lines.last == "relay 400")
            Self.expectRest(rules)
            walk.piece(Self.naming)
            walk.ends()
        } else {
            walk.ends(.unreachable, reached: false)
        }
        #expect(walk.records == [.released(ChargeID(high: 0, low: 7))])
        Self.expectRest(rules)
    }

    @Test("is released when a kept refusal turns out to have another cause than the edit")
    func released() {
        let rules = Self.rules()
        var walk = Self.asked(rules, Fixture.streamedChat)
        walk.answers(413)
        walk.piece(String(repeating: " ", count: 65_537))
        #expect(walk.lines.suffix(3) == ["released", "relay 413", "send 65537"])
        Self.expectRest(rules)
        walk.ends()
        #expect(walk.records.count == 1)
    }
}

// MARK: - The provider refuses our key

extension HoldTests {
    private static func rulesWithKey() -> Rules {
        World.rules(
            World.provider(apiKey: .unneeded),
            teams: [World.team(keys: ["AAAAAAAA"], limitMillidollars: 1000)]
        )
    }

    @Test(
        "is released when the provider refuses the gateway's own key, of which the client learns nothing",
        arguments: [
            Fixture.chat, Fixture.streamedChat,
        ]
    )
    func keyRefused(body: String) throws {
        let refusal = #"{"error":{"message":"Incorrect API key provided: sk-op****tors, stream_options"}}"#
        for pieces in [[], [refusal], refusal.map(String.init)] {
            let rules = Self.rulesWithKey()
            var walk = Walk(rules)
            walk.post("/v1/chat/completions", body, [("api-key", World.key("AAAAAAAA"))])
            walk.departs()
            walk.answers(401)
            #expect(walk.lines.suffix(2) == ["released", "refuse 502 upstream_auth"])
            #expect(walk.refusal?.shouldRetry == false)
            #expect(walk.refusal?.type == "server_error")
            Self.expectRest(rules)
            for piece in pieces { walk.piece(piece) }
            walk.ends(pieces.count == 1 ? nil : .cancelled)
            let ended = walk.summary
            let summary = try #require(ended)
            #expect(walk.sent.isEmpty)
            #expect(!walk.transcript.contains("relay"))
            #expect(summary.answerBytes == 0)
            #expect(summary.status == 502)
            #expect(summary.error == .upstreamAuth)
            #expect(walk.records.count == 1)
            Self.expectRest(rules)
        }
    }

    @Test("is not affected when the provider refuses the client's own key")
    func ownKeyRefused() {
        var walk = Walk(World.rules(World.provider(apiKey: .unneeded)))
        walk.post("/v1/chat/completions", Fixture.chat, [("authorization", "Bearer sk-mine")])
        walk.departs()
        walk.answers(401)
        #expect(walk.lines.suffix(2) == ["released", "relay 401"])
        walk.ends()
    }
}

// MARK: - Growth

extension HoldTests {
    /// The hold of 8,192 output tokens covers this many bytes of text, at four bytes per token.
    private static let coveredText = String(repeating: "x", count: 8192 * 4)

    private static func outgrowing(_ rules: Rules) -> Walk {
        var walk = asked(rules, Fixture.streamedChat)
        walk.answers(200, "text/event-stream")
        walk.piece(Fixture.chunk(coveredText))
        return walk
    }

    @Test("grows in steps with an answer that outgrows it, and is released at its end")
    func grows() {
        let rules = Self.rules()
        var walk = Self.outgrowing(rules)
        #expect(Self.money(rules) == ["0.065574", "0"], "to the last byte that is covered")
        walk.piece(Fixture.chunk("y"))
        #expect(Self.money(rules) == ["0.131126", "0"])
        #expect(walk.lines.suffix(2).first == "grown to 0.131126", "on record before the bytes that took it go on")
        walk.piece(Fixture.chunk("yyyyyyyy"))
        #expect(Self.money(rules) == ["0.131126", "0"], "a step lasts")
        walk.piece(Fixture.chunk(Self.coveredText))
        #expect(Self.money(rules) == ["0.262182", "0"])
        walk.piece(Fixture.chunk(Self.coveredText + Self.coveredText + Self.coveredText))
        #expect(Self.money(rules) == ["0.262182", "0"], "no further than the model's own end")
        walk.piece(Fixture.finishChunk + Fixture.usageChunk(1000, 500))
        #expect(Self.money(rules) == ["0", "0.006"])
        walk.piece(Fixture.chunk(Self.coveredText + Self.coveredText))
        walk.ends()
        #expect(walk.grownTo == ["0.131126", "0.262182"])
        #expect(walk.records.count == 1)
        Self.expectRest(rules)
    }

    /// 4,303 output tokens cost the rest of 0.1 $ after the first hold.
    @Test("takes what is left where a whole step does not fit, and is asked for more when that is used up")
    func growsToTheLimit() {
        let rules = Self.rules(limit: 100) { $0.outgrownHold = .cut }
        var walk = Self.outgrowing(rules)
        walk.piece(Fixture.chunk("y"))
        #expect(Self.money(rules) == ["0.1", "0"])
        #expect(walk.grownTo == ["0.1"])
        walk.piece(Fixture.chunk(String(repeating: "x", count: 4303 * 4 - 1)))
        #expect(walk.lines.last?.hasPrefix("send") == true, "to the last byte that fits")
        walk.piece(Fixture.chunk("y"))
        #expect(walk.lines.last == "break off")
        #expect(walk.summary?.charge?.weight.tokens?.completion == 12_496)
        #expect(Self.money(rules) == ["0", "0.099972"], "the rest is what was held for the prompt and not needed")
        Self.expectRest(rules)
    }

    @Test("that cannot grow lets the answer go on, where the team says so")
    func finishes() {
        let rules = Self.rules { Self.spendsNoMoreThanHeld(&$0) }
        var walk = Self.outgrowing(rules)
        walk.piece(Fixture.chunk("y"))
        #expect(walk.lines.last?.hasPrefix("send") == true)
        #expect(Self.money(rules) == ["0.065574", "0"])
        walk.piece(Fixture.usageChunk(1000, 50_000))
        walk.ends()
        #expect(walk.summary?.outcome == .ok)
        #expect(walk.summary?.turnedAway == nil)
        #expect(Self.money(rules) == ["0", "0.402"])
        #expect(rules.admission.standings(wallSeconds: Walk.wallSeconds)[0].overshoot.usdText == "0.336426")
    }

    @Test("that cannot grow breaks the stream off, where the team says so: nothing after the gap is sent")
    func cut() throws {
        let rules = Self.rules {
            Self.spendsNoMoreThanHeld(&$0)
            $0.outgrownHold = .cut
        }
        var walk = Self.outgrowing(rules)
        let sent = walk.sent.count
        walk.piece(Fixture.chunk("y"))
        #expect(walk.lines.suffix(3).first == "stop", "the provider is stopped before anything else")
        #expect(walk.lines.last == "break off")
        #expect(walk.sent.count == sent)
        let ended = walk.summary
        let summary = try #require(ended)
        #expect(summary.outcome == .failed)
        #expect(summary.error == .clientBudget)
        #expect(summary.charge?.weight.confidence == .estimated)
        #expect(summary.charge?.weight.tokens?.completion == 8193)
        guard case .rejected(.budgetHeld) = summary.turnedAway else {
            Issue.record("not counted: \(String(describing: summary.turnedAway))")
            return
        }
        #expect(walk.records.count == 1)
        Self.expectRest(rules)
    }

    @Test("of a stream that outgrows it is settled exactly when its usage came with what was too much")
    func cutWithUsage() {
        let rules = Self.rules {
            Self.spendsNoMoreThanHeld(&$0)
            $0.outgrownHold = .cut
        }
        var walk = Self.outgrowing(rules)
        walk.piece(Fixture.chunk("y") + Fixture.usageChunk(1000, 500) + Fixture.done)
        #expect(walk.lines.suffix(2).first == "settled exact 0.006 gpt-4.1")
        walk.ends()
        #expect(walk.lines.last == "finish", "nothing is too much for a charge that is settled")
        #expect(Self.money(rules) == ["0", "0.006"])
    }

    @Test("never cuts a plain answer, which was paid for before its first byte")
    func plainIsNotCut() {
        let rules = Self.rules(limit: 100) { $0.outgrownHold = .cut }
        var walk = Self.asked(rules)
        walk.answers(200)
        let answer = Fixture.answer(prompt: 1000, completion: 50_000)
            .replacing("hello", with: Self.coveredText + Self.coveredText)
        walk.piece(String(answer.prefix(40_000)))
        #expect(walk.lines.last == "send 40000")
        walk.piece(String(answer.dropFirst(40_000)))
        walk.ends()
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        #expect(Self.money(rules) == ["0", "0.402"])
    }

    @Test("that covers the worst case neither grows nor cuts")
    func worstCase() {
        let rules = Self.rules { $0.reserve = .worstCase }
        var walk = Self.outgrowing(rules)
        let held = Self.money(rules)
        #expect(held == [walk.opening?.hold.usdText, "0"])
        walk.piece(Fixture.chunk(Self.coveredText + Self.coveredText))
        #expect(Self.money(rules) == held)
        walk.conclude()
    }
}

// MARK: - Charges that wait

extension HoldTests {
    private static let job = #"{"model":"gpt-4.1","background":true,"max_output_tokens":100,"input":"hello"}"#

    @discardableResult
    private static func opened(_ rules: Rules, id: UInt64 = 7) -> Walk {
        var walk = Walk(rules, id: id)
        walk.post("/team/search/v1/responses", job)
        walk.departs()
        walk.answers(200)
        walk.piece(Fixture.response(status: "queued"))
        return walk
    }

    private static func polled(_ rules: Rules, team: String = "", id: UInt64) -> Walk {
        var walk = Walk(rules, id: id)
        walk.head("GET", team + "/v1/responses/resp_1")
        walk.departs()
        walk.answers(200)
        let usage = #"{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}"#
        walk.piece(Fixture.response(status: "completed", usage: usage))
        return walk
    }

    @Test("waits for background work before the client knows the work's name")
    func deferred() {
        let rules = Self.rules()
        var walk = Self.opened(rules)
        #expect(walk.lines.suffix(2).first == "deferred")
        #expect(walk.lines.last?.hasPrefix("send") == true)
        #expect(World.counts(rules) == [0, 1, 0])
        let held = Self.money(rules)
        #expect(held.last == "0")
        // Another connection reads the result before the first answer has ended here.
        var poll = Self.polled(rules, team: "/team/unassigned", id: 8)
        #expect(poll.lines.suffix(2).first == "settled exact 0.006 gpt-4.1")
        #expect(Self.money(rules) == ["0", "0.006"], "the team that asked for the work pays, whoever reads it")
        walk.ends()
        poll.ends()
        #expect(walk.records.count == 1)
        #expect(poll.records.count == 1)
        Self.expectRest(rules)
        var again = Self.polled(rules, id: 9)
        again.ends()
        #expect(again.records.isEmpty)
        #expect(Self.money(rules) == ["0", "0.006"])
    }

    @Test("of work under an id that is already waited for is settled at once: it is another charge")
    func known() {
        let rules = Self.rules()
        var first = Self.opened(rules)
        var second = Self.opened(rules, id: 8)
        #expect(second.lines.contains("settled estimated 0.000836 gpt-4.1"))
        #expect(World.counts(rules) == [0, 1, 0])
        first.ends()
        second.ends()
        var poll = Self.polled(rules, id: 9)
        poll.ends()
        #expect(Self.money(rules) == ["0", "0.006836"])
        Self.expectRest(rules)
    }

    @Test("of work for which there is no room is settled at an estimate, once")
    func full() {
        let rules = Self.rules(jobs: OpenJobs(limit: 0))
        var walk = Self.opened(rules)
        #expect(Self.money(rules) == ["0", "0.000836"])
        walk.ends()
        #expect(walk.records.count == 1)
        var poll = Self.polled(rules, id: 8)
        poll.ends()
        #expect(poll.records.isEmpty)
        #expect(Self.money(rules) == ["0", "0.000836"])
        Self.expectRest(rules)
    }

    @Test("of work that nobody asks about is settled when it expires, once")
    func expired() throws {
        let rules = Self.rules()
        var walk = Self.opened(rules)
        walk.ends()
        let job = try #require(rules.jobs.takeExpired(openedBefore: Walk.wallSeconds + 1).first)
        let account = ChargeAccount(expired: job, rules: rules)
        rules.admission.settleDeferred(job.opening, cost: account.weight.cost, tokens: nil, at: .zero)
        var poll = Self.polled(rules, id: 8)
        poll.ends()
        #expect(poll.records.isEmpty)
        #expect(Self.money(rules) == ["0", "0.000836"])
        Self.expectRest(rules)
    }

    @Test("of work that states a placeholder usage beside text is settled at an estimate from the text")
    func placeholder() {
        let rules = Self.rules()
        var walk = Self.opened(rules)
        walk.ends()
        var poll = Walk(rules, id: 8)
        poll.head("GET", "/v1/responses/resp_1")
        poll.departs()
        poll.answers(200)
        let text = #"[{"type":"message","content":[{"type":"output_text","text":"hello there"}]}]"#
        let zeros = #"{"input_tokens":0,"output_tokens":0,"total_tokens":0}"#
        poll.piece(
            Fixture.response(status: "completed", usage: zeros).replacing(#""output":[]"#, with: #""output":\#(text)"#)
        )
        poll.ends()
        #expect(poll.summary?.charge?.weight.tokens == TokenAmounts(prompt: 2, completion: 3))
        #expect(Self.money(rules) == ["0", "0.000028"])
    }
}

// MARK: - The record

extension HoldTests {
    @Test("is given back when the journal cannot record the opening, and the client is told why")
    func unrecorded() throws {
        let rules = Self.rules()
        var walk = Walk(rules)
        walk.journal = false
        walk.post(Self.chat, Fixture.chat)
        #expect(walk.lines.suffix(2) == ["released", "refuse 503 ledger_unavailable"])
        let given = walk.refusal
        let refusal = try #require(given)
        #expect(refusal.reason == "ledger_unavailable")
        #expect(refusal.retryAfterSeconds == 5)
        #expect(walk.summary?.turnedAway == .rejected(.unrecorded))
        #expect(walk.summary?.error == .gatewayLedger)
        #expect(walk.summary?.status == 503)
        #expect(walk.summary?.reachedProvider == false)
        Self.expectRest(rules)
    }

    /// Who is served while charges cannot be recorded, and whether an opening that could not be recorded ends the request.
    static let policies: [(UnrecordedRequests, Int128?, Bool)] = [
        (.refuseBudgeted, 1000, true), (.refuseBudgeted, nil, false), (.refuseAll, nil, true), (.allow, 1000, false),
    ]

    @Test("has to be recorded as the configuration says", arguments: policies)
    func mustBeRecorded(policy: UnrecordedRequests, limit: Int128?, must: Bool) {
        let rules = World.rules(teams: [World.team(limitMillidollars: limit)], unrecorded: policy)
        var walk = Walk(rules)
        walk.journal = false
        walk.post(Self.chat, Fixture.chat)
        #expect(walk.opening != nil)
        #expect((walk.refusal?.code == "ledger_unavailable") == must)
        #expect((walk.plan == nil) == must)
        walk.conclude()
        Self.expectRest(rules)
        var free = Walk(rules)
        free.head("GET", "/team/search/v1/models")
        #expect(free.plan != nil, "there is nothing to record")
    }

    @Test("has its end recorded once, whatever comes after it")
    func once() {
        let rules = Self.rules()
        var walk = Self.asked(rules)
        walk.answers(200)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        walk.clientLeaves()
        walk.ends()
        walk.ends(.cancelled)
        walk.piece(Fixture.answer(prompt: 1000, completion: 500))
        walk.answers(200)
        walk.conclude()
        #expect(walk.records.count == 1)
        #expect(Self.money(rules) == ["0", "0.006"])
        Self.expectRest(rules)
    }

    @Test("of an answer without a usage is recorded before its last byte is sent")
    func beforeTheLastByte() {
        let rules = Self.rules()
        var walk = Self.asked(rules)
        walk.answers(200)
        let answer = #"{"choices":[{"message":{"content":"12345678"}}]}"#
        walk.piece(String(answer.dropLast()))
        #expect(walk.records.isEmpty)
        walk.piece(String(answer.suffix(1)))
        #expect(walk.lines.suffix(2).first?.hasPrefix("settled estimated") == true)
        #expect(walk.lines.last == "send 1")
        walk.ends()
        #expect(walk.records.count == 1)
    }

    @Test("of a plain answer whose client left is read to the end where a budget pays, whatever the provider's setting")
    func drained() {
        for (limit, line) in [(1000, "drain"), (nil, "stop")] as [(Int128?, String)] {
            let rules = World.rules(World.provider(plain: .cancel), teams: [World.team(limitMillidollars: limit)])
            var walk = Self.asked(rules)
            walk.clientLeaves()
            #expect(walk.events.last?.first == line)
            walk.ends(.cancelled)
            Self.expectRest(rules)
        }
    }
}
