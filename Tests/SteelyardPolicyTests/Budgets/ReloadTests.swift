import SteelyardPolicy
import Testing

@Suite("New rules")
struct ReloadTests {
    private static func rules(_ budgets: BudgetRule...) -> AdmissionRules {
        AdmissionRules(teams: [.with("t", budgets)])
    }

    @Test("begin with what the ledger says is spent within the window of now")
    func seeded() {
        let scene = BudgetScene(
            AdmissionRules(organization: [.of(9)], teams: [.with("t", [.of(8, .day, models: ["o*"])])]),
            spent: 5
        )
        let day = BudgetScene.noon / 86_400 * 86_400
        let month = BudgetScene.noon / (30 * 86_400) * (30 * 86_400)
        let asked = scene.asked
        #expect(asked.map(\.scope) == [.organization, .team("t")])
        #expect(asked.map(\.models) == [[], [ModelPattern("o*")]])
        #expect(asked.map(\.bounds.startSeconds) == [month, day])
        #expect([scene.money(.organization), scene.money()] == [[5, 0], [5, 0]])
    }

    @Test("keep the money of a budget whose limit changes, and hold at once")
    func changedLimit() throws {
        var scene = BudgetScene(Self.rules(.of(100)))
        try scene.spend(60)
        let held = try scene.admit(20)
        scene.install(Self.rules(.of(70)), spent: 999)
        #expect(scene.money() == [60, 20])
        #expect(scene.refusal(5)?.reason == "budget_held")
        scene.install(Self.rules(.of(1000)), spent: 999)
        #expect(scene.refusal(900) == nil)
        held.settle(cost: Picodollars(1), tokens: nil, at: .zero)
        #expect(scene.money() == [61, 0])
        #expect(scene.asked.count == 1)
    }

    @Test("a lowered limit below what is spent is no overshoot")
    func loweredLimit() throws {
        var scene = BudgetScene(Self.rules(.of(100)))
        let held = try scene.admit(50)
        try scene.spend(50)
        scene.install(Self.rules(.of(10)))
        held.settle(cost: Picodollars(40), tokens: nil, at: .zero)
        #expect(scene.standing()?.overshoot == MoneySum(0))
    }

    @Test("a new budget counts requests under way: the ledger does not know them")
    func adopted() throws {
        var scene = BudgetScene(Self.rules(.of(100)))
        let held = try scene.admit(30, model: "o3")
        let other = try scene.admit(40, model: "m")
        scene.install(Self.rules(.of(100), .of(50, .day, models: ["o*"])), spent: 10)
        #expect(scene.standings(.day) == [10, 30])
        held.settle(cost: Picodollars(25), tokens: nil, at: .zero)
        #expect(scene.standings(.day) == [35, 0])
        #expect(scene.standings(.month) == [25, 40])
        other.release(at: .zero)
    }

    @Test("a budget that is taken out refuses nothing more, and ends with its last request")
    func retired() throws {
        var scene = BudgetScene(Self.rules(.of(100)))
        var held = try scene.admit(100)
        scene.install(Self.rules())
        #expect(scene.standing() == nil)
        try held.grow(by: Picodollars(50))
        try scene.spend(500)
        held.settle(cost: Picodollars(150), tokens: nil, at: .zero)
        #expect(scene.counts() == [0, 0, 0])
    }

    @Test("a budget that comes back is asked for anew: it has missed what was spent meanwhile")
    func comesBack() throws {
        var scene = BudgetScene(Self.rules(.of(100)))
        try scene.spend(10)
        scene.install(Self.rules())
        try scene.spend(70)
        scene.install(Self.rules(.of(100)), spent: 80)
        #expect(scene.money() == [80, 0])
    }

    @Test("two budgets that differ only in what they allow are two")
    func twins() throws {
        var scene = BudgetScene(Self.rules(.of(10, whenSpent: .warn), .of(20)))
        try scene.spend(15)
        #expect(scene.admission.standings(wallSeconds: scene.wallSeconds).map(\.spent.amount) == [15, 15])
        #expect(scene.refusal(6)?.shortage?.rule.limit == MoneySum(20))
    }

    /// What the ledger has when a new budget asks it.
    private struct Books {
        var costs: [ChargeID: Int64] = [:]

        func sum(leavingOut counted: [ChargeID]) -> MoneySum {
            MoneySum(costs.filter { !counted.contains($0.key) }.values.reduce(0) { $0 + Int128($1) })
        }
    }

