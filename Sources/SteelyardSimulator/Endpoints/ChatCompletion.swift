import NIOCore

/// A chat request and its answer: everything that the plain and the streamed answer share.
struct ChatCompletion: Generated {
    let generation: Generation
    let toolCall: ToolCall?
    let choiceCount: Int
    let finishReason: String
    let usage: Usage
    let asksForUsage: Bool
    let hasObfuscation: Bool
    let obfuscationSeed: UInt64

    init(_ object: JSONObject, model requested: String, request: SimulatedRequest, provider: SimulatedProvider) {
        let directives = request.directives
        let cap = object["max_completion_tokens"]?.integer ?? object["max_tokens"]?.integer
        generation = Generation(request, model: requested, idPrefix: "chatcmpl-", capTokens: cap, provider)
        choiceCount = (object["n"]?.integer ?? 1).clamped(to: 1...128)
        toolCall = ToolCall(chat: object, directives, provider)
        let ownReason = toolCall != nil ? "tool_calls" : generation.isCapped ? "length" : "stop"
        finishReason = directives.finish ?? ownReason
        let streamOptions = object["stream_options"]
        asksForUsage = streamOptions?["include_usage"]?.isTrue ?? false
        hasObfuscation = directives.obfuscation && streamOptions?["include_obfuscation"]?.raw != "false"
        let seed = directives.id == nil ? provider.nextIdentifier() : provider.configuration.seed
        obfuscationSeed = hasObfuscation ? seed : 0
        usage = Usage(
            .completion,
            inputBytes: object["messages"]?.byteCount ?? 0,
            outputTokens: (toolCall?.tokens ?? generation.text.tokens) * choiceCount,
            directives
        )
    }

    var facts: AnswerFacts {
        AnswerFacts(id: id, model: model, tier: tier, usage: directives.shown(usage))
    }
}

extension Endpoints {
    /// `POST /v1/chat/completions`.
    func chatCompletion(_ request: SimulatedRequest) -> Answer {
        withObject(request) { object, model in
            let isStreamed = object["stream"]?.isTrue ?? false
            if let refusal = refusal(of: object, isStreamed: isStreamed, request.directives) { return refusal }
            guard object["messages"]?.isArray == true else {
                return .invalid("Missing required parameter: 'messages'.", param: "messages")
            }
            let completion = ChatCompletion(object, model: model, request: request, provider: provider)
            if object["store"]?.isTrue == true { provider.stored.store(.chat(completion.plain()), id: completion.id) }
            return isStreamed ? completion.stream() : completion.plain()
        }
    }

    /// The error about `stream_options`: for real mistakes as at OpenAI, or always for a provider that does not know
    /// it.
    func refusal(of object: JSONObject, isStreamed: Bool, _ directives: Directives) -> Answer? {
        guard let options = object["stream_options"], options.raw != "null" else { return nil }
        if let status = directives.refuseStreamOptions {
            let message = "Unrecognized request argument supplied: stream_options"
            return .invalid(message, param: "stream_options", status: status, code: "unknown_parameter")
        }
        guard !isStreamed else { return nil }
        return .invalid(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
            param: "stream_options"
        )
    }
}

extension Usage {
    /// The usage of a generating request: counted by `TokenRule`, or set by its directives.
    init(_ shape: Shape, inputBytes: Int, outputTokens: Int, _ directives: Directives) {
        self.shape = shape
        inputTokens = TokenRule.tokens(bytes: inputBytes)
        cachedTokens = min(directives.cachedTokens, inputTokens)
        reasoningTokens = directives.reasoningTokens
        self.outputTokens = outputTokens + reasoningTokens
        dictated = directives.usage
    }
}
