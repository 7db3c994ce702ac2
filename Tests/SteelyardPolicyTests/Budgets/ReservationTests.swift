import SteelyardPolicy
import Testing

@Suite("Reservations")
struct ReservationTests {
    private static func scene(_ limit: Int128 = 100, _ period: BudgetPeriod = .month) -> BudgetScene {
        BudgetScene(AdmissionRules(teams: [.with("t", [.of(limit, period)])]))
    }

    @Test("one that is dropped gives back its hold and is counted as a leak")
    func leaks() throws {
        var scene = Self.scene()
        do { _ = try scene.admit(40) }
        #expect(scene.money() == [0, 0])
        #expect(scene.counts() == [0, 0, 1])
        #expect(scene.admission.takeEvents() == [.leaked(team: "t", hold: Picodollars(40))])
    }

    @Test("ended ones are no leaks")
    func noLeaks() throws {
        var scene = Self.scene()
        try scene.spend(1)
        try scene.admit(1).release(at: .zero)
        try scene.admit(1).postpone()
        #expect(scene.counts() == [0, 1, 0])
    }

    @Test("grow in every window or in none")
    func grows() throws {
        var scene = BudgetScene(AdmissionRules(organization: [.of(50)], teams: [.with("t", [.of(100)])]))
        var reservation = try scene.admit(30)
        try reservation.grow(by: Picodollars(20))
        #expect([scene.money(), scene.money(.organization)] == [[0, 50], [0, 50]])
        #expect(throws: BudgetShortage.self) { try reservation.grow(by: Picodollars(1)) }
        #expect([scene.money(), scene.money(.organization)] == [[0, 50], [0, 50]])
        #expect(reservation.hold == Picodollars(50))
        reservation.settle(cost: Picodollars(45), tokens: nil, at: .zero)
        #expect([scene.money(), scene.money(.organization)] == [[45, 0], [45, 0]])
    }

    @Test("that cannot grow say whether others are in the way, and count themselves once")
    func cannotGrow() throws {
        var scene = Self.scene()
        try scene.spend(10)
        var reservation = try scene.admit(20)
        let other = try scene.admit(30)
        for (whole, reason) in [(90, "budget_held"), (91, "team_budget")] as [(Int64, String)] {
            do throws(BudgetShortage) {
                try reservation.grow(by: Picodollars(whole - 20))
                Issue.record("\(whole) must not fit")
            } catch {
                let rejection = error.rejection(ofWhole: Picodollars(whole), held: reservation.hold)
                #expect(rejection.reason == reason)
                #expect(rejection.shortage?.reserved == MoneySum(30))
                #expect(rejection.shortage?.hold == Picodollars(whole))
            }
        }
        other.release(at: .zero)
        reservation.release(at: .zero)
    }

