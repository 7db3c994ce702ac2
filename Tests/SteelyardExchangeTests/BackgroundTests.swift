import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A background response")
struct BackgroundTests {
    private static let usage = #"{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}"#
    private static let request = #"{"model":"gpt-4.1","background":true,"max_output_tokens":100,"input":"hello"}"#

    @discardableResult
    private static func opened(
        _ rules: Rules,
        _ body: String = request,
        at target: String = "/v1/responses",
        _ answer: String = Fixture.response(status: "queued"),
        id: UInt64 = 7
    ) -> Walk {
        var walk = Walk(rules, id: id)
        walk.post(target, body)
        walk.departs()
        walk.answers(200)
        walk.piece(answer)
        walk.ends()
        return walk
    }

    private static func polled(
        _ rules: Rules,
        _ body: String,
        _ method: String = "GET",
        _ target: String = "/v1/responses/resp_1",
        ending: TransferFailure? = nil,
        id: UInt64 = 9
    ) -> Walk {
        var walk = Walk(rules, wallSeconds: Walk.wallSeconds + 60, id: id)
        walk.head(method, target)
        walk.departs()
        walk.answers(200, body.hasPrefix("data:") ? "text/event-stream" : "application/json")
        walk.piece(body)
        walk.ends(ending)
        return walk
    }

    @Test("is charged once, by the first poll that shows its end, to the request that opened it")
    func chargedOnce() {
        let rules = World.rules()
        let opened = Self.opened(rules)
        #expect(opened.summary?.charge == nil)
        #expect(!opened.lines.contains { $0.hasPrefix("settled") || $0 == "released" })
        let running = Self.polled(rules, Fixture.response(status: "in_progress"))
        #expect(running.summary?.charge == nil)
        let done = Self.polled(rules, Fixture.response(status: "completed", usage: Self.usage))
        #expect(done.lines.contains("settled exact 0.006 gpt-4.1"))
        #expect(done.summary?.charge?.opening.charge == ChargeID(high: 0, low: 7))
        #expect(done.summary?.charge?.opening.endpoint == "/v1/responses")
        let again = Self.polled(rules, Fixture.response(status: "completed", usage: Self.usage), id: 10)
        #expect(again.summary?.charge == nil)
        #expect(rules.jobs.count == 0)
    }

