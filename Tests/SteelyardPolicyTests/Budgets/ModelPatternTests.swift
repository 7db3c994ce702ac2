import SteelyardPolicy
import Testing

@Suite("Model patterns")
struct ModelPatternTests {
    @Test(
        "match whole names, with stars for anything",
        arguments: [
            ("", "", true), ("", "a", false), ("*", "", true), ("**", "", true), ("*", "anything", true),
            ("gpt-4.1", "gpt-4.1", true), ("gpt-4.1", "gpt-4.1-mini", false), ("gpt-4.1", "gpt-4.", false),
            ("gpt-4.1*", "gpt-4.1", true), ("gpt-4.1*", "gpt-4.1-mini", true), ("gpt-4.1*", "gpt-4o", false),
            ("*-pro", "o1-pro", true), ("*-pro", "o1-pro-2025-03-19", false), ("gpt-5*-pro", "gpt-5.2-pro", true),
            ("gpt-5*-pro", "gpt-5-pro", true), ("gpt-5*-pro", "gpt-5.2-pro-x", false), ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "acb", false), ("*aab", "aaaaaab", true), ("O*", "o3", false),
            ("ft:*:acme:*", "ft:x:acme:", true),
            ("gpt-é*", "gpt-é4", true),
        ] as [(String, String, Bool)]
    )
    func matches(pattern: String, name: String, matches: Bool) {
        #expect(ModelPattern(pattern).matches(name) == matches)
    }

    @Test("take time linear in the product of the lengths, whatever a client calls its model")
    func bounded() {
        let pattern = ModelPattern(String(repeating: "*a", count: 200) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
    }
}