    @Test("a new budget counts each charge once, whenever the ledger learns of it")
    func everyChargeOnce() throws {
        var scene = BudgetScene(Self.rules(.of(1000)))
        var books = Books(costs: [ChargeID(high: 9, low: 9): 500])
        var early: Reservation? = try scene.admit(10)
        var late: Reservation? = try scene.admit(20)
        let under = try scene.admit(40)
        let admission = scene.admission
        admission.install(Self.rules(.of(1000), .of(1000, .day)), wallSeconds: scene.wallSeconds, recordedUntil: .min) {
            queries,
            counted in
            early.take()?.settle(cost: Picodollars(1), tokens: nil, at: .zero)
            books.costs[ChargeID(high: 0, low: 1)] = 1
            late.take()?.settle(cost: Picodollars(2), tokens: nil, at: .zero)
            return queries.map { _ in books.sum(leavingOut: counted()) }
        }
        #expect(scene.standings(.day) == [503, 40])
        under.settle(cost: Picodollars(4), tokens: nil, at: .zero)
        #expect(scene.standings(.day) == [507, 0])
        #expect(scene.standings(.month) == [7, 0])
    }

    @Test("a new budget counts what is let through while the ledger is asked, and refuses nothing yet")
    func admittedMeanwhile() throws {
        var scene = BudgetScene(AdmissionRules(organization: [], teams: [.with("t")]))
        let wanted = AdmissionRules(organization: [.of(5)], teams: [.with("t", [.of(6)])])
        let admission = scene.admission
        try admission.install(wanted, wallSeconds: scene.wallSeconds, recordedUntil: .min) { queries, counted in
            try scene.spend(7)
            #expect(counted() == [ChargeID(high: 0, low: 1)])
            #expect(scene.standing() == nil, "it is not shown before it is in force")
            return queries.map { _ in MoneySum(1) }
        }
        #expect([scene.money(.organization), scene.money()] == [[8, 0], [8, 0]])
        #expect(scene.refusal()?.reason == "team_budget")
    }

    @Test("a window that ends while the ledger is asked takes what was spent in it along")
    func windowEndsMeanwhile() throws {
        var scene = BudgetScene(Self.rules(), at: BudgetScene.noon)
        scene.admission.install(Self.rules(.of(100, .day)), wallSeconds: scene.wallSeconds, recordedUntil: .min) {
            queries,
            _ in
            scene.wallSeconds += 86_400
            #expect(throws: Never.self) { try scene.spend(3) }
            return queries.map { _ in MoneySum(50) }
        }
        #expect(scene.money() == [3, 0])
        scene.wallSeconds -= 86_400
        #expect(scene.money() == [3, 0], "the clock goes back, the window does not")
    }

    @Test("a ledger that cannot be asked leaves the old rules, and nothing of the new")
    func refusedByLedger() throws {
        struct Unreadable: Error {}
        var scene = BudgetScene(Self.rules(.of(100)))
        let held = try scene.admit(30)
        let wanted = Self.rules(.of(1), .of(2, .day))
        #expect(throws: Unreadable.self) {
            try scene.admission.install(wanted, wallSeconds: scene.wallSeconds, recordedUntil: .min) { _, _ in
                throw Unreadable()
            }
        }
        try scene.spend(60)
        #expect(scene.money() == [60, 30])
        #expect(scene.standings(.day) == [])
        held.settle(cost: Picodollars(30), tokens: nil, at: .zero)
        scene.install(Self.rules(.of(100), .of(200, .day)), spent: 90)
        #expect(scene.standings(.day) == [90, 0])
    }

    @Test("many reloads with requests under way leave nothing behind")
    func manyReloads() throws {
        var scene = BudgetScene(Self.rules(.of(1_000_000)))
        for round in 0..<50 {
            let held = try scene.admit(10)
            scene.install(round.isMultiple(of: 2) ? Self.rules(.of(1_000_000, .day)) : Self.rules(.of(1_000_000)))
            held.settle(cost: Picodollars(10), tokens: nil, at: .zero)
        }
        #expect(scene.money().last == 0)
        #expect(scene.counts() == [0, 0, 0])
    }

    @Test("a request under way of a team that goes is settled, and its place freed")
    func teamGoes() throws {
        var scene = BudgetScene(AdmissionRules(organization: [.of(100)], teams: [.with("t")]))
        let held = try scene.admit(30)
        scene.install(AdmissionRules(organization: [.of(100)], teams: [.with("u")]))
        held.settle(cost: Picodollars(20), tokens: nil, at: .zero)
        #expect(scene.money(.organization) == [20, 0])
        scene.install(AdmissionRules(teams: [.with("t")]))
        #expect(scene.admission.teamStandings(at: .zero).map(\.inFlight) == [0])
    }
}

extension BudgetScene {
    /// Spent and reserved of the budget with this period.
    fileprivate func standings(_ period: BudgetPeriod) -> [Int128] {
        let standing = admission.standings(wallSeconds: wallSeconds).first { $0.rule.period == period }
        return standing.map { [$0.spent.amount, $0.reserved.amount] } ?? []
    }
}
