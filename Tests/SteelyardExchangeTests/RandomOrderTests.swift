import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

/// An owner that feeds an exchange anything in any order and keeps the accounts: what the exchange may never do, it may
/// not do under any of it.
private struct Chaos: ~Copyable {
    private static let pieces = [
        Fixture.chunk("12345678"), Fixture.chunk("x", usage: Fixture.usage(10, 5)), Fixture.finishChunk,
        Fixture.usageChunk(10, 5), Fixture.done, Fixture.answer(prompt: 10, completion: 5),
        Fixture.response(status: "queued"), Fixture.response(status: "in_progress"),
        Fixture.response(status: "completed", usage: Fixture.usage(10, 5)), "{", "}", "data: ", "\n\n", "",
        #"{"error":{"message":"stream_options is unknown"},"usage":{"prompt_tokens":1}}"#,
        "data: {\"error\":{\"message\":\"m\"}}\n\n",
    ]
    private static let bodies = [
        Fixture.chat, Fixture.streamedChat, #"{"model":"gpt-4.1","background":true}"#, #"{"model":"a","model":"b"}"#,
        "",
    ]
    private static let targets = [
        ("POST", "/v1/chat/completions"), ("POST", "/v1/responses"), ("POST", "/v1/files"),
        ("GET", "/v1/responses/resp_1"),
        ("POST", "/v1/unheard/of"), ("GET", "/elsewhere"),
    ]

    var exchange: Exchange
    var random: SplitMix
    var opened = 0
    var closed = 0
    var sawText = false
    var trace: [String] = []
    private var now = Tick(nanoseconds: 1_000_000_000)

    init(seed: UInt64, rules: Rules) {
        random = SplitMix(seed: seed)
        exchange = Exchange(
            rules: rules,
            id: ExchangeID(high: 1, low: seed),
            receivedAt: now,
            wallSeconds: Walk.wallSeconds
        )
    }

    mutating func step() {
        now = now.advanced(bySeconds: Double(random.next() % 40))
        switch random.next() % 12 {
        case 0: receiveHead()
        case 1: receiveBody()
        case 2: exchange.relayedBody(byteCount: 3, at: now)
        case 3: exchange.departed(at: now, startedAt: now)
        case 4: answer()
        case 5, 6, 7: receivePiece()
        case 8: note("left \(exchange.clientLeft(at: now))")
        case 9: note("time \(exchange.timePassed(at: now))")
        case 10: exchange.relayedEnd()
        default: random.next() % 4 == 0 ? end() : exchange.clientTookBytes(at: now)
        }
        takeRecord()
    }

    mutating func conclude() -> ExchangeSummary {
        let summary = exchange.conclude(at: now)
        takeRecord()
        return summary
    }

    private mutating func receiveHead() {
        let (method, target) = random.pick(Self.targets)
        note("\(method) \(target)")
        var fields = World.fields([("host", "h"), ("content-type", "application/json")])
        fields.append(name: "content-length", value: "64")
        let facts = try? RequestHeadCheck.facts(
            method: method,
            target: target,
            majorVersion: 1,
            minorVersion: 1,
            fields: fields
        )
        guard let facts else { return }
        count(exchange.receivedHead(RequestHead(method: method, target: target, fields: fields, facts: facts)))
    }

    private mutating func count(_ decision: HeadDecision) {
        if case .relay(let plan) = decision, plan.opening != nil { opened += 1 }
    }

    private mutating func receiveBody() {
        let body = random.pick(Self.bodies)
        note("body \(body.prefix(60))")
        if case .forward(let plan) = exchange.receivedBody(body.utf8Span.span, at: now), plan.opening != nil {
            opened += 1
        }
    }

    private mutating func answer() {
        let status = random.pick([200, 200, 200, 400, 422, 500])
        let type = random.pick(["application/json", "text/event-stream", "audio/mpeg"])
        note("\(status) \(type)")
        let head = ResponseHead(
            status: status,
            reason: [],
            fields: World.fields([("content-type", type)]),
            framing: .chunked
        )
        _ = exchange.answered(head, firstByteAt: now, at: now)
    }

    private mutating func receivePiece() {
        var output: [UInt8] = []
        let piece = random.pick(Self.pieces)
        note("piece \(piece.prefix(40))")
        _ = exchange.receivedPiece(piece.utf8Span.span, decoded: nil, at: now, into: &output)
    }

    private mutating func end() {
        var output: [UInt8] = []
        let failure = random.pick([nil, .noAnswer, .truncated, .cancelled, .malformed] as [ProviderEnd.Failure?])
        note("ended \(failure.map { "\($0)" } ?? "whole")")
        let end = ProviderEnd(failure: failure, reachedProvider: true, detail: "")
        _ = exchange.transferEnded(end, at: now, into: &output)
    }

    private mutating func takeRecord() {
        switch exchange.takeRecord() {
        case nil, .opened, .deferred: break
        case .settled, .released: closed += 1
        }
    }

    private mutating func note(_ text: String) { trace.append(text) }
}

extension SplitMix {
    fileprivate mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[Int(next() % UInt64(choices.count))]
    }
}

/// A small generator with a printable state (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("In any order of inputs, legal or not,")
struct RandomOrderTests {
    @Test("a charge is opened once and closed at most once, and nothing that generated text costs nothing")
    func accounts() {
        let first = UInt64.random(in: 0..<1 << 40)
        for seed in first..<first + 1500 {
            let jobs = OpenJobs()
            var chaos = Chaos(seed: seed, rules: World.rules(jobs: jobs))
            for _ in 0..<Int(chaos.random.next() % 30) { chaos.step() }
            let summary = chaos.conclude()
            let story: Comment = "seed \(seed): \(chaos.trace.joined(separator: " | "))"
            #expect(chaos.opened <= 1, story)
            #expect(chaos.closed + jobs.count == chaos.opened, story)
            if let weight = summary.charge?.weight, [.exact, .estimated].contains(weight.confidence) {
                #expect(weight.cost > .zero, story)
            }
            // What comes after the end changes nothing.
            for _ in 0..<10 { chaos.step() }
            #expect(chaos.opened <= 1, story)
            #expect(chaos.closed + jobs.count == chaos.opened, story)
        }
    }

    @Test("the summary agrees with itself")
    func summaries() {
        let first = UInt64.random(in: 0..<1 << 40)
        for seed in first..<first + 1500 {
            var chaos = Chaos(seed: seed, rules: World.rules())
            for _ in 0..<Int(chaos.random.next() % 30) { chaos.step() }
            let summary = chaos.conclude()
            let story: Comment = "seed \(seed): \(chaos.trace.joined(separator: " | "))"
            #expect(100..<600 ~= summary.status, story)
            #expect((summary.outcome == .aborted) == (summary.status == 499), story)
            #expect((summary.outcome == .failed) == (summary.error != nil && summary.outcome != .aborted), story)
            #expect(summary.isForwarded || summary.charge == nil, story)
        }
    }
}
