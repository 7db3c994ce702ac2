import Dispatch
import SeededRandom
import SteelyardPolicy
import Synchronization
import Testing

/// A thousand requests at once against money for a hundred: settled and held together never exceed the limit, and the
/// money is there for later requests.
@Suite("A race for the last dollar")
struct BudgetRaceTests {
    private static let cost: Int64 = 1_000_003
    private static let limit = Int128(cost) * 100
    private static let requests = 1000
    private static let threads = 8

    @Test("with holds for the worst case, every sample is within the limit and nothing goes over it")
    func worstCase() {
        var random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<200 {
            let race = Race(hold: Self.cost + Int64.random(in: 0...Self.cost / 50, using: &random), limit: Self.limit)
            race.run(requests: Self.requests, threads: Self.threads)
            race.expectRest()
            #expect(race.worst <= Self.limit)
            #expect((95...100).contains(race.servedAfterAll()))
            #expect(race.overshoot == 0)
        }
    }

    @Test("with learned holds, what goes over is within what was exposed")
    func learned() {
        var random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<200 {
            let race = Race(hold: Self.cost * Int64.random(in: 90...99, using: &random) / 100, limit: Self.limit)
            race.run(requests: Self.requests, threads: Self.threads)
            race.expectRest()
            let bound = Int128(Self.threads * Race.underWayPerThread) * Int128(Self.cost - race.hold)
            #expect(race.worst <= Self.limit + bound)
            #expect((95...101).contains(race.servedAfterAll()))
            #expect(race.overshoot <= bound)
        }
    }
}

/// One race: requests that cost ``cost`` each, of which a tenth are aborted before they cost anything.
private final class Race: Sendable {
    /// Requests that each thread has under way at once.
    static let underWayPerThread = 16
    static let cost: Int64 = 1_000_003

    let hold: Int64
    private let limit: Int128
    private let admission = Admission(calendar: utcWindows)
    private let served = Atomic(0)
    private let isOver = Atomic(false)
    private let samples = Mutex<(count: Int, worst: Int128)>((0, 0))

    init(hold: Int64, limit: Int128) {
        (self.hold, self.limit) = (hold, limit)
        let rules = AdmissionRules(organization: [.of(limit * 2)], teams: [.with("t", [.of(limit), .of(limit, .day)])])
        admission.install(rules, wallSeconds: BudgetScene.noon, recordedUntil: .min) { (queries, _) in
            queries.map { _ in MoneySum() }
        }
    }

    /// The most that was reserved or spent at any sample.
    var worst: Int128 { samples.withLock(\.worst) }

    var overshoot: Int128 { standings.map(\.overshoot.amount).max() ?? 0 }

    /// All requests at once, on some threads, with one more that watches.
    func run(requests: Int, threads: Int) {
        let running = Atomic(threads)
        DispatchQueue.concurrentPerform(iterations: threads + 1) { thread in
            guard thread < threads else {
                while running.load(ordering: .acquiring) > 0 { sample() }
                return
            }
            runThread(requests / threads, first: UInt64(thread * requests))
            running.subtract(1, ordering: .releasing)
        }
        sample()
    }

    /// Admits requests, keeps some in progress, and ends the oldest.
    private func runThread(_ count: Int, first: UInt64) {
        var lane = Lane()
        for number in 0..<count {
            if let reservation = admit(first + UInt64(number)) { lane.insert(reservation, at: number) { end($0, $1) } }
            if number.isMultiple(of: 64) { sample() }
        }
        lane.endAll { end($0, $1) }
    }

    private func admit(_ number: UInt64) -> Reservation? {
        let request = AdmissionRequest(
            charge: ChargeID(high: 1, low: number),
            team: "t",
            model: "m",
            estimate: HoldEstimate(price: .priced, hold: Picodollars(hold), ceiling: Picodollars(max(hold, Self.cost))),
            now: Tick(nanoseconds: number),
            wallSeconds: BudgetScene.noon
        )
        do throws(Rejection) { return try admission.admit(request) } catch { return nil }
    }

    private func end(_ reservation: consuming Reservation, _ number: Int) {
        guard !number.isMultiple(of: 10) else { return reservation.release(at: .zero) }
        served.add(1, ordering: .relaxed)
        reservation.settle(cost: Picodollars(Self.cost), tokens: nil, at: .zero)
    }

    private func sample() {
        let taken = standings.filter { $0.scope == .team("t") }.map { $0.spent.amount + $0.reserved.amount }.max() ?? 0
        samples.withLock { $0 = ($0.count + 1, max($0.worst, taken)) }
    }

    private var standings: [BudgetStanding] { admission.standings(wallSeconds: BudgetScene.noon) }

    /// When nothing is in progress, nothing is held, and no request was forgotten.
    func expectRest() {
        #expect(standings.allSatisfy { $0.reserved == MoneySum() && $0.exposure == MoneySum() })
        #expect([admission.counts.inFlight, admission.counts.leaks] == [0, 0])
        let spent = Int128(served.load(ordering: .relaxed)) * Int128(Self.cost)
        #expect(standings.allSatisfy { $0.spent.amount == spent })
    }

    /// How many were served after later requests, one by one, used the rest.
    func servedAfterAll() -> Int {
        var number = 1
        while let reservation = admit(UInt64(1_000_000 + number)) {
            end(reservation, 1)
            number += 1
        }
        return served.load(ordering: .relaxed)
    }
}

/// The requests that one thread has under way.
private struct Lane: ~Copyable {
    private var slots = InlineArray<16, Reservation?> { _ in .none }
    private var next = 0

    /// Stores a reservation and ends the one that was in its place.
    mutating func insert(
        _ reservation: consuming Reservation,
        at number: Int,
        end: (consuming Reservation, Int) -> Void
    ) {
        if let oldest = slots[next].take() { end(oldest, number) }
        slots[next] = .some(reservation)
        next = (next + 1) % slots.count
    }

    mutating func endAll(_ end: (consuming Reservation, Int) -> Void) {
        for slot in slots.indices {
            if let reservation = slots[slot].take() { end(reservation, slot) }
        }
    }
}
