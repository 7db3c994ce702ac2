/// One request as an application makes it, and how the simulated provider is to answer.
struct DemoRequest: Sendable {
    var method = "POST"
    /// Whose application makes it; nil for what is no team's, as a scrape.
    var team: DemoTeam?
    var path: String
    /// JSON; empty for none.
    var body = ""
    /// The value of `x-simulate`.
    var directives = ""
    /// What an SDK sends as `x-stainless-retry-count`: how often it has tried before.
    var retryCount = 0
    /// After how many bytes of the answer's body the application walks away.
    var leavesAfterBytes: Int?

    /// The path under the base URL of the team.
    var target: String { (team.map { "/team/\($0.rawValue)" } ?? "") + path }
}

/// What came back, as far as it came.
struct DemoAnswer: Sendable {
    var status = 0
    /// Why Steelyard answered in the provider's place: `x-steelyard-reason`.
    var reason: String?
    var body = ""
    /// Whether the answer ended as its framing promised.
    var isWhole = false

    /// The id of the first tool call in the answer, plain or streamed.
    var toolCallID: String? {
        body.firstRange(of: "\"call_").map { quoted in
            String(body[quoted].dropFirst() + body[quoted.upperBound...].prefix { $0 != "\"" })
        }
    }
}
