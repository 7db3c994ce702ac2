import SeededRandom
import SteelyardPolicy
import SteelyardWire

@testable import SteelyardExchange

/// A caller that feeds an exchange any inputs in any order and keeps the accounts: the exchange must keep its promises
/// under all of them.
struct Chaos: ~Copyable {
    private static let pieces = [
        Fixture.chunk("12345678"), Fixture.chunk("x", usage: Fixture.usage(10, 5)), Fixture.finishChunk,
        Fixture.usageChunk(10, 5), Fixture.done, Fixture.answer(prompt: 10, completion: 5),
        Fixture.response(status: "queued"), Fixture.response(status: "in_progress"),
        Fixture.response(status: "completed", usage: Fixture.usage(10, 5)), "{", "}", "data: ", "\n\n", "",
        #"{"error":{"message":"stream_options is unknown"},"usage":{"prompt_tokens":1}}"#,
        "data: {\"error\":{\"message\":\"m\"}}\n\n", Fixture.chunk(String(repeating: "x", count: 40_000)),
        Fixture.response(status: "failed"), String(repeating: " ", count: 70_000),
    ]
    private static let bodies = [
        Fixture.chat, Fixture.streamedChat, #"{"model":"gpt-4.1","background":true}"#, #"{"model":"a","model":"b"}"#,
        "",
    ]
    private static let formPieces = [
        Fixture.field("model", "gpt-4o-transcribe"), Fixture.field("model", "whisper-1"), Fixture.field("n", "3"),
        Fixture.file(3), Fixture.file(70_000), Fixture.formEnd, "--b", "", "\r\n",
    ]
    private static let targets = [
        ("POST", "/v1/chat/completions"), ("POST", "/v1/responses"), ("POST", "/v1/files"),
        ("GET", "/v1/responses/resp_1"), ("POST", "/v1/responses"), ("POST", "/v1/chat/completions"),
        ("POST", "/v1/responses/resp_1/cancel"), ("POST", "/v1/unheard/of"), ("GET", "/elsewhere"),
        ("POST", "/v1/audio/transcriptions"), ("POST", "/v1/images/edits"),
    ]
    private static let freeEndpoints = ["/v1/files", "/v1/responses/{id}/cancel"]
    private static let keys = ["sk-1", World.key("AAAAAAAA"), World.key("ZZZZZZZZ")]

    var exchange: Exchange
    var random: SeededRandom
    /// The charges that were opened; each appears as often as it was opened.
    private(set) var opened: [ChargeOpening] = []
    /// What was recorded, in order.
    private(set) var records: [ChargeRecord] = []
    private(set) var trace: [String] = []
    private(set) var summaries: [ExchangeSummary] = []
    private var effects = ExchangeEffects()
    private var order = EffectOrder()
    private var now = Tick(nanoseconds: 1_000_000_000)
    private var stage = 0

    init(seed: UInt64, rules: Rules, id: UInt64? = nil) {
        random = SeededRandom(seed: seed)
        exchange = Exchange(
            rules: rules,
            id: ChargeID(high: 1, low: id ?? seed),
            receivedAt: now,
            wallSeconds: Walk.wallSeconds
        )
        exchange.assertsPlaces = false
    }

    /// How many charges were settled or released.
    var closedCount: Int { records.count { $0.closes != nil } }

    mutating func step() {
        now = now.advanced(bySeconds: Double(random.next() % 40))
        var lot = random.next() % 14
        // Few of them are misplaced: such an event ends the exchange.
        while !isPlaced(lot), random.next() % 16 > 0 { lot = random.next() % 14 }
        switch lot {
        case 0: receiveHead()
        case 1: receiveBody()
        case 2: receiveFormPiece()
        case 3: exchange.departed(at: now, startedAt: now)
        case 4: answer()
        case 5, 6, 7: receivePiece()
        case 8: clientLeaves()
        case 9: exchange.timePassed(at: now, into: &effects)
        case 10: exchange.receivedBodyEnd(at: now, into: &effects)
        case 11: exchange.recorded(random.next() % 4 > 0, at: now, into: &effects)
        case 12: fail()
        default: random.next() % 4 == 0 ? end() : exchange.clientTookBytes(at: now)
        }
        perform()
    }

    private func isPlaced(_ lot: UInt64) -> Bool {
        switch (lot, exchange.phase) {
        case (0, .received), (1, .gathering), (4, .asked), (5...7, .answering), (5...7, .keepingBack), (11, .opening):
            true
        case (2, _), (10, _): takesPieces
        case (0, _), (1, _), (4...7, _), (11, _): false
        default: lot < 13 || exchange.awaitsProvider
        }
    }

    private var takesPieces: Bool { exchange.request.inbound?.streamsBody == true && !exchange.request.isWhole }

    /// Something that happens seldom.
    private mutating func fail() {
        switch random.next() % 12 {
        case 0: exchange.requestFailed(.bodyTimeout, at: now, into: &effects)
        case 1: exchange.refusedToGather(.gatherBudgetFull, at: now, into: &effects)
        case 2 where exchange.passage.answer != nil: exchange.failedToDecode(at: now, into: &effects)
        default: break
        }
    }

