import SteelyardConfiguration
import Testing

/// Patterns mean models, by any of the names that the price book has for them; so do the checks of them.
@Suite("Patterns of models")
struct ModelNamesTests {
    private func messages(_ models: String, budgets: String = "[]") -> [String] {
        read(openAI + "teams: { x: { models: { \(models) }, budgets: \(budgets) } }\n").problems.map(\.message)
    }

    @Test("see that deny takes out what allow lets in under another name")
    func denied() {
        #expect(
            messages("allow: [gpt-4.1, o3], deny: [gpt-4.1-2025-04-14]")
                == ["never allows a model: gpt-4.1-2025-04-14 in deny excludes every model that gpt-4.1 allows"]
        )
        #expect(messages("allow: [\"gpt-4.1*\"], deny: [gpt-4.1-2025-04-14]") == [])
    }

    @Test("let a budget count a model that is allowed under another name")
    func counted() {
        let budget = "[{ limit_usd: 5, every: day, when_spent: warn, models: [gpt-4.1-2025-04-14] }]"
        #expect(messages("allow: [gpt-4.1]", budgets: budget) == [])
        #expect(messages("allow: [gpt-4.1-mini]", budgets: budget).count == 1)
    }
}
