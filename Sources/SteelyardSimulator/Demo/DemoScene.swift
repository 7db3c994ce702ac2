/// What the demo's applications do, and how often: a typical mix of traffic, with more failures than on a good day.
enum DemoScene: Sendable, CaseIterable {
    case chat
    /// A stream that does not ask for its usage, as LangChain sends it once a base URL is set.
    case stream
    case reasoning
    case agent
    case embedding
    case response
    case responseStream
    case abortedStream
    case serverError
    case rateLimit
    case brokenStream
    case unpricedModel

    /// A scene of a team, chosen at random by weight.
    static func any(of team: DemoTeam, using randomness: inout DemoRandomness) -> DemoScene {
        var rest = Int.random(in: 0..<allCases.reduce(0) { $0 + team.weight(of: $1) }, using: &randomness)
        for scene in allCases {
            rest -= team.weight(of: scene)
            if rest < 0 { return scene }
        }
        return .chat
    }

    /// The request that opens the scene.
    func opening(using randomness: inout DemoRandomness) -> DemoRequest {
        let prompt = Int.random(in: 800...6000, using: &randomness)
        let output = Int.random(in: 20...90, using: &randomness)
        let wait = Int.random(in: 90...700, using: &randomness)
        let paced = "delay-ms=\(wait), events=\(output), event-ms=14"
        switch self {
        case .chat:
            let directives = "delay-ms=\(wait * 2), events=\(output), cached=\(prompt / 12)"
            return .chat("gpt-4.1-mini", prompt, directives, outputLimit: 200)
        case .stream: return .chat("gpt-4.1", prompt, paced, isStreamed: true)
        case .reasoning:
            let directives = "delay-ms=\(wait * 3), events=\(output), reasoning=\(output * 6)"
            return .chat("o3", prompt, directives, outputLimit: 800)
        case .agent: return .agent(prompt, paced)
        case .embedding: return .embedding(prompt, "delay-ms=\(wait / 4)")
        case .response: return .response("gpt-5", prompt, "delay-ms=\(wait * 2), reasoning=\(output)")
        case .responseStream: return .response("gpt-5", prompt, paced, isStreamed: true)
        case .abortedStream:
            let long = "delay-ms=\(wait), events=400, event-ms=14"
            var request = DemoRequest.chat("gpt-4.1", prompt, long, isStreamed: true)
            request.leavesAfterBytes = output * 100
            return request
        case .serverError: return .chat("gpt-4.1-mini", prompt, "delay-ms=\(wait), status=500")
        case .rateLimit: return .chat("gpt-4.1", prompt, "status=429, retry-after=1")
        case .brokenStream: return .chat("gpt-4.1", prompt, "\(paced), cut-at=\(output * 60)", isStreamed: true)
        case .unpricedModel: return .chat("our-own-model", prompt, "delay-ms=\(wait), events=\(output)")
        }
    }

    /// The next request after an answer: the agent sends its tool's result, an SDK retries a failed request.
    func sequel(to request: DemoRequest, _ answer: DemoAnswer) -> DemoRequest? {
        // A spent budget says `x-should-retry: false`; if only reservations of others are in the way, the SDK tries
        // twice more.
        if answer.reason == "budget_held" { return request.retryCount < 2 ? request.again : nil }
        switch self {
        case .agent: return answer.toolCallID.map { .toolResult(callID: $0) }
        case .serverError where request.retryCount == 0:
            var again = request.again
            again.directives = "delay-ms=200"
            return again
        default: return nil
        }
    }
}

extension DemoRequest {
    /// The same request as an SDK retries it.
    fileprivate var again: DemoRequest {
        var again = self
        again.retryCount += 1
        return again
    }

    fileprivate static func chat(
        _ model: String,
        _ promptBytes: Int,
        _ directives: String,
        isStreamed: Bool = false,
        outputLimit: Int? = nil
    ) -> DemoRequest {
        let stream = isStreamed ? #","stream":true"# : ""
        let limit = outputLimit.map { #","max_completion_tokens":\#($0)"# } ?? ""
        let messages = #"[{"role":"user","content":"\#(prompt(promptBytes))"}]"#
        let body = #"{"model":"\#(model)","messages":\#(messages)\#(stream)\#(limit)}"#
        return DemoRequest(path: "/v1/chat/completions", body: body, directives: directives)
    }

    /// The first of an agent's two requests: streamed, with a tool it may call.
    fileprivate static func agent(_ promptBytes: Int, _ directives: String) -> DemoRequest {
        let messages = #"[{"role":"user","content":"\#(prompt(promptBytes))"}]"#
        let body = #"{"model":"gpt-4.1-mini","stream":true,"messages":\#(messages),"tools":\#(tools)}"#
        return DemoRequest(path: "/v1/chat/completions", body: body, directives: directives)
    }

    /// The second one, with the tool's result.
    fileprivate static func toolResult(callID: String) -> DemoRequest {
        let call = #"{"id":"\#(callID)","type":"function","function":{"name":"search_documents","arguments":"{}"}}"#
        let messages =
            #"[{"role":"user","content":"find it"},{"role":"assistant","content":null,"tool_calls":[\#(call)]},"#
            + #"{"role":"tool","tool_call_id":"\#(callID)","content":"\#(prompt(2000))"}]"#
        let body = #"{"model":"gpt-4.1-mini","stream":true,"messages":\#(messages),"tools":\#(tools)}"#
        return DemoRequest(path: "/v1/chat/completions", body: body, directives: "delay-ms=300, events=40, event-ms=14")
    }

    fileprivate static func response(
        _ model: String,
        _ promptBytes: Int,
        _ directives: String,
        isStreamed: Bool = false
    ) -> DemoRequest {
        let body = #"{"model":"\#(model)","input":"\#(prompt(promptBytes))","stream":\#(isStreamed)}"#
        return DemoRequest(path: "/v1/responses", body: body, directives: directives)
    }

    fileprivate static func embedding(_ promptBytes: Int, _ directives: String) -> DemoRequest {
        let body = #"{"model":"text-embedding-3-small","input":"\#(prompt(promptBytes))"}"#
        return DemoRequest(path: "/v1/embeddings", body: body, directives: directives)
    }

    private static let tools =
        #"[{"type":"function","function":{"name":"search_documents","parameters":{"type":"object","properties":{}}}}]"#

    /// Text of that many bytes.
    private static func prompt(_ bytes: Int) -> String {
        let line = "What does this weigh? "
        return String(String(repeating: line, count: bytes / line.utf8.count + 1).prefix(bytes))
    }
}

/// SplitMix64 (Steele, Lea, Flood, 2014): the same seed plays the same demo.
struct DemoRandomness: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