    /// Three times out of four, the input that usually comes next.
    mutating func stepInOrder() {
        guard random.next() % 4 > 0 else { return step() }
        now = now.advanced(bySeconds: 1)
        switch stage {
        case 0: receiveHead()
        case 1:
            if case .gathering = exchange.phase { receiveBody() }
            perform()
            if takesPieces { receiveFormPiece() }
            perform()
            if takesPieces { exchange.receivedBodyEnd(at: now, into: &effects) }
        case 2: exchange.recorded(random.next() % 8 > 0, at: now, into: &effects)
        case 3: exchange.departed(at: now, startedAt: now)
        case 4: answer()
        case 5...7: receivePiece()
        default: end()
        }
        stage += 1
        perform()
    }

    /// Nothing more comes: the client leaves, and the process ends.
    mutating func conclude() {
        clientLeaves()
        perform()
        exchange.transferEnded(
            TransferEnd(failure: .cancelled, reachedProvider: false, detail: ""),
            at: now,
            into: &effects
        )
        order.transferEnds()
        perform()
    }

    private mutating func clientLeaves() {
        note("left")
        exchange.clientLeft(at: now, into: &effects)
    }

    /// Writes down what the exchange answers.
    private mutating func perform() {
        order.check(effects, trace.joined(separator: " | "))
        note("→ \(effects.steps.map(\.name))")
        for step in effects.steps {
            if case .record(let record, _) = step { keep(record) }
            if case .conclude(let summary) = step { summaries.append(summary) }
        }
        effects.removeAll()
    }

    private mutating func keep(_ record: ChargeRecord) {
        records.append(record)
        if case .opened(let opening) = record { opened.append(opening) }
        if case .settled(let settlement) = record { openLate(settlement.opening) }
    }

    private mutating func receiveHead() {
        let (method, path) = random.pick(Self.targets)
        let target = random.pick(["", "", "/team/search"]) + path
        let key = random.next() % 4 == 0 ? random.pick(Self.keys) : nil
        note("\(method) \(target) \(key?.prefix(5) ?? "")")
        let isForm = path.hasPrefix("/v1/audio/") || path.hasPrefix("/v1/images/")
        var fields = World.fields(
            [("host", "h")] + (isForm ? Fixture.formType : [("content-type", "application/json")])
        )
        if let key { fields.append(name: "api-key", value: key) }
        fields.append(name: "content-length", value: "64")
        let facts = try? RequestHeadCheck.facts(
            method: method,
            target: target,
            majorVersion: 1,
            minorVersion: 1,
            fields: fields
        )
        guard let facts else { return }
        let head = RequestHead(method: method, target: target, fields: fields, facts: facts)
        let keys = fields.presentedKeys.map { Credential(presented: $0.span, sha256: World.digest) }
        exchange.receivedHead(head, credentials: keys, at: now, into: &effects)
    }

    private mutating func receiveBody() {
        let body = random.pick(Self.bodies)
        note("body \(body.prefix(60))")
        exchange.receivedBody(body.utf8Span.span, at: now, into: &effects)
    }

    private mutating func receiveFormPiece() {
        let piece = random.pick(Self.formPieces)
        note("form \(piece.prefix(60))")
        exchange.receivedPiece(ofBody: piece.utf8Span.span, at: now, into: &effects)
    }

    private mutating func answer() {
        let status = random.pick([200, 200, 200, 200, 400, 401, 422, 500])
        let type = random.pick(["application/json", "text/event-stream", "audio/mpeg"])
        note("\(status) \(type)")
        let head = AnswerHead(
            status: status,
            reason: [],
            fields: World.fields([("content-type", type)]),
            framing: .chunked
        )
        exchange.receivedAnswerHead(head, firstByteAt: now, at: now, into: &effects)
    }

    private mutating func receivePiece() {
        let piece = random.pick(Self.pieces)
        note("piece \(piece.prefix(40))")
        exchange.receivedAnswerPiece(piece.utf8Span.span, decoded: nil, at: now, into: &effects)
    }

    private mutating func end() {
        let failure = random.pick(
            [nil, .noAnswer, .truncated, .cancelled, .malformed, .unreachable] as [TransferFailure?]
        )
        note("ended \(failure.map { "\($0)" } ?? "whole")")
        let end = TransferEnd(failure: failure, reachedProvider: failure != .unreachable, detail: "")
        exchange.transferEnded(end, at: now, into: &effects)
        order.transferEnds()
    }

    /// An unexpected charge is opened by its settlement: a usage from a route that should cost nothing.
    private mutating func openLate(_ opening: ChargeOpening) {
        guard Self.freeEndpoints.contains(opening.endpoint), opening.hold == .zero else { return }
        opened.append(opening)
    }

    private mutating func note(_ text: String) { trace.append(text) }
}

extension ChargeRecord {
    /// The charge that it ends; nil if it ends none.
    var closes: ChargeID? {
        switch self {
        case .opened, .grown, .deferred: nil
        case .settled(let settlement): settlement.charge
        case .released(let charge): charge
        }
    }
}
