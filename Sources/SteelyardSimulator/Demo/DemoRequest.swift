/// One request as an application makes it, and how the simulated provider is to answer.
struct DemoRequest: Sendable {
    var method = "POST"
    var path: String
    /// JSON; empty for none.
    var body = ""
    /// The value of `x-simulate`.
    var directives = ""
    /// What an SDK sends as `x-stainless-retry-count`: how often it has tried before.
    var retryCount = 0
    /// After how many bytes of the answer's body the application walks away.
    var leavesAfterBytes: Int?
}

/// What came back, as far as it came.
struct DemoAnswer: Sendable {
    var status = 0
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
