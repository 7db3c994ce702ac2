import NIOCore

/// A response of `/v1/responses` with its whole content; its status says how much of it is visible.
struct ResponseObject: Generated, Sendable {
    enum Status: String {
        case queued
        case inProgress = "in_progress"
        case completed, incomplete, failed
    }

    let generation: Generation
    let toolCall: ToolCall?
    let usage: Usage
    let itemID: String
    let isBackground: Bool
    /// The status at its end.
    let finalStatus: Status

    init(_ object: JSONObject, model requested: String, request: SimulatedRequest, provider: SimulatedProvider) {
        let (directives, cap) = (request.directives, object["max_output_tokens"]?.integer)
        generation = Generation(request, model: requested, idPrefix: "resp_", capTokens: cap, provider)
        toolCall = ToolCall(response: object, directives, provider)
        itemID = provider.newID(toolCall == nil ? "msg_" : "fc_", within: directives.id)
        isBackground = object["background"]?.isTrue ?? false
        let isCut = toolCall == nil && generation.isCapped
        finalStatus = directives.finish.flatMap(Status.init) ?? (isCut ? .incomplete : .completed)
        usage = Usage(
            .response,
            inputBytes: (object["input"]?.byteCount ?? 0) + (object["instructions"]?.byteCount ?? 0),
            outputTokens: toolCall?.tokens ?? generation.text.tokens,
            directives
        )
    }

    /// What a provider bills for generating it; for a second read, `isReread` is true.
    func facts(isReread: Bool = false) -> AnswerFacts {
        AnswerFacts(id: id, model: model, tier: tier, usage: directives.shown(usage), isReread: isReread)
    }

    /// The whole object as one JSON body.
    func plain(_ status: Status, isReread: Bool = false) -> Answer {
        var body = startOfBody(capacity: 1200 + text.byteCount)
        write(status, to: &body)
        var answer = Answer.json(body, facts: facts(isReread: isReread))
        if !isDone(status) { answer.usagePiece = nil }
        return answer
    }

    private func isDone(_ status: Status) -> Bool { status != .queued && status != .inProgress }

    /// Appends the object as it looks in a status.
    func write(_ status: Status, to body: inout ByteBuffer) {
        body.append(#"{"id":"#)
        body.append(quoted: id)
        body.append(#","object":"response","created_at":1760000000,"status":"#)
        body.append(quoted: status.rawValue)
        body.append(isBackground ? #","background":true,"error":"# : #","background":false,"error":"#)
        body.append(status == .failed ? #"{"code":"server_error","message":"The model failed."}"# : "null")
        body.append(#","incomplete_details":"#)
        body.append(status == .incomplete ? #"{"reason":"max_output_tokens"}"# : "null")
        body.append(#","instructions":null,"max_output_tokens":null,"model":"#)
        body.append(quoted: model)
        body.append(#","output":["#)
        if isDone(status) { writeItem(isDone: true, to: &body) }
        body.append(#"],"parallel_tool_calls":true,"previous_response_id":null,"service_tier":"#)
        body.append(quoted: tier)
        body.append(
            #","store":true,"temperature":1.0,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[]"#
        )
        body.append(#","top_p":1.0,"truncation":"disabled","usage":"#)
        if isDone(status), let usage = directives.shown(usage) { usage.write(to: &body) } else { body.append("null") }
        body.append(#","metadata":{}}"#)
    }

    /// Appends the only output item.
    func writeItem(isDone: Bool, to body: inout ByteBuffer) {
        body.append(#"{"id":"#)
        body.append(quoted: itemID)
        if let toolCall {
            body.append(#","type":"function_call","call_id":"#)
            body.append(quoted: toolCall.id)
            body.append(#","name":"#)
            body.append(quoted: toolCall.name)
            body.append(#","arguments":"#)
            body.append(quoted: isDone ? toolCall.arguments : "")
        } else {
            body.append(#","type":"message","role":"assistant","content":["#)
            if isDone { writePart(isDone: true, to: &body) }
            body.append("]")
        }
        body.append(isDone ? #","status":"completed"}"# : #","status":"in_progress"}"#)
    }

    /// Appends the text part of the message.
    func writePart(isDone: Bool, to body: inout ByteBuffer) {
        body.append(#"{"type":"output_text","annotations":[],"logprobs":[],"text":""#)
        if isDone { text.write(to: &body) }
        body.append(#""}"#)
    }
}

extension ToolCall {
    /// The tool call in answer to a Responses request: the request has functions, allows calls, and contains no output
    /// of a call.
    init?(response object: JSONObject, _ directives: Directives, _ provider: SimulatedProvider) {
        let tools = (object["tools"]?.elements ?? []).filter { $0["type"]?.string == "function" }
        let bringsResult = object["input"]?.elements.last?["type"]?.string == "function_call_output"
        self.init(tools: tools, of: object, isDue: !bringsResult, directives, provider)
    }
}
