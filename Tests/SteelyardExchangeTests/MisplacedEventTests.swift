import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("An event that cannot happen now")
struct MisplacedEventTests {
    private static let path = "/team/search/v1/chat/completions"

    private static func rules() -> Rules { World.rules(teams: [World.team(limitMillidollars: 1000)]) }

    /// Phases, and how one gets there.
    enum Place: String, CaseIterable, Sendable {
        case received, gathering, peeking, opening, asked, keepingBack, answering, over
    }

    /// Events that only one or two phases allow.
    enum Event: String, CaseIterable, Sendable {
        case head, body, piece, bodyEnd, recorded, answerHead, answerPiece, undecodable, end
    }

    private static func walk(_ place: Place, _ rules: Rules) -> Walk {
        var walk = Walk(rules)
        walk.exchange.assertsPlaces = false
        walk.journal = place == .opening ? nil : true
        switch place {
        case .received: break
        case .gathering: walk.head("POST", path, length: 100)
        case .peeking:
            walk.upload("/team/search/v1/audio/transcriptions", ["--b"], isChunked: true, ends: false)
        case .opening, .asked: walk.post(path, Fixture.chat)
        case .keepingBack:
            walk.post(path, Fixture.streamedChat)
            walk.departs()
            walk.answers(400)
        case .answering, .over:
            walk.post(path, Fixture.chat)
            walk.departs()
            walk.answers(200)
        }
        if place == .over { walk.ends() }
        return walk
    }

    private static func isAllowed(_ event: Event, in place: Place) -> Bool {
        switch event {
        case .head: place == .received
        case .body: place == .gathering
        case .piece, .bodyEnd: place == .peeking
        case .recorded: place == .opening
        case .answerHead: place == .asked
        case .answerPiece, .undecodable: place == .keepingBack || place == .answering
        case .end: place == .asked || place == .keepingBack || place == .answering
        }
    }

    private static func happen(_ event: Event, _ walk: inout Walk) {
        var effects = ExchangeEffects()
        let (now, bytes) = (walk.now, Array("x".utf8))
        switch event {
        case .head: walk.head("GET", "/v1/models")
        case .body: walk.exchange.receivedBody(bytes.span, at: now, into: &effects)
        case .piece: walk.exchange.receivedPiece(ofBody: bytes.span, at: now, into: &effects)
        case .bodyEnd: walk.exchange.receivedBodyEnd(at: now, into: &effects)
        case .recorded: walk.exchange.recorded(true, at: now, into: &effects)
        case .answerHead:
            let head = AnswerHead(status: 200, reason: [], fields: HeaderFields(), framing: .chunked)
            walk.exchange.receivedAnswerHead(head, firstByteAt: now, at: now, into: &effects)
        case .answerPiece: walk.exchange.receivedAnswerPiece(bytes.span, decoded: nil, at: now, into: &effects)
        case .undecodable: walk.exchange.failedToDecode(at: now, into: &effects)
        case .end:
            let end = TransferEnd(failure: nil, reachedProvider: true, detail: "")
            walk.exchange.transferEnded(end, at: now, into: &effects)
        }
        walk.perform(effects)
    }

    @Test("ends the exchange as an internal error, and its charge is closed", arguments: Place.allCases, Event.allCases)
    func honest(place: Place, event: Event) {
        guard place != .over, !Self.isAllowed(event, in: place) else { return }
        let rules = Self.rules()
        var walk = Self.walk(place, rules)
        Self.happen(event, &walk)
        let isOver = walk.exchange.isOver
        #expect(isOver)
        #expect(walk.lines.last == (place == .answering ? "break off" : "refuse 500 internal_error"))
        #expect(walk.lines.contains("stop") == [.asked, .keepingBack, .answering].contains(place))
        #expect(walk.summary?.error == .gatewayInternal)
        #expect(walk.summary?.status == (place == .answering ? 200 : 500))
        #expect(World.counts(rules) == [0, 0, 0])
    }

    @Test("does nothing once the exchange is over", arguments: Event.allCases)
    func after(event: Event) {
        var walk = Self.walk(.over, Self.rules())
        let lines = walk.lines
        Self.happen(event, &walk)
        #expect(walk.lines == lines)
    }

    @Test("does not make the provider's work free")
    func charged() {
        let rules = Self.rules()
        var walk = Self.walk(.asked, rules)
        walk.departs()
        Self.happen(.answerPiece, &walk)
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect((walk.summary?.charge?.weight.cost ?? .zero) > .zero)
    }

    #if DEBUG
    @Test("stops a debug build")
    func asserted() async {
        await #expect(processExitsWith: .failure) {
            var walk = Walk()
            walk.piece("x")
        }
    }
    #endif

    /// What may happen at any time, because nobody can know yet that the exchange is elsewhere.
    @Test("is none of those that come from outside at any time", arguments: Place.allCases)
    func outside(place: Place) {
        var walk = Self.walk(place, Self.rules())
        walk.exchange.assertsPlaces = true
        walk.exchange.clientTookBytes(at: walk.now)
        walk.timePasses(seconds: 1)
        walk.clientLeaves()
        walk.clientLeaves()
        walk.requestFails(.bodyTimeout)
        walk.requestFails(.bodyTimeout)
        walk.records(true)
        let isOver = walk.exchange.isOver
        #expect(isOver)
        #expect(walk.summary != nil)
    }
}
