import SteelyardPolicy
import Synchronization
import Testing

/// Windows that are entered while running: each begins with what the ledger has for it.
@Suite("A window that is entered newly")
struct EnteredWindowTests {
    private static let day: Int64 = 86_400
    private static let month: Int64 = BudgetScene.noon / (30 * day) * 30 * day
    private static let noon = BudgetScene.noon

    private static func rules(_ budgets: BudgetRule...) -> AdmissionRules {
        AdmissionRules(teams: [.with("t", budgets)])
    }

    @Test("after a start under a wrong clock has what was spent before, and refuses until that is known")
    func startUnderAWrongClock() throws {
        var scene = BudgetScene(Self.rules(.of(100)), at: 0, recordedUntil: Self.noon - Self.day)
        #expect(scene.asked.map(\.bounds.startSeconds) == [0])
        scene.wallSeconds = Self.noon
        #expect(scene.refusal() == .windowNotSummed)
        #expect(scene.refusal(price: .free) == nil, "nothing to count, nothing to wait for")
        scene.passSecond(spent: 90)
        let bounds = WindowBounds(startSeconds: Self.month, endSeconds: Self.month + 30 * Self.day)
        #expect(scene.asked.last?.bounds == bounds)
        #expect(scene.money() == [90, 0])
        #expect(scene.refusal(11)?.reason == "team_budget")
        try scene.spend(10)
        #expect(scene.money() == [100, 0])
    }

    @Test("is empty when it begins after everything on record: nobody is asked, and nobody refused")
    func provablyEmpty() throws {
        var scene = BudgetScene(
            Self.rules(.of(100, .day), .of(100, .hour)),
            spent: 100,
            recordedUntil: Self.noon - 10
        )
        for _ in 0..<50 {
            scene.wallSeconds += 7 * 3600 + 1
            #expect(scene.refusal()?.reason != "ledger_unavailable")
            scene.passSecond(spent: 100)
        }
        #expect(scene.asked.count == 2, "each budget once, at the start")
        scene.wallSeconds += 300 * Self.day
        #expect(scene.refusal() == nil, "long jumps ahead as well")
        // Another team's first request comes when its clock has long been in the window.
        #expect(scene.admission.awaitsSums(wallSeconds: scene.wallSeconds) == false)
    }

    @Test("of a clock that comes back from next year has what was spent in it")
    func clockComesBack() throws {
        var scene = BudgetScene(
            Self.rules(.of(100, .day)),
            at: Self.noon + 400 * Self.day,
            recordedUntil: Self.noon - 5
        )
        try scene.spend(1)
        scene.wallSeconds = Self.noon
        #expect(scene.refusal() == .windowNotSummed)
        scene.passSecond(spent: 100)
        #expect(scene.refusal()?.reason == "team_budget")
    }

    @Test("is summed before it begins where an earlier run was ahead of time")
    func preparedAhead() throws {
        var scene = BudgetScene(Self.rules(.of(100, .day)), recordedUntil: Self.noon + Self.day)
        let tomorrow = Self.noon / Self.day * Self.day + Self.day
        scene.passSecond(spent: 70)
        #expect(scene.asked.map(\.bounds.startSeconds) == [tomorrow - Self.day, tomorrow])
        scene.passSecond(spent: 70)
        #expect(scene.asked.count == 2, "once")
        scene.wallSeconds = tomorrow
        #expect(scene.money() == [70, 0])
        #expect(scene.refusal(31)?.reason == "team_budget")
    }

    @Test("counts a charge once, whenever it is settled and whenever the ledger learns of it")
    func everyChargeOnce() throws {
        let ledger = Mutex<[UInt64: Int128]>([99: 40])
        // A budget that only warns lets requests pass while its sum is not there.
        var scene = BudgetScene(Self.rules(.of(1000, whenSpent: .warn)), at: 0, recordedUntil: Self.noon - Self.day)
        scene.wallSeconds = Self.noon
        try scene.spend(1)
        ledger.withLock { $0[1] = 1 }
        var open: Reservation? = try scene.admit(10)
        let late = try scene.admit(10)
        #expect(scene.admission.awaitsSums(wallSeconds: scene.wallSeconds))
        scene.admission.sumWindows { queries, counted in
            open.take()?.settle(cost: Picodollars(5), tokens: nil, at: .zero)
            ledger.withLock { $0[2] = 5 }
            let left = Set(counted().map(\.low))
            return queries.map { _ in
                MoneySum(ledger.withLock { $0.filter { !left.contains($0.key) }.values.reduce(0, +) })
            }
        }
        late.settle(cost: Picodollars(7), tokens: nil, at: .zero)
        #expect(scene.money() == [40 + 1 + 5 + 7, 0])
    }

    @Test("goes on refusing while the ledger cannot be asked, and forgets nothing that it counted")
    func unreadable() throws {
        struct Unreadable: Error {}
        var scene = BudgetScene(
            Self.rules(.of(100), .of(100, .day, whenSpent: .warn)),
            at: 0,
            recordedUntil: Self.noon
        )
        scene.wallSeconds = Self.noon
        #expect(throws: Unreadable.self) {
            _ = scene.admission.awaitsSums(wallSeconds: scene.wallSeconds)
            try scene.admission.sumWindows { _, _ in throw Unreadable() }
        }
        #expect(scene.refusal() == .windowNotSummed)
        scene.passSecond(spent: 30)
        #expect(scene.money() == [30, 0])
        #expect(scene.refusal() == nil)
    }

    @Test("counts a charge that an earlier run opened in it and that a later answer settles")
    func deferredInIt() throws {
        var scene = BudgetScene(Self.rules(.of(100)), at: 0, recordedUntil: Self.noon)
        let opening = ChargeOpening(
            charge: ChargeID(high: 7, low: 7),
            team: "t",
            model: "m",
            endpoint: "/v1/responses",
            provider: "openai",
            hold: Picodollars(60),
            openedAtSeconds: Self.noon - 100
        )
        scene.admission.restore(opening, wallSeconds: 0)
        #expect(scene.money() == [0, 0])
        scene.wallSeconds = Self.noon
        scene.passSecond(spent: 20)
        #expect(scene.money() == [20, 60])
        #expect(scene.refusal(21)?.reason == "budget_held")
        scene.admission.settleDeferred(opening, cost: Picodollars(30), tokens: nil, at: .zero)
        #expect(scene.money() == [50, 0])
    }

    @Test("tells no threshold that was reached before")
    func thresholds() throws {
        var scene = BudgetScene(Self.rules(.of(100, warnAt: [500, 900])), at: 0, recordedUntil: Self.noon)
        scene.wallSeconds = Self.noon
        scene.passSecond(spent: 60)
        #expect(scene.admission.takeEvents() == [])
        try scene.spend(30)
        let told = scene.admission.takeEvents().compactMap { event -> Int? in
            if case .reached(let threshold) = event { threshold.permille } else { nil }
        }
        #expect(told == [900])
    }
}
