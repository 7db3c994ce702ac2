import Testing

@testable import SteelyardSimulator

@Suite("The demo's picture")
struct DemoPictureTests {
    /// 2026-11-21T15:00:00Z; both windows end at a midnight.
    private static let nowSeconds: Int64 = 1_795_273_200
    private static let teams = """
        ai_requests_total{endpoint="/v1/chat/completions",model="o3",status="200",team="batch-jobs",provider="p"} 1200
        ai_requests_total{endpoint="/v1/chat/completions",model="o3",status="429",team="batch-jobs",provider="p"} 34
        ai_requests_total{endpoint="/v1/chat/completions",model="o3",status="200",team="guests",provider="p"} 3
        ai_budget_limit_usd{team="batch-jobs",window="day"} 0.4
        ai_budget_spent_usd{team="batch-jobs",window="day"} 0.28
        ai_budget_reserved_usd{team="batch-jobs",window="day"} 0.0801
        ai_budget_reset_timestamp_seconds{team="batch-jobs",window="day"} 1795305600
        ai_budget_limit_usd{team="search",window="month of models o*"} 2
        ai_budget_spent_usd{team="search",window="month of models o*"} 0
        ai_budget_reserved_usd{team="search",window="month of models o*"} 0
        ai_budget_reset_timestamp_seconds{team="search",window="month of models o*"} 1796083200
        ai_budget_rejections_total{team="batch-jobs",reason="team_budget"} 30
        ai_rate_limit_rejections_total{team="batch-jobs",reason="requests"} 4
        """

    @Test(
        "a team's row: calls, refusals of every kind, what is spent and held, how full the window is, and when it ends"
    )
    func teamRows() {
        let lines = DemoTeamTable(exposition: Self.teams, nowSeconds: Self.nowSeconds).lines
        #expect(
            lines == [
                "team        requests refused   spent    held        limit                resets",
                "batch-jobs     1,234      34  0.2800  0.0801   0.4000/day ███████▒▒░     in 9 h",
                "guests             3       0",
                "search             0       0  0.0000  0.0000 2.0000/month ░░░░░░░░░░     in 9 d",
            ],
            "\(lines.joined(separator: "\n"))"
        )
    }

    @Test(
        "the bar fills with what is spent, then with what is held, and stays ten cells long",
        arguments: [
            (0.0, 0.0, 1.0, "░░░░░░░░░░"), (0.5, 0, 1, "█████░░░░░"), (0.5, 0.2, 1, "█████▒▒░░░"),
            (1, 0, 1, "██████████"), (3, 2, 1, "██████████"), (0.9, 0.9, 1, "█████████▒"), (1, 1, 0, "░░░░░░░░░░"),
            (-1, 0, 1, "░░░░░░░░░░"), (.nan, .nan, 1, "░░░░░░░░░░"), (.infinity, 0, 1, "██████████"),
        ]
    )
    func bar(_ spent: Double, _ held: Double, _ limit: Double, _ expected: String) {
        #expect(DemoFigures.bar(spent: spent, held: held, limit: limit) == expected)
    }

    @Test(
        "a distance has the largest unit of which there are two",
        arguments: [
            (0.0, "0 min"), (-5, "0 min"), (7199, "120 min"), (7200, "2 h"), (172_799, "48 h"), (864_000, "10 d"),
        ]
    )
    func distance(_ seconds: Double, _ expected: String) {
        #expect(DemoFigures.distance(seconds) == expected)
    }

    /// The longest message that Steelyard can write.
    private static let longMessage =
        "The day budget of team batch-jobs has no room for this request: 0.398123456789 of 0.4 USD are spent, "
        + "0.001234567891 USD are reserved for other requests, and this one can cost 0.011234567891 USD. "
        + "It resets at 2026-11-22T00:00:00Z."

    private static func refusal(_ message: String, reason: String? = "team_budget") -> DemoRefusal? {
        let body = #"{"error":{"message":"\#(message)","type":"t","param":null,"code":"insufficient_quota"}}"#
        return DemoRefusal(DemoAnswer(status: 429, reason: reason, body: body, isWhole: true))
    }

    @Test("what a blocked team is told is there word for word, status and code before it")
    func refusalText() {
        let lines = DemoRefusal.lines(Self.refusal(Self.longMessage), count: 4)
        #expect(lines.joined(separator: " ") == "429 insufficient_quota: " + Self.longMessage)
        #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 79 }, "\(lines)")
    }

    @Test("it takes as many lines as it may, however long it is", arguments: [0, 1, 40, 400])
    func refusalHeight(_ words: Int) {
        let lines = DemoRefusal.lines(Self.refusal(String(repeating: "budget ", count: words)), count: 4)
        #expect(lines.count == 4 && lines.allSatisfy { $0.count <= 79 }, "\(lines)")
        #expect(lines[3].hasSuffix("…") == (words == 400))
    }

    @Test("only Steelyard's own refusal for a spent budget is shown", arguments: [nil, "budget_held", "requests"])
    func otherRefusals(_ reason: String?) {
        #expect(Self.refusal("no", reason: reason) == nil)
        #expect(DemoRefusal(DemoAnswer(status: 429, reason: "team_budget", body: "<html>")) == nil)
        #expect(DemoRefusal.lines(nil, count: 4) == ["no budget is spent yet", "", "", ""])
    }

    @Test("with all that the scenes can make, it fits a terminal of 24 rows and 80 columns")
    func size() throws {
        let refusal = try #require(Self.refusal(Self.longMessage))
        let lines = DemoPicture(port: 65535, state: "stop with Ctrl-C")
            .lines(exposition: Self.everything, nowSeconds: Self.nowSeconds, refusal: refusal)
        #expect(lines.count == 23, "\(lines.joined(separator: "\n"))")
        for line in lines { #expect(line.count <= 79, "\(line)") }
    }

    /// A scrape after a busy minute: every endpoint and model of every scene, and every team's window.
    private static var everything: String {
        var randomness = DemoRandomness(seed: 1)
        let calls = DemoScene.allCases.map { scene in
            let request = scene.opening(using: &randomness)
            let model = JSONNode(Array(request.body.utf8))?["model"]?.string ?? "none"
            // Models that the price book does not know count as this.
            let label = model == "our-own-model" ? "other" : model
            return #"ai_requests_total{endpoint="\#(request.path)",model="\#(label)",status="200",team="search"} 1234"#
        }
        let windows = zip(DemoTeam.allCases, ["month", "week", "day"]).map { team, window in
            #"ai_budget_limit_usd{team="\#(team.rawValue)",window="\#(window)"} 2"#
        }
        let tool = #"ai_tool_calls_total{tool="search_documents",model="o3",team="search"} 1234"#
        let totals = ["ai_client_aborts_total 123", "ai_client_retries_total 1234", "ai_cost_usd_total 12.3"]
        return (calls + windows + totals + [tool]).joined(separator: "\n")
    }
}
