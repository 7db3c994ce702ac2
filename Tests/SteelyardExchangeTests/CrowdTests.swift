import SeededRandom
import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("However requests that share a budget end,")
struct CrowdTests {
    /// One of them; a class, because no collection of this language version can hold noncopyable values.
    private final class Guest {
        var chaos: Chaos

        init(seed: UInt64, rules: Rules, id: UInt64) { chaos = Chaos(seed: seed, rules: rules, id: id) }
    }

    /// A random world of one provider and one budget.
    private static func rules(_ random: inout SeededRandom) -> Rules {
        let team = World.team("search", keys: ["AAAAAAAA"], limitMillidollars: random.pick([100, 300, 10_000])) {
            $0.outgrownHold = random.pick([.finish, .cut])
            $0.reserve = random.pick([.learned, .learned, .worstCase])
            $0.unmetered = random.pick([.refuse, .allow])
            $0.unpriced = .allow
            $0.limits.concurrentRequests = random.pick([nil, 2])
        }
        return World.rules(
            World.provider(plain: random.pick([.cancel, .drain]), apiKey: .unneeded),
            jobs: OpenJobs(limit: random.pick([0, 1, 100])),
            teams: [team],
            defaultTeam: "search",
            unrecorded: random.pick([.refuseBudgeted, .allow])
        )
    }

    @Test("each opening ends exactly once, nothing stays reserved, and the spending equals the record")
    func accounts() {
        let first = UInt64.random(in: 0..<1 << 40)
        print("seeds from \(first)")
        var openings = 0
        for seed in first..<first + 1000 {
            var random = SeededRandom(seed: seed)
            let rules = Self.rules(&random)
            let guests = (0..<4).map { Guest(seed: seed &* 31 &+ $0, rules: rules, id: seed << 8 | $0) }
            for _ in 0..<Int(random.next() % 240) { random.pick(guests).chaos.stepInOrder() }
            Self.expectWithinLimit(rules, "seed \(seed)")
            for guest in guests { guest.chaos.conclude() }
            for _ in 0..<20 { random.pick(guests).chaos.step() }
            openings += Self.expectBalanced(rules, guests, seed)
        }
        #expect(openings > 500, "the lots are not drawn so that little happens")
    }

    /// Unless a growth was refused, spending plus reservations do not exceed the limit.
    private static func expectWithinLimit(_ rules: Rules, _ story: Comment) {
        for standing in rules.admission.standings(wallSeconds: Walk.wallSeconds) {
            #expect(standing.reserved.amount >= 0, story)
            let used = standing.reserved.amount + standing.spent.amount
            #expect(used <= standing.rule.limit.amount + standing.overshoot.amount, story)
        }
    }

    /// - Returns: how many charges were opened.
    private static func expectBalanced(_ rules: Rules, _ guests: [Guest], _ seed: UInt64) -> Int {
        let story: Comment =
            "seed \(seed): \(guests.map { $0.chaos.trace.joined(separator: " | ") }.joined(separator: "\n"))"
        let records = guests.flatMap { $0.chaos.records }
        let opened = guests.flatMap { $0.chaos.opened.map(\.charge) }
        let closed = records.compactMap(\.closes)
        #expect(Set(opened).count == opened.count, story)
        #expect(Set(closed).count == closed.count, story)
        let waiting = rules.jobs.takeExpired(openedBefore: .max)
        #expect(Set(closed).union(waiting.map(\.opening.charge)) == Set(opened), story)
        #expect(closed.count + waiting.count == opened.count, story)
        #expect(World.counts(rules) == [0, waiting.count, 0], story)
        expectMoney(rules, records, waiting, story)
        return opened.count
    }

    private static func expectMoney(
        _ rules: Rules,
        _ records: [ChargeRecord],
        _ waiting: [OpenJob],
        _ story: Comment
    ) {
        var held = MoneySum()
        for job in waiting { held += job.opening.hold }
        var spent = MoneySum()
        for case .settled(let settlement) in records { spent += settlement.cost }
        let standing = rules.admission.standings(wallSeconds: Walk.wallSeconds).first
        #expect(standing?.spent == spent, story)
        #expect((standing?.reserved.amount ?? -1) >= held.amount, story)
        for job in waiting {
            rules.admission.settleDeferred(job.opening, cost: .zero, tokens: nil, at: .zero)
        }
        #expect(rules.admission.standings(wallSeconds: Walk.wallSeconds).first?.reserved == MoneySum(), story)
        #expect(World.counts(rules) == [0, 0, 0], story)
    }
}
