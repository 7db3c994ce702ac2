import SteelyardConfiguration
import Testing

/// A value is what it looks like: a tag, which could make it something else, is refused wherever it stands.
@Suite("YAML tags")
struct TagTests {
    @Test(
        "are refused",
        arguments: [
            "default_team: !!str x", "default_team: !!str \"x\"", "default_team: ! x", "default_team: ! 'x'",
            "default_team: !<tag:yaml.org,2002:str> x", "default_team: !x \"x\"", "!!str default_team: x",
            "teams: !!map { x: {} }", "teams: !!map\n  x: {}", "teams: ! { x: {} }", "teams: { x: !!map {} }",
            "teams: { x: { models: { allow: !!seq [o3] } } }", "teams: { x: { models: { allow: [!!str o3] } } }",
            "teams: { x: { models: { allow: [\"é\", !!str \"o3\"] } } }", "teams: !!omap { x: {} }",
        ]
    )
    func refused(line: String) {
        let reading = read(openAI + line + "\n")
        #expect(reading.configuration == nil)
        #expect(reading.problems.contains { $0.message == "tags (!name) are not supported" }, "\(reading.rendered)")
    }

    @Test(
        "are not what only looks like one",
        arguments: [
            "teams: { x: { models: { allow: [\"!!str\", 'o3!', o3!] } } }", "default_team: \"!x\"",
            "default_team: x # !!str",
            "teams:\n  # !!map\n  \"x\": {}",
        ]
    )
    func accepted(line: String) {
        let reading = read(openAI + line + "\n")
        #expect(!reading.problems.contains { $0.message.contains("tags") }, "\(reading.rendered)")
    }
}
