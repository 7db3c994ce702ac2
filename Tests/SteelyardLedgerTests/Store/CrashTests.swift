import Glibc
import SeededRandom
import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

/// Processes that are killed while they append and commit.
@Suite struct CrashTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 32 << 10) }
    private static let rounds: UInt64 = 25

    /// BerriAI/litellm#35531: drained spend was lost when the commit failed. Here the process is killed at any moment,
    /// and everything that was reported as recorded is there, exactly once.
    @Test func aKilledProcessLosesNoChargeAndDoublesNone() async throws {
        let (file, witness) = (settings.file, folder.file("witness"))
        let seed = UInt64.random(in: 0 ... .max)
        print("seed \(seed)")
        for round in 0..<Self.rounds {
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [file = file as String, witness = witness as String, round = round as UInt64, seed = seed as UInt64] in
                try Victim(file: file, witness: witness, round: round, seed: seed).run()
            }
        }
        let accounts = Witness.read(witness)
        #expect(accounts.opened.count > Int(Self.rounds), "the victims got nothing done")
        let (ledger, _) = try Ledgers.open(settings)
        let entries = try ledger.read().recent(limit: .max)
        try compare(entries, accounts)
        #expect(try ledger.read().verify() == [])
        #expect(try Ledgers.total(ledger).requests == Int64(entries.count))
        #expect(ledger.standing.openCharges == 0)
        print(
            "killed \(Self.rounds) times: \(entries.count) entries, \(entries.count { $0.confidence == .interrupted }) interrupted"
        )
    }

    private func compare(_ entries: [ChargeSettlement], _ accounts: Witness) throws {
        let found = Dictionary(grouping: entries) { $0.charge.low }
        #expect(found.values.allSatisfy { $0.count == 1 }, "a charge is entered twice")
        let confidence = found.mapValues { $0[0].confidence }
        // The kill may have come between a release and its witness: such a charge may or may not be there.
        #expect(accounts.opened.allSatisfy { confidence[$0] != nil || Victim.releases($0) }, "a charge is lost")
        #expect(accounts.settled.allSatisfy { confidence[$0] == .exact }, "a settlement is lost")
        #expect(accounts.released.allSatisfy { confidence[$0] == nil }, "a released charge is charged")
        // What was being written during the kill may be recorded without a witness: one per thread and round.
        let unknown = Set(found.keys).subtracting(accounts.opened)
        #expect(unknown.count <= Victim.threads * Int(Self.rounds))
    }
}

/// What the killed process had been told is recorded, in a file of lines such as `s 4294967297`.
private struct Witness {
    var opened: Set<UInt64> = []
    var settled: Set<UInt64> = []
    var released: Set<UInt64> = []

    static func read(_ path: String) -> Witness {
        var witness = Witness()
        for line in String(decoding: File.read(path), as: UTF8.self).split(separator: "\n") {
            guard let number = UInt64(line.dropFirst(2)) else { continue }
            switch line.first {
            case "o": witness.opened.insert(number)
            case "s": witness.settled.insert(number)
            default: witness.released.insert(number)
            }
        }
        return witness
    }
}

/// The process kills itself at a random moment, on a separate thread.
private struct Victim {
    static let threads = 3
    let file: String
    let witness: Int32
    let round: UInt64
    let seed: UInt64

    init(file: String, witness: String, round: UInt64, seed: UInt64) {
        self.file = file
        self.witness = open(witness, O_WRONLY | O_APPEND | O_CREAT, 0o600)
        self.round = round
        self.seed = seed
    }

    func run() throws {
        var random = SeededRandom(seed: seed &+ round)
        let microseconds = UInt32.random(in: 500...60_000, using: &random)
        // Every fifth is killed during its start, the others under load, however slow the machine is.
        let diesStarting = round % 5 == 4
        if diesStarting { Self.end(afterMicroseconds: microseconds / 4) }
        let (ledger, _) = try Ledger.open(LedgerSettings(file: file, segmentBytes: 32 << 10), nowSeconds: Ledgers.now)
        let lanes = (0..<Self.threads).map { _ in ledger.journal.lane() }
        for thread in 0..<UInt64(Self.threads) {
            let first = round << 40 | thread << 32
            Self.detach { try? append(lanes, from: first) }
        }
        if !diesStarting { Self.end(afterMicroseconds: microseconds) }
        while true { pause() }
    }

    private static func end(afterMicroseconds microseconds: UInt32) {
        detach {
            usleep(microseconds)
            kill(getpid(), SIGKILL)
        }
    }

    static func releases(_ number: UInt64) -> Bool { number % 5 == 0 }

    /// Most charges end in the lane in which they began, but some end in another.
    private func append(_ lanes: [JournalLane], from first: UInt64) throws {
        let own = Int(first >> 32 & 0xFF)
        for number in first... {
            let charge = Charges.opening(number, hold: 1000)
            let other = lanes[number % 3 == 0 ? (own + 1) % lanes.count : own]
            _ = try lanes[own].append(.opened(charge))
            testify("o", number)
            if Self.releases(number) {
                _ = try other.append(.released(charge.charge))
                testify("r", number)
            } else if number % 7 != 0 {
                _ = try other.append(.settled(Charges.settlement(charge, cost: 10)))
                testify("s", number)
            }
        }
    }

    private func testify(_ what: String, _ number: UInt64) {
        let line = Array("\(what) \(number)\n".utf8)
        _ = write(witness, line, line.count)
    }

    private static func detach(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Body(body))
        var thread = pthread_t()
        pthread_create(
            &thread,
            nil,
            { context in
                // Never nil: it is the box below.
                Unmanaged<Body>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }
}
