import NIOCore

/// A legacy completion request and its answer.
struct Completion: Generated {
    let generation: Generation
    let choiceCount: Int
    let finishReason: String
    let usage: Usage
    let asksForUsage: Bool

    init(_ object: JSONObject, model requested: String, request: SimulatedRequest, provider: SimulatedProvider) {
        let (directives, cap) = (request.directives, object["max_tokens"]?.integer)
        generation = Generation(request, model: requested, idPrefix: "cmpl-", capTokens: cap, provider)
        let prompts = max(1, object["prompt"].map(Self.promptCount) ?? 1)
        choiceCount = prompts * (object["n"]?.integer ?? 1).clamped(to: 1...128)
        finishReason = directives.finish ?? (generation.isCapped ? "length" : "stop")
        asksForUsage = object["stream_options"]?["include_usage"]?.isTrue ?? false
        usage = Usage(
            .completion,
            inputBytes: object["prompt"]?.byteCount ?? 0,
            outputTokens: generation.text.tokens * choiceCount,
            directives
        )
    }

    /// A string is one prompt. So is an array of numbers, which are its tokens.
    static func promptCount(_ prompt: JSONNode) -> Int {
        let elements = prompt.elements
        return elements.first.map { $0.isString || $0.isArray } ?? false ? min(elements.count, 2048) : 1
    }

    var facts: AnswerFacts {
        AnswerFacts(id: id, model: model, usage: directives.shown(usage))
    }

    /// The answer as one JSON object.
    func plain() -> Answer {
        var body = start()
        for index in 0..<choiceCount { writeChoice(index, 0..<text.byteCount, finish: finishReason, to: &body) }
        body.append("]")
        directives.shown(usage)?.writeMember(to: &body)
        body.append("}")
        return .json(body, facts: facts)
    }

    /// The answer as chunks, with its usage at the same place as in a chat stream.
    func stream() -> Answer {
        var events = EventWriter(directives, capacity: 260 * (text.pieceCount + 2) * choiceCount + text.byteCount)
        for piece in 0..<text.pieceCount {
            for index in 0..<choiceCount { writeChunk(piece, index, to: &events) }
        }
        if hasUsageBesideContent { events.markUsage() }
        if asksForUsage, directives.usagePlacement == .asked { writeUsageChunk(to: &events) }
        if !directives.noDone { events.write { $0.append("[DONE]") } }
        return events.answer(facts: facts)
    }

    private func writeChunk(_ piece: Int, _ index: Int, to events: inout EventWriter) {
        let isLast = piece == text.pieceCount - 1
        events.write { chunk in
            chunk.writeImmutableBuffer(start())
            writeChoice(index: index, text.piece(piece), finish: isLast ? finishReason : nil, to: &chunk)
            chunk.append("]")
            if isLast, index == choiceCount - 1, hasUsageBesideContent { usage.writeMember(to: &chunk) }
            chunk.append(asksForUsage && directives.usagePlacement == .asked ? #","usage":null}"# : "}")
        }
    }

    private func writeUsageChunk(to events: inout EventWriter) {
        events.write { chunk in
            chunk.writeImmutableBuffer(start())
            chunk.append("]")
            usage.writeMember(to: &chunk)
            chunk.append("}")
        }
        events.markUsage()
    }

    private func start() -> ByteBuffer {
        var start = ByteBuffer()
        start.append(#"{"id":"#)
        start.append(quoted: id)
        start.append(#","object":"text_completion","created":1760000000,"model":"#)
        start.append(quoted: model)
        start.append(#","choices":["#)
        return start
    }

    private func writeChoice(_ index: Int, _ range: Range<Int>, finish: String?, to body: inout ByteBuffer) {
        if index > 0 { body.append(",") }
        writeChoice(index: index, range, finish: finish, to: &body)
    }

    private func writeChoice(index: Int, _ range: Range<Int>, finish: String?, to body: inout ByteBuffer) {
        body.append(#"{"text":""#)
        text.write(range, to: &body)
        body.append(#"","index":"#)
        body.append(index)
        body.append(#","logprobs":null,"finish_reason":"#)
        body.append(quotedOrNull: finish)
        body.append("}")
    }
}

extension Endpoints {
    /// `POST /v1/completions`.
    func completion(_ request: SimulatedRequest) -> Answer {
        withObject(request) { object, model in
            let isStreamed = object["stream"]?.isTrue ?? false
            if let refusal = refusal(of: object, isStreamed: isStreamed, request.directives) { return refusal }
            let completion = Completion(object, model: model, request: request, provider: provider)
            return isStreamed ? completion.stream() : completion.plain()
        }
    }
}
