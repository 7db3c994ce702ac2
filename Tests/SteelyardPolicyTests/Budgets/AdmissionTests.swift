import SteelyardPolicy
import Testing

@Suite("Admission")
struct AdmissionTests {
    @Test("lets through what fits, and settles it at what it cost")
    func settles() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", [.of(100)])]))
        let reservation = try scene.admit(40)
        #expect(scene.money() == [0, 40])
        reservation.settle(cost: Picodollars(25), tokens: nil, at: .zero)
        #expect(scene.money() == [25, 0])
    }

    @Test("gives back all that a released request held")
    func releases() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", [.of(100)])]))
        try scene.admit(100).release(at: .zero)
        #expect(scene.money() == [0, 0])
        #expect(scene.counts() == [0, 0, 0])
    }

    @Test("tells a spent budget from one that others hold")
    func twoRefusals() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", [.of(100)])]))
        try scene.spend(50)
        let other = try scene.admit(30)
        #expect(scene.refusal(20) == nil)
        #expect(scene.refusal(21)?.reason == "budget_held")
        #expect(scene.refusal(50)?.reason == "budget_held")
        #expect(scene.refusal(51)?.reason == "team_budget")
        other.release(at: .zero)
    }

    @Test("says whose budget is short, by how much, and when it begins anew")
    func shortage() throws {
        let budget = BudgetRule.of(12_500_000_000_000, .day)
        var scene = BudgetScene(AdmissionRules(teams: [.with("search", [budget])]), spent: 12_000_000_000_000)
        let refusal = scene.refusal(700_000_000_000, team: "search")
        let shortage = try #require(refusal?.shortage)
        #expect(shortage.resetsAtSeconds == BudgetScene.noon + 43_200)
        #expect(shortage.retryAfterSeconds == 43_200)
        #expect(
            shortage.message == """
                The day budget of team search has no room for this request: 12 of 12.5 USD are spent, 0 USD are reserved \
                for other requests, and this one can cost 0.7 USD. It resets at 2026-11-22T00:00:00Z.
                """
        )
    }

    @Test("of several spent budgets, names the one that ends last: before it does, trying again is in vain")
    func lastToEnd() throws {
        let budgets = [BudgetRule.of(10, .hour), .of(10, .month), .of(10, .day)]
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", budgets)]), spent: 10)
        let refusal = scene.refusal()
        #expect(refusal?.shortage?.rule.period == .month)
    }

    @Test("takes from all windows or from none")
    func allOrNothing() throws {
        var team = Team.with("t", [.of(100)], limits: TeamLimits(requestsPerMinute: 5, tokensPerMinute: 100))
        team.keys = [TeamKey(id: "k", digest: try #require(KeyDigest([UInt8](repeating: 7, count: 32))))]
        team.keys[0].budgets = [.of(10)]
        var scene = BudgetScene(AdmissionRules(organization: [.of(1000)], teams: [team]))
        let refusal = scene.refusal(11, tokens: 50, key: "k")
        #expect(refusal?.shortage?.scope == .key(team: "t", id: "k"))
        for scope in [BudgetScope.organization, .team("t"), .key(team: "t", id: "k")] {
            #expect(scene.money(scope) == [0, 0])
        }
        let standing = scene.admission.teamStandings(at: scene.now)[0]
        #expect([standing.inFlight, Int(standing.requests?.remaining ?? 0)] == [0, 5])
        #expect(standing.tokens?.remaining == 100)
    }

    @Test("counts a key's requests in the windows of key, team and organization")
    func hierarchy() throws {
        var team = Team.with("t", [.of(100)])
        team.keys = [TeamKey(id: "k", digest: try #require(KeyDigest([UInt8](repeating: 7, count: 32))))]
        team.keys[0].budgets = [.of(100)]
        var scene = BudgetScene(AdmissionRules(organization: [.of(100)], teams: [team, .with("u")]))
        try scene.spend(1, key: "k")
        try scene.spend(2)
        try scene.spend(4, team: "u")
        #expect(scene.money(.key(team: "t", id: "k")) == [1, 0])
        #expect(scene.money(.team("t")) == [3, 0])
        #expect(scene.money(.organization) == [7, 0])
    }

    @Test("counts only the models of a budget that names some")
    func modelGroups() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", [.of(10, models: ["o*", "gpt-5*-pro"])])]))
        try scene.spend(99, model: "gpt-4.1")
        try scene.spend(4, model: "o3")
        try scene.spend(5, model: "gpt-5.2-pro")
        #expect(scene.money() == [9, 0])
        #expect(scene.refusal(2, model: "o4-mini")?.shortage?.rule.windowText == "month of models o*, gpt-5*-pro")
    }

    @Test("a budget that warns counts, tells, and refuses nothing")
    func warns() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", [.of(10, warnAt: [500], whenSpent: .warn)])]))
        for _ in 0..<5 { try scene.spend(4) }
        #expect(scene.money() == [20, 0])
        #expect(scene.permilles() == [500, 1000])
        #expect(scene.admission.blocks(team: "t", key: "") == false)
    }

    @Test("asks for the model where a rule or a budget depends on it")
    func modelDecides() throws {
        var keyed = Team.with("keyed")
        keyed.keys = [TeamKey(id: "k", digest: try #require(KeyDigest([UInt8](repeating: 7, count: 32))))]
        keyed.keys[0].budgets = [.of(10)]
        var (allowing, denying) = (Team.with("allowing"), Team.with("denying"))
        allowing.allowedModels = [ModelPattern("m")]
        denying.deniedModels = [ModelPattern("m")]
        let teams = [
            .with("free"), .with("warned", [.of(10, whenSpent: .warn)]), .with("blocked", [.of(10)]),
            .with("grouped", [.of(10, models: ["o*"], whenSpent: .warn)]), keyed, allowing, denying,
        ]
        let scene = BudgetScene(AdmissionRules(teams: teams))
        let asking = (teams.map(\.name) + ["unheard of"]).filter { scene.admission.modelDecides(team: $0, key: "") }
        #expect(asking == ["blocked", "grouped", "allowing", "denying", "unheard of"])
        #expect(scene.admission.modelDecides(team: "keyed", key: "k"))
        let organization = BudgetScene(AdmissionRules(organization: [.of(10)], teams: [.with("free")]))
        #expect(organization.admission.modelDecides(team: "free", key: ""))
    }

    @Test("tells each threshold once in a window, and none that was crossed before the start")
    func thresholds() throws {
        let rules = AdmissionRules(teams: [.with("t", [.of(100, .day, warnAt: [200, 700, 900])])])
        var scene = BudgetScene(rules, spent: 20)
        try scene.spend(49)
        #expect(scene.permilles() == [])
        try scene.spend(1)
        #expect(scene.permilles() == [700])
        try scene.spend(25)
        #expect(scene.permilles() == [900])
        scene.wallSeconds += 86_400
        try scene.spend(95)
        #expect(scene.permilles() == [200, 700, 900])
    }

    @Test(
        "refuses models that are not allowed, by any of their names",
        arguments: [
            (["gpt-4.1*"], [], "gpt-4.1-mini", nil, true),
            (["gpt-4.1*"], [], "gpt-4o", nil, false),
            ([], ["o1*"], "gpt-4o", nil, true),
            ([], ["o1*"], "o1-pro", nil, false),
            ([], ["o1*"], "openai/o1", "o1", false),
            (["*"], ["o1"], "o1", nil, false),
            (["*"], [], nil, nil, false),
            ([], ["o1"], nil, nil, false),
            ([], [], nil, nil, true),
        ] as [([String], [String], String?, String?, Bool)]
    )
    func models(allowed: [String], denied: [String], model: String?, bookModel: String?, passes: Bool) {
        var team = Team.with("t")
        team.allowedModels = allowed.map { ModelPattern($0) }
        team.deniedModels = denied.map { ModelPattern($0) }
        var scene = BudgetScene(AdmissionRules(teams: [team]))
        let refusal = scene.refusal(model: model, bookModel: bookModel)
        #expect(refusal == (passes ? nil : .modelNotAllowed))
    }

    @Test("counts requests under way, and frees a place at every end")
    func concurrency() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", limits: TeamLimits(concurrentRequests: 2))]))
        let first = try scene.admit(0)
        let second = try scene.admit(0)
        #expect(scene.refusal() == .concurrencyExceeded(limit: 2))
        first.settle(cost: .zero, tokens: nil, at: .zero)
        let third = try scene.admit(0)
        #expect(scene.refusal() == .concurrencyExceeded(limit: 2))
        second.postpone()
        #expect(scene.refusal() == nil)
        third.release(at: .zero)
    }

    @Test("knows no team before it has rules, and none that has left them")
    func unknownTeams() {
        let admission = Admission(calendar: utcWindows)
        #expect(admission.counts.inFlight == 0)
        var scene = BudgetScene(AdmissionRules(teams: [.with("t")], defaultTeam: "unassigned"))
        #expect(scene.refusal(team: "unassigned") == nil)
        #expect(scene.refusal(team: "stranger") == .teamUnknown)
        scene.install(AdmissionRules(teams: [.with("u")]))
        #expect(scene.refusal() == .teamUnknown)
    }

    @Test("a last request that fits exactly passes, and then nothing does")
    func exactFit() throws {
        var scene = BudgetScene(AdmissionRules(teams: [.with("t", [.of(10)])]))
        try scene.spend(10)
        #expect(scene.refusal(1)?.reason == "team_budget")
        #expect(scene.refusal(0)?.reason == "team_budget")
    }
}

extension BudgetScene {
    /// The thresholds told since the last call.
    fileprivate func permilles() -> [Int] {
        admission.takeEvents().compactMap { if case .reached(let threshold) = $0 { threshold.permille } else { nil } }
    }
}
