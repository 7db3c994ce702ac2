import SteelyardPolicy
import Synchronization
import Testing

/// Windows as people's calendars have them; the instants were made with the IANA database (Python `zoneinfo`).
@Suite("Budget windows")
struct WindowTests {
    struct Calendar: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// Where windows end and start, in seconds since 1970.
        var edges: [Int64]
    }

    static let calendars = [
        Calendar(
            testDescription: "months that begin on the 31st, over a leap day",
            edges: [1_830_211_200, 1_832_889_600, 1_835_395_200, 1_838_073_600, 1_840_665_600]
        ),
        Calendar(
            testDescription: "months that begin on the 31st, in a common year",
            edges: [1_801_353_600, 1_803_772_800, 1_806_451_200]
        ),
        Calendar(
            testDescription: "a day of 23 hours in Paris",
            edges: [1_806_102_000, 1_806_188_400, 1_806_271_200]
        ),
        Calendar(
            testDescription: "a day of 25 hours in Paris",
            edges: [1_824_847_200, 1_824_933_600, 1_825_023_600]
        ),
        Calendar(testDescription: "days at +5:45", edges: [1_796_062_500, 1_796_148_900, 1_796_235_300]),
        Calendar(
            testDescription: "a midnight that does not exist in São Paulo",
            edges: [1_541_214_000, 1_541_300_400, 1_541_383_200]
        ),
        Calendar(
            testDescription: "years, one of them a leap year",
            edges: [1_767_225_600, 1_798_761_600, 1_830_297_600, 1_861_920_000]
        ),
    ]

    @Test("begin anew at the second the calendar says, and not one before", arguments: calendars)
    func edges(calendar: Calendar) throws {
        let asked = Tally()
        var scene = BudgetScene(Self.rules, calendar: asked.calendar(calendar.edges), at: calendar.edges[0])
        for (start, end) in zip(calendar.edges, calendar.edges.dropFirst()) {
            scene.wallSeconds = start
            try scene.spend(100)
            #expect(scene.refusal()?.shortage?.resetsAtSeconds == end)
            scene.wallSeconds = end - 1
            #expect(scene.refusal()?.shortage?.retryAfterSeconds == 1)
        }
        #expect(asked.count == calendar.edges.count - 1)
    }

    @Test("a clock that goes back an hour opens no window again")
    func hourBack() throws {
        var scene = BudgetScene(Self.rules, at: Self.midnight - 1)
        try scene.spend(100)
        scene.wallSeconds = Self.midnight
        try scene.spend(60)
        for step in [1, 3600, 25 * 3600] as [Int64] {
            scene.wallSeconds = Self.midnight - step
            #expect(scene.money() == [60, 0])
            #expect(scene.refusal(41)?.reason == "team_budget")
        }
        #expect(scene.admission.takeEvents() == [])
    }

    @Test("a clock that goes back further is followed, and said; windows are found as they were")
    func followedBack() throws {
        var scene = BudgetScene(Self.rules, at: Self.midnight - 86_400)
        try scene.spend(70)
        scene.wallSeconds = Self.midnight + 3 * 86_400
        try scene.spend(100)
        scene.wallSeconds = Self.midnight - 86_400
        #expect(scene.money() == [70, 0])
        let step = BudgetEvent.clockWentBack(
            fromSeconds: Self.midnight + 3 * 86_400,
            toSeconds: Self.midnight - 86_400
        )
        #expect(scene.admission.takeEvents() == [step])
        scene.wallSeconds = Self.midnight + 3 * 86_400
        #expect(scene.money() == [100, 0])
    }

    @Test("a clock that was years ahead for a moment locks nobody out, and gives nobody a second budget")
    func glitchAhead() throws {
        var scene = BudgetScene(Self.rules)
        try scene.spend(70)
        let slow = try scene.admit(20)
        scene.wallSeconds += 5 * 365 * 86_400
        try scene.spend(100)
        scene.wallSeconds = BudgetScene.noon + 1
        #expect(scene.money() == [70, 20])
        #expect(scene.refusal(11)?.reason == "budget_held")
        slow.settle(cost: Picodollars(20), tokens: nil, at: .zero)
        #expect(scene.money() == [90, 0])
        try scene.spend(10)
        #expect(scene.refusal()?.reason == "team_budget")
    }

    @Test("a clock that showed 1970 for a moment gives nobody a second budget")
    func glitchBack() throws {
        var scene = BudgetScene(Self.rules)
        try scene.spend(100)
        scene.wallSeconds = 0
        #expect(scene.refusal() == .windowNotSummed)
        scene.passSecond(spent: 0)
        #expect(scene.refusal() == nil)
        scene.wallSeconds = BudgetScene.noon + 1
        #expect(scene.refusal()?.reason == "team_budget")
    }

    @Test("a calendar that answers nonsense gives windows of the wrong length, and is not asked for every request")
    func nonsense() throws {
        let asked = Tally()
        var scene = BudgetScene(Self.rules, calendar: asked.calendar([]))
        for _ in 0..<5 { try scene.spend(1) }
        #expect(scene.money() == [5, 0])
        #expect(asked.count == 1)
    }

    @Test("the calendar is asked once for all teams")
    func askedOnce() throws {
        let asked = Tally()
        let teams = (0..<50).map { Team.with("team\($0)", [.of(100, .day)]) }
        let edges = (0..<4).map { Self.midnight + $0 * 86_400 }
        var scene = BudgetScene(AdmissionRules(teams: teams), calendar: asked.calendar(edges), at: Self.midnight)
        scene.wallSeconds += 86_400
        for team in teams { try scene.spend(1, team: team.name) }
        #expect(asked.count == 2)
    }

    /// A month's first second by the scene's own calendar of thirty-day months.
    private static let midnight: Int64 = 692 * 30 * 86_400
    private static let rules = AdmissionRules(teams: [.with("t", [.of(100, .day)])])
}

/// Counts how often a calendar is asked.
private final class Tally: Sendable {
    private let calls = Atomic(0)

    var count: Int { calls.load(ordering: .relaxed) }

    /// A calendar of windows between these edges; bounds that contain nothing where there are none.
    func calendar(_ edges: [Int64]) -> WindowCalendar {
        { [self] _, _, _, seconds in
            calls.add(1, ordering: .relaxed)
            let start = edges.last { $0 <= seconds } ?? .max
            return WindowBounds(startSeconds: start, endSeconds: edges.first { $0 > seconds } ?? .min)
        }
    }
}
