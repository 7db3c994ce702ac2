import SteelyardPolicy
import Testing

/// What went wrong with the budgets of other gateways, each with the issue in which users reported it.
@Suite("Budgets of other gateways")
struct FieldLessonsTests {
    private static let dollar: Int64 = 1_000_000_000_000

    private static func scene(_ limit: Int64, _ period: BudgetPeriod = .month, change: (inout Team) -> Void = { _ in })
        -> BudgetScene
    {
        BudgetScene(AdmissionRules(teams: [.with("t", [.of(Int128(limit), period)], change: change)]))
    }

    @Test("four of five concurrent requests pass a cap for three (LiteLLM PR 40002, #26672, #34732)")
    func checkThenAct() throws {
        var scene = Self.scene(Self.dollar * 45 / 100)
        let cost = Self.dollar * 15 / 100
        let first = try scene.admit(cost)
        let second = try scene.admit(cost)
        let third = try scene.admit(cost)
        #expect(scene.refusal(cost)?.reason == "budget_held")
        #expect(scene.refusal(cost)?.reason == "budget_held")
        first.settle(cost: Picodollars(cost), tokens: nil, at: .zero)
        second.settle(cost: Picodollars(cost), tokens: nil, at: .zero)
        third.settle(cost: Picodollars(cost), tokens: nil, at: .zero)
        #expect(scene.refusal(cost)?.reason == "team_budget")
        #expect(scene.standing()?.overshoot == MoneySum(0))
    }

    @Test("reservations that are not given back refuse requests though little was spent (LiteLLM #27639, otari #128)")
    func leakedReservations() throws {
        var scene = Self.scene(Self.dollar + 1000)
        for attempt in 0..<1000 {
            let reservation = try scene.admit(Self.dollar)
            switch attempt % 3 {
            case 0: reservation.release(at: .zero)
            case 1: reservation.settle(cost: Picodollars(1), tokens: nil, at: .zero)
            default: _ = consume reservation
            }
        }
        #expect(scene.money() == [333, 0])
        #expect(scene.admission.counts.leaks == 333)
    }

    @Test("a $2,000 cap is pinned at a spend of $0.144: the whole context was reserved (LiteLLM PR 27509)")
    func overReservation() throws {
        let book = try PriceBook.builtIn()
        let quantiles = UsageQuantiles()
        for _ in 0..<100 { quantiles.learn(model: "gpt-5.2-pro", team: "t", inputTokens: 900, outputTokens: 400) }
        var scene = Self.scene(20 * Self.dollar)
        var underWay = 0
        func hold(_ reserve: ReservePolicy) -> HoldEstimate {
            HoldEstimate(
                PlannedWork(textBytes: 2000),
                model: "gpt-5.2-pro",
                label: "gpt-5.2-pro",
                team: "t",
                reserve: reserve,
                prices: book,
                quantiles: quantiles,
                at: scene.wallSeconds,
                region: nil
            )
        }
        #expect(hold(.worstCase).hold.amount > 20 * Self.dollar)
        let learned = hold(.learned).hold.amount
        for _ in 0..<100 where scene.refusal(learned) == nil {
            try scene.admit(learned).postpone()
            underWay += 1
        }
        #expect(underWay == 100)
    }

    @Test("no estimate means no reservation, and the request passes (LiteLLM #35524)")
    func noEstimate() {
        var scene = Self.scene(Self.dollar)
        #expect(scene.refusal(price: .unpriced) == .notPriced)
        #expect(scene.refusal(price: .unmetered) == .notMetered)
    }

    @Test("what cannot be counted passes where the team says so, but not a spent budget")
    func allowedUncounted() throws {
        var scene = Self.scene(100) { team in
            team.unpriced = .allow
            team.unmetered = .allow
        }
        #expect(scene.refusal(0, price: .unpriced) == nil)
        #expect(scene.refusal(0, price: .unmetered) == nil)
        try scene.spend(100)
        #expect(scene.refusal(0, price: .unpriced)?.reason == "team_budget")
        #expect(scene.refusal(0, price: .unmetered)?.reason == "team_budget")
    }

    @Test("what cannot be counted passes where no budget blocks")
    func nothingBlocks() {
        var scene = BudgetScene(
            AdmissionRules(teams: [.with("t", [.of(0, whenSpent: .warn), .of(0, models: ["o*"])])])
        )
        #expect(scene.refusal(0, price: .unpriced) == nil)
        #expect(scene.refusal(0, model: "o3", price: .unpriced) == .notPriced)
        #expect(scene.refusal(0, model: nil, price: .unmetered) == .notMetered)
    }

