import SteelyardPolicy
import Testing

/// A pattern means a model, by any of its names.
@Suite("A rule about a model")
struct ModelGroupTests {
    /// Names of one model, as requests have them and the built-in book knows them.
    static let names = ["gpt-4.1", "gpt-4.1-2025-04-14", "openai/gpt-4.1", "gpt-4.1-latest", "gpt-4.1-2026-01-31"]

    private func rules(_ budgets: [BudgetRule] = [], change: (inout Team) -> Void = { _ in }) throws -> AdmissionRules {
        AdmissionRules(teams: [.with("t", budgets, change: change)], prices: try PriceBook.builtIn())
    }

    @Test("is not left by another of its names", arguments: names, names)
    func budgets(pattern: String, asked: String) throws {
        var scene = BudgetScene(try rules([.of(100, models: [pattern])]))
        try scene.spend(60, model: asked)
        #expect(scene.money() == [60, 0])
        #expect(scene.refusal(41, model: asked)?.reason == "team_budget")
        #expect(scene.refusal(41, model: "gpt-4.1-mini") == nil, "a model of its own")
        #expect(scene.refusal(41, model: "ft:gpt-4.1:acme::x") == nil, "with prices of its own")
    }

    @Test("allows and denies it by any of its names", arguments: names, names)
    func allowAndDeny(pattern: String, asked: String) throws {
        var allowing = BudgetScene(try rules { $0.allowedModels = [ModelPattern(pattern)] })
        #expect(allowing.refusal(model: asked) == nil)
        #expect(allowing.refusal(model: "gpt-4.1-mini")?.reason == "model_not_allowed")
        var denying = BudgetScene(try rules { $0.deniedModels = [ModelPattern(pattern)] })
        #expect(denying.refusal(model: asked)?.reason == "model_not_allowed")
        #expect(denying.refusal(model: "gpt-4.1-mini") == nil)
    }

    @Test("counts a model that answered though another was asked for, once")
    func paid() throws {
        var scene = BudgetScene(try rules([.of(100, models: ["gpt-4.1"]), .of(100, .day, models: ["alias"])]))
        try scene.spend(10, model: "alias", paid: "gpt-4.1-2025-04-14")
        try scene.spend(20, model: "gpt-4.1", paid: "gpt-4.1-2025-04-14")
        try scene.spend(40, model: "other-alias", paid: "gpt-4.1-mini-2025-04-14")
        let spent = scene.admission.standings(wallSeconds: scene.wallSeconds).map(\.spent.amount)
        #expect(spent == [30, 10])
    }

    @Test("counts the model of a job that nobody waits for any more")
    func deferred() throws {
        let scene = BudgetScene(try rules([.of(100, models: ["gpt-4.1"])]))
        for (number, names) in [("gpt-4.1-latest", nil), ("alias", "gpt-4.1-2025-04-14"), ("alias", nil)].enumerated() {
            let opening = ChargeOpening(
                charge: ChargeID(high: 1, low: UInt64(number)),
                team: "t",
                model: names.0,
                endpoint: "/v1/responses",
                provider: "openai",
                openedAtSeconds: BudgetScene.noon
            )
            scene.admission.settleDeferred(opening, cost: Picodollars(10), tokens: nil, model: names.1, at: .zero)
        }
        #expect(scene.money() == [20, 0])
    }

    @Test("is about what cannot be a name as little as about any other model")
    func impossibleName() throws {
        var scene = BudgetScene(try rules([.of(100, models: ["gpt-4.1*"]), .of(100, .day, models: ["other"])]))
        try scene.spend(10, model: "gpt-4.1\u{0}")
        #expect(scene.admission.standings(wallSeconds: scene.wallSeconds).map(\.spent.amount) == [0, 10])
    }
}
