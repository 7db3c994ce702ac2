/// One request of an application, and how the simulated provider must answer it.
struct DemoRequest: Sendable {
    var method = "POST"
    /// The team of the application; nil for requests without a team, such as a scrape.
    var team: DemoTeam?
    var path: String
    /// JSON; empty for none.
    var body = ""
    /// The value of `x-simulate`.
    var directives = ""
    /// The value of `x-stainless-retry-count`: how often an SDK has tried before.
    var retryCount = 0
    /// After how many bytes of the answer's body the application leaves.
    var leavesAfterBytes: Int?

    /// The path under the base URL of the team.
    var target: String { (team.map { "/team/\($0.rawValue)" } ?? "") + path }
}

/// The answer, as far as it arrived.
struct DemoAnswer: Sendable {
    var status = 0
    /// Why Steelyard itself answered: `x-steelyard-reason`.
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