    @Test("a failed look-up lets the request through (LiteLLM #33923)")
    func failedLookUp() {
        var scene = Self.scene(0)
        #expect(scene.refusal(team: "nobody") == .teamUnknown)
        #expect(scene.admission.blocks(team: "nobody", key: ""))
    }

    @Test("pass-through paths bypass the budget (Bifrost #2873)")
    func passThrough() {
        var scene = Self.scene(0)
        #expect(scene.refusal(0, model: nil, price: .unmetered) == .notMetered)
    }

    @Test("a key without a budget of its own skips its team's (LiteLLM #11083)")
    func skippedCheck() throws {
        var scene = Self.scene(100)
        try scene.spend(100, key: "k")
        #expect(scene.refusal(key: "k")?.shortage?.scope == .team("t"))
        #expect(scene.refusal(key: "other")?.shortage?.scope == .team("t"))
    }

    @Test("free models are refused by a spent budget (LiteLLM #14004, #29912)")
    func freeModels() throws {
        var scene = Self.scene(100)
        try scene.spend(100)
        #expect(scene.refusal(0, price: .free) == nil)
        try scene.admit(0, price: .free).settle(cost: Picodollars(7), tokens: nil, at: .zero)
        #expect(scene.money() == [107, 0])
    }

    @Test("windows begin with the first use, not with the calendar's (LiteLLM #10288, #4196)")
    func firstUse() throws {
        var scene = Self.scene(100, .day)
        scene.wallSeconds = BudgetScene.noon + 43_199
        try scene.spend(100)
        #expect(scene.refusal()?.shortage?.retryAfterSeconds == 1)
        scene.wallSeconds += 1
        try scene.spend(100)
    }

    @Test("a budget is given back late, or never, or twice (LiteLLM #8364, #16057, #34270)")
    func resets() throws {
        var scene = Self.scene(100, .day)
        for _ in 0..<30 {
            try scene.spend(100)
            #expect(scene.refusal()?.reason == "team_budget")
            scene.wallSeconds += 86_400
        }
    }

    @Test("money comes back gradually within a window, as rates do (wso2 api-platform #2936)")
    func refill() throws {
        var scene = Self.scene(100, .month)
        try scene.spend(100)
        scene.now.nanoseconds += 3_600_000_000_000
        scene.wallSeconds += 3600
        #expect(scene.refusal()?.reason == "team_budget")
    }

    @Test("a charge is deducted beside its hold, twice in all (Higress #1080)")
    func deductedTwice() throws {
        var scene = Self.scene(100)
        let reservation = try scene.admit(40)
        let opening = ChargeOpening(
            charge: ChargeID(high: 0, low: 1),
            team: "t",
            model: "m",
            endpoint: "/v1/responses",
            provider: "openai",
            hold: reservation.hold,
            openedAtSeconds: reservation.admittedAtSeconds
        )
        reservation.postpone()
        #expect(scene.money() == [0, 40])
        scene.admission.settleDeferred(opening, cost: Picodollars(30), tokens: nil, at: .zero)
        #expect(scene.money() == [30, 0])
        #expect(scene.admission.counts.deferred == 0)
    }

    @Test("a reaction for 99 % of $15 sets in at $0.40 (Bifrost #5770)")
    func thresholdTooEarly() throws {
        let rules = AdmissionRules(teams: [.with("t", [.of(Int128(15 * Self.dollar), warnAt: [990])])])
        var scene = BudgetScene(rules)
        try scene.spend(Self.dollar * 1484 / 100)
        #expect(scene.admission.takeEvents() == [])
        try scene.spend(Self.dollar / 100)
        #expect(scene.admission.takeEvents().count == 1)
    }

    @Test("a wrong price locks a team until a row is deleted by hand (LiteLLM #20615)")
    func lockedByMistake() throws {
        var scene = Self.scene(100)
        try scene.admit(1).settle(cost: Picodollars(1_000_000), tokens: nil, at: .zero)
        #expect(scene.refusal()?.reason == "team_budget")
        scene.install(AdmissionRules(teams: [.with("t", [.of(2_000_000)])]))
        #expect(scene.refusal() == nil)
    }

    @Test("what several owners count apart spends the limit several times (Bifrost #3547)")
    func oneOwner() throws {
        let rules = AdmissionRules(organization: [.of(100)], teams: [.with("t"), .with("u")])
        var scene = BudgetScene(rules)
        try scene.spend(60)
        #expect(scene.refusal(41, team: "u")?.shortage?.scope == .organization)
    }
}
