import SteelyardPolicy
import Testing

@testable import SteelyardGateway

extension ToolClock.Call {
    fileprivate static func call(_ id: String, team: String = "search") -> Self { Self(team: team, id: id) }
}

@Suite("The clock of tools")
struct ToolClockTests {
    @Test("measures from the question to the first result, once")
    func once() throws {
        let clock = ToolClock()
        clock.asked(.call("a"), tool: "search", at: Tick(nanoseconds: 100))
        let measured = try #require(clock.answered(.call("a"), at: Tick(nanoseconds: 350)))
        #expect(measured == ("search", 250))
        #expect(clock.answered(.call("a"), at: Tick(nanoseconds: 400)) == nil)
        #expect(clock.answered(.call("b"), at: Tick(nanoseconds: 400)) == nil)
    }

    @Test("takes no team's result for another's question")
    func teams() {
        let clock = ToolClock()
        clock.asked(.call("call_0", team: "search"), tool: "lookup", at: Tick(nanoseconds: 0))
        clock.asked(.call("call_0", team: "chat"), tool: "weather", at: Tick(nanoseconds: 10))
        #expect(clock.answered(.call("call_0", team: "batch"), at: Tick(nanoseconds: 20)) == nil)
        #expect(clock.answered(.call("call_0", team: "search"), at: Tick(nanoseconds: 30)) ?? ("", 0) == ("lookup", 30))
        #expect(clock.answered(.call("call_0", team: "chat"), at: Tick(nanoseconds: 40)) ?? ("", 0) == ("weather", 30))
    }

    @Test("leaves out calls without an id, and results before their question")
    func nonsense() {
        let clock = ToolClock()
        clock.asked(.call(""), tool: "search", at: Tick(nanoseconds: 100))
        #expect(clock.answered(.call(""), at: Tick(nanoseconds: 350)) == nil)
        clock.asked(.call("a"), tool: "search", at: Tick(nanoseconds: 100))
        #expect(clock.answered(.call("a"), at: Tick(nanoseconds: 99)) == nil)
    }

    @Test("forgets the oldest questions, however many come")
    func bounded() {
        let clock = ToolClock(limit: 4)
        for number in 0..<10_003 { clock.asked(.call("\(number)"), tool: "t", at: Tick(nanoseconds: 0)) }
        #expect(clock.waitingCount == 4)
        #expect(clock.answered(.call("9998"), at: Tick(nanoseconds: 1)) == nil)
        for number in 9999..<10_003 { #expect(clock.answered(.call("\(number)"), at: Tick(nanoseconds: 1)) != nil) }
        #expect(clock.waitingCount == 0)
    }

    @Test("keeps a question that was asked again while its first turn is forgotten")
    func askedAgain() {
        let clock = ToolClock(limit: 3)
        clock.asked(.call("call_0"), tool: "old", at: Tick(nanoseconds: 0))
        clock.asked(.call("x"), tool: "t", at: Tick(nanoseconds: 0))
        clock.asked(.call("call_0"), tool: "new", at: Tick(nanoseconds: 10))
        clock.asked(.call("y"), tool: "t", at: Tick(nanoseconds: 0))
        #expect(clock.answered(.call("call_0"), at: Tick(nanoseconds: 15)) ?? ("", 0) == ("new", 5))
    }
}

@Suite("Names of tools as label values")
struct ToolNamesTests {
    @Test(
        "are names of functions, or other",
        arguments: [
            ("search", "search"), ("get_weather-2", "get_weather-2"), ("mcp.files/read:all", "mcp.files/read:all"),
            ("", "other"), ("two words", "other"), ("line\nfeed", "other"), ("\"", "other"), ("é", "other"),
            (String(repeating: "a", count: 64), String(repeating: "a", count: 64)),
            (String(repeating: "a", count: 65), "other"), ("sk-canary-0b5f29c1d7e84a63", "other"),
            ("AIzaSyA1b2C3d4E5f6G7h8", "other"), ("sy_k7QwAAAA_0123456789abcdefghij", "other"),
            ("search_documents_2024", "search_documents_2024"),
            ("convertCurrencyToDollars", "convertCurrencyToDollars"),
        ]
    )
    func names(name: String, label: String) {
        #expect(ToolNames().label(name) == label)
    }

    @Test("are no more than a few hundred; known ones stay")
    func bounded() {
        let names = ToolNames()
        let labels = Set((0..<10_000).map { names.label("tool\($0)") })
        #expect(labels.count == 257)
        #expect(names.label("tool0") == "tool0")
        #expect(names.label("tool9999") == "other")
    }
}