    @Test("is counted under the name it was asked for by, not the snapshot's")
    func label() {
        let rules = World.rules()
        Self.opened(rules)
        let body = Fixture.response(status: "completed", usage: Self.usage)
        let poll = Self.polled(rules, body.replacing(#""gpt-4.1""#, with: #""gpt-4.1-2025-04-14""#))
        #expect(poll.summary?.charge?.modelLabel == "gpt-4.1")
        #expect(poll.summary?.textSample == nil)
    }

    @Test("is not charged by a running total in its first answer")
    func earlyUsage() {
        let rules = World.rules()
        let zero = #"{"input_tokens":0,"output_tokens":0,"total_tokens":0}"#
        let opened = Self.opened(rules, Self.request, Fixture.response(status: "queued", usage: zero))
        #expect(opened.summary?.charge == nil)
        #expect(rules.jobs.count == 1)
    }

    @Test("is charged by a stream that re-reads it to the end, and not by one that breaks off")
    func streamedRereads() {
        let rules = World.rules()
        Self.opened(rules)
        let begin =
            "data: {\"type\":\"response.in_progress\",\"response\":"
            + Fixture.response(status: "in_progress") + "}\n\n"
        let end =
            "data: {\"type\":\"response.completed\",\"response\":"
            + Fixture.response(status: "completed", usage: Self.usage) + "}\n\n"
        let cut = Self.polled(rules, begin, "GET", "/v1/responses/resp_1?stream=true", ending: .truncated)
        #expect(cut.summary?.charge == nil)
        let whole = Self.polled(rules, begin + end, "GET", "/v1/responses/resp_1?stream=true&starting_after=3")
        #expect(whole.lines.contains("settled exact 0.006 gpt-4.1"))
    }

    @Test("whose poll breaks off before the usage goes on waiting")
    func brokenPoll() {
        let rules = World.rules()
        Self.opened(rules)
        let poll = Self.polled(rules, #"{"id":"resp_1","status":"completed","#, ending: .truncated)
        #expect(poll.summary?.charge == nil)
        #expect(rules.jobs.count == 1)
    }

    @Test("that is cancelled is charged then: by its usage, or by an estimate when it has none")
    func cancelled() {
        for (usage, line) in [
            (Self.usage, "settled exact 0.006 gpt-4.1"), ("null", "settled estimated 0.000836 gpt-4.1"),
        ] {
            let rules = World.rules()
            Self.opened(rules)
            let body = Fixture.response(status: "cancelled", usage: usage)
            let cancel = Self.polled(rules, body, "POST", "/v1/responses/resp_1/cancel")
            #expect(cancel.lines.contains(line))
            #expect(rules.jobs.count == 0)
        }
    }

    @Test("that was not opened here is never charged by reading it")
    func strangers() {
        let poll = Self.polled(World.rules(), Fixture.response(status: "completed", usage: Self.usage))
        #expect(poll.summary?.charge == nil)
    }

    @Test("that is streamed is a job when its stream is cut; one in the foreground is an estimate at once")
    func cutStreams() {
        for (body, jobs, confidence) in [
            (#"{"model":"gpt-4.1","stream":true,"background":true,"input":"hello"}"#, 1, nil),
            (#"{"model":"gpt-4.1","stream":true,"input":"hello"}"#, 0, .estimated),
        ] as [(String, Int, Confidence?)] {
            let rules = World.rules()
            var walk = Walk(rules)
            walk.post("/v1/responses", body)
            walk.departs()
            walk.answers(200, "text/event-stream")
            walk.piece(
                "data: {\"type\":\"response.created\",\"response\":" + Fixture.response(status: "in_progress") + "}\n\n"
            )
            walk.clientLeaves()
            walk.ends(.cancelled)
            #expect(rules.jobs.count == jobs)
            #expect(walk.summary?.charge?.weight.confidence == confidence)
        }
    }

    @Test("nobody asks about again is estimated within its output cap, never free")
    func expired() throws {
        let rules = World.rules()
        Self.opened(rules)
        #expect(rules.jobs.takeExpired(openedBefore: Walk.wallSeconds).isEmpty)
        let job = try #require(rules.jobs.takeExpired(openedBefore: Walk.wallSeconds + 1).first)
        let account = ChargeAccount(expired: job, rules: rules)
        #expect(account.weight.confidence == .estimated)
        #expect(account.weight.isEstimated)
        #expect(account.weight.tokens == TokenAmounts(prompt: 2, completion: 100))
        #expect(account.modelLabel == "gpt-4.1")
    }

    @Test("is an assistant's run too; its next step is part of the same charge")
    func runs() {
        let rules = World.rules()
        let run = #"{"id":"run_1","object":"thread.run","status":"queued","model":"gpt-4.1","usage":null}"#
        let first = Self.opened(rules, #"{"assistant_id":"a","model":"gpt-4.1"}"#, at: "/v1/threads/t/runs", run)
        #expect(!first.lines.contains("released"))
        let outputs = "/v1/threads/t/runs/run_1/submit_tool_outputs"
        let second = Self.opened(rules, #"{"tool_outputs":[]}"#, at: outputs, run, id: 8)
        #expect(second.lines.contains("released"))
        #expect(rules.jobs.count == 1)
    }

    @Test("is estimated at once when there is no room for another job")
    func full() {
        let rules = World.rules(jobs: OpenJobs(limit: 0))
        let opened = Self.opened(rules)
        #expect(opened.summary?.charge?.weight.confidence == .estimated)
        #expect(opened.lines.contains("settled estimated 0.000836 gpt-4.1"))
    }
}