    @Test("take what is left in the fullest window, if that is enough, or nothing")
    func growsToTheLimit() throws {
        var scene = BudgetScene(AdmissionRules(organization: [.of(50)], teams: [.with("t", [.of(100)])]))
        var reservation = try scene.admit(30, ceiling: 200)
        #expect(throws: BudgetShortage.self) { try reservation.grow(by: Picodollars(60), atLeast: Picodollars(21)) }
        #expect([scene.money(), scene.money(.organization)] == [[0, 30], [0, 30]])
        let granted = try reservation.grow(by: Picodollars(60), atLeast: Picodollars(20))
        #expect(granted == Picodollars(20))
        #expect([scene.money(), scene.money(.organization)] == [[0, 50], [0, 50]])
        #expect(scene.standing()?.exposure == MoneySum(150))
        for least in [0, 1] as [Int64] {
            #expect(throws: BudgetShortage.self, "the window is full") {
                try reservation.grow(by: Picodollars(60), atLeast: Picodollars(least))
            }
        }
        reservation.settle(cost: Picodollars(50), tokens: nil, at: .zero)
        #expect([scene.money(), scene.money(.organization)] == [[50, 0], [50, 0]])
    }

    @Test("what goes over the limit is overshoot, and only that")
    func overshoot() throws {
        var scene = Self.scene()
        try scene.spend(90)
        let first = try scene.admit(5)
        let second = try scene.admit(5)
        first.settle(cost: Picodollars(7), tokens: nil, at: .zero)
        #expect(scene.standing()?.overshoot == MoneySum(2))
        second.settle(cost: Picodollars(1), tokens: nil, at: .zero)
        #expect(scene.standing()?.overshoot == MoneySum(2))
        #expect(scene.money() == [98, 0])
    }

    @Test("exposure is how far requests under way can go beyond their holds")
    func exposure() throws {
        var scene = Self.scene()
        var first = try scene.admit(10, ceiling: 60)
        let second = try scene.admit(20, ceiling: 20)
        #expect(scene.standing()?.exposure == MoneySum(50))
        try first.grow(by: Picodollars(30))
        #expect(scene.standing()?.exposure == MoneySum(20))
        #expect(throws: BudgetShortage.self) { try first.grow(by: Picodollars(50)) }
        #expect(scene.standing()?.exposure == MoneySum(50))
        first.settle(cost: Picodollars(10), tokens: nil, at: .zero)
        second.release(at: .zero)
        #expect(scene.standing()?.exposure == MoneySum(0))
    }

    @Test("a charge belongs to the window of its reservation")
    func oldWindow() throws {
        var scene = Self.scene(100, .day)
        var late = try scene.admit(60)
        scene.wallSeconds += 86_400
        #expect(scene.money() == [0, 0])
        try scene.spend(100)
        try late.grow(by: Picodollars(40))
        #expect(throws: BudgetShortage.self) { try late.grow(by: Picodollars(1)) }
        late.settle(cost: Picodollars(90), tokens: nil, at: .zero)
        #expect(scene.money() == [100, 0])
        #expect(scene.admission.takeEvents() == [])
    }

    @Test("a long answer's window lives through many later ones")
    func oldestWindow() throws {
        var scene = Self.scene(100, .hour)
        var late = try scene.admit(60)
        for _ in 0..<10 {
            scene.wallSeconds += 3600
            try scene.spend(100)
        }
        try late.grow(by: Picodollars(40))
        #expect(throws: BudgetShortage.self) { try late.grow(by: Picodollars(1)) }
        late.settle(cost: Picodollars(60), tokens: nil, at: .zero)
        #expect(scene.money() == [100, 0])
        #expect(scene.standing()?.overshoot == MoneySum(0))
    }

    @Test("a background job's hold stays until a later answer settles it, once")
    func background() throws {
        var scene = Self.scene()
        let reservation = try scene.admit(40)
        let opening = Self.opening(1, hold: 40, at: reservation.admittedAtSeconds)
        reservation.postpone()
        #expect(scene.money() == [0, 40])
        scene.admission.settleDeferred(opening, cost: Picodollars(30), tokens: nil, at: .zero)
        #expect(scene.money() == [30, 0])
    }

    @Test("a job's hold is restored after a restart, in its window as long as that lasts")
    func restored() {
        let scene = Self.scene(100, .day)
        scene.admission.restore(Self.opening(1, hold: 40, at: scene.wallSeconds - 60), wallSeconds: scene.wallSeconds)
        scene.admission.restore(
            Self.opening(2, hold: 40, at: scene.wallSeconds - 86_400),
            wallSeconds: scene.wallSeconds
        )
        #expect(scene.money() == [0, 40])
        #expect(scene.admission.counts.deferred == 2)
        for low in [1, 2] as [UInt64] {
            let opened = scene.wallSeconds - (low == 1 ? 60 : 86_400)
            let opening = Self.opening(low, hold: 40, at: opened)
            scene.admission.settleDeferred(opening, cost: Picodollars(25), tokens: nil, at: .zero)
        }
        #expect(scene.money() == [25, 0])
        #expect(scene.admission.counts.deferred == 0)
    }

    @Test("a job without a hold is charged all the same")
    func withoutHold() {
        let scene = Self.scene()
        let opening = Self.opening(9, hold: 0, at: scene.wallSeconds)
        scene.admission.settleDeferred(opening, cost: Picodollars(30), tokens: nil, at: .zero)
        #expect(scene.money() == [30, 0])
    }

    private static func opening(_ low: UInt64, hold: Int64, at seconds: Int64) -> ChargeOpening {
        ChargeOpening(
            charge: ChargeID(high: 0, low: low),
            team: "t",
            model: "m",
            endpoint: "/v1/responses",
            provider: "openai",
            hold: Picodollars(hold),
            openedAtSeconds: seconds
        )
    }
}
