import Glibc
import NIOCore
import NIOPosix
import ScriptedPeer
import SeededRandom
import SteelyardExchange
import SteelyardPolicy
import SteelyardSimulator
import Synchronization
import Testing

@testable import SteelyardServer

/// One client of the storm: sends something, reads some of the answer, leaves somehow.
private struct StormClient {
    var random: SeededRandom

    private static let directives = [
        "", "event-ms=1", "delay-ms=5", "first-byte-ms=3", "cut-at=200", "cut-at=200, reset", "stall-after=100",
        "reset",
        "empty", "cl-te", "headcut", "status=500", "status=429", "split=7", "gzip", "trailers", "bytes=5000",
        "refuse-stream-options", "error-midstream", "chunk-no-last", "delay-ms=100000",
    ]

    private mutating func request() -> [UInt8] {
        let simulate = Self.directives.randomElement(using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return Array((Requests.get + "x-simulate: \(simulate ?? "")\r\n\r\n").utf8)
        case 1, 2: return Array(Requests.chat(simulate: simulate).utf8)
        case 3, 4: return Array(Requests.stream(simulate: simulate).utf8)
        case 5: return Array(Requests.chat(#","stream":true"#, simulate: simulate).utf8)
        case 6: return Array(Requests.upload(announcing: 3000).utf8) + [UInt8](repeating: 97, count: 3000)
        default: return BadRequests.rows.randomElement(using: &random)?.bytes ?? []
        }
    }

    /// Also broken bytes, which must break nothing but their own connection.
    private mutating func bytes() -> [UInt8] {
        var bytes = request()
        if Bool.random(using: &random) { bytes += request() }
        guard Int.random(in: 0..<4, using: &random) == 0, !bytes.isEmpty else { return bytes }
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
        return bytes
    }

    mutating func run(port: Int) {
        let client = RawClient(port: port)
        let bytes = bytes()
        let isCut = Int.random(in: 0..<4, using: &random) == 0
        client.send(bytes.prefix(isCut ? Int.random(in: 0...bytes.count, using: &random) : bytes.count))
        switch Int.random(in: 0..<5, using: &random) {
        case 0: break
        case 1: _ = client.receive(count: 1)
        case 2: _ = client.receive(count: 300)
        case 3: _ = client.receive(through: "data: ")
        default: client.finishSending()
        }
        if Bool.random(using: &random) { client.reset() } else { client.close() }
    }
}

@Suite("Abort storm", .timeLimit(.minutes(2)))
struct AbortStormTests {
    private static let clientCount = 2000
    private static let threadCount = 40

    @Test("after 2,000 clients that break off anywhere, everything has ended once and is free")
    func storm() async throws {
        let seed = UInt64.random(in: .min ... .max)
        print("abort storm: seed \(seed)")
        var parts: [WeakReference] = []
        let opened = Openings()
        let (listenerPort, providerPort) = try await ServerFixture.with({ settings in
            settings.threads = 2
            settings.setTimeouts(firstByte: 0.3, betweenBytes: 0.1)
            settings.limits.headerTimeout = .milliseconds(50)
            settings.limits.bodyTimeout = .milliseconds(50)
            settings.limits.idleTimeout = .milliseconds(50)
            settings.linger.time = .milliseconds(50)
            settings.teams = [Self.budgetedTeam]
            settings.onOpening = opened.append
        }) { server, _ in
            try await Self.run(seed, against: server)
            try await Self.check(server, opened)
            parts = [WeakReference(server.services), WeakReference(server.recorder)]
            return (server.listener.port, server.providerPort)
        }
        // Every connection, driver and timer holds the services.
        try await eventually { parts.allSatisfy(\.isFree) }
        try await eventually {
            (Kernel.sockets(port: listenerPort) + Kernel.sockets(port: providerPort)).allSatisfy(\.isForgotten)
        }
    }

    /// Everybody's, with more than all of them can spend.
    private static var budgetedTeam: Team {
        var team = Team(name: "unassigned")
        team.budgets = [BudgetRule(limit: MoneySum(1_000_000_000_000_000), period: .month)]
        return team
    }

    private static func run(_ seed: UInt64, against server: ServerFixture) async throws {
        let done = Counter()
        let port = server.listener.port
        for thread in 0..<threadCount {
            inNewThread {
                for index in 0..<(clientCount / threadCount) {
                    var client = StormClient(random: SeededRandom(seed: seed &+ UInt64(thread << 32 | index)))
                    client.run(port: port)
                    done.add(1)
                }
            }
        }
        try await eventually { done.value == clientCount }
    }

    private static func check(_ server: ServerFixture, _ openings: Openings) async throws {
        try await eventually { server.services.exchangeCount == 0 && server.services.connectionCount == 0 }
        let summaries = server.recorder.summaries
        #expect(Set(summaries.map(\.id)).count == summaries.count, "an exchange ended twice")
        #expect(server.recorder.inFlight == 0)
        let charges = server.recorder.records.map(\.charge)
        // Only now has every request that was on its way been opened.
        let opened = openings.charges
        #expect(Set(charges).count == charges.count, "a charge was closed twice")
        #expect(Set(opened).count == opened.count, "a charge was opened twice")
        #expect(Set(charges) == Set(opened), "a charge was not closed, or never opened")
        expectNothingHeld(server.recorder.rules.admission)
        try await eventually { server.services.gatherBudget.takenBytes == 0 }
        #expect(server.answer(to: Requests.clean)?.status == 200)
        #expect(summaries.contains { $0.outcome == .ok } && summaries.contains { $0.outcome == .aborted })
    }
}

extension AbortStormTests {
    private static func expectNothingHeld(_ admission: Admission) {
        #expect(admission.counts.inFlight == 0)
        #expect(admission.counts.deferred == 0)
        #expect(admission.counts.leaks == 0)
        #expect(admission.standings(wallSeconds: 0).map(\.reserved) == [MoneySum()])
    }
}

/// The charges that went on record before their requests left.
private final class Openings: Sendable {
    private let state = Mutex<[ChargeID]>([])

    var charges: [ChargeID] { state.withLock(\.self) }

    func append(_ opening: ChargeOpening) -> Bool {
        state.withLock { $0.append(opening.charge) }
        return true
    }
}

/// Tells whether an object is gone.
struct WeakReference: Sendable {
    // Unchecked: a weak reference is read atomically, and nothing writes to it.
    private final class Box: @unchecked Sendable {
        weak var object: AnyObject?

        init(_ object: AnyObject) { self.object = object }
    }

    private let box: Box

    init(_ object: AnyObject) { box = Box(object) }

    var isFree: Bool { box.object == nil }
}
