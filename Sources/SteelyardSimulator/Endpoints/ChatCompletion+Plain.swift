import NIOCore

extension ChatCompletion {
    /// The answer as one JSON object.
    func plain() -> Answer {
        var body = startOfBody(capacity: 900 + text.byteCount * choiceCount)
        body.append(#"{"id":"#)
        body.append(quoted: id)
        body.append(#","object":"chat.completion","created":1760000000,"model":"#)
        body.append(quoted: model)
        body.append(#","choices":["#)
        for index in 0..<choiceCount { writeChoice(index, to: &body) }
        body.append("]")
        directives.shown(usage)?.writeMember(to: &body)
        body.append(#","service_tier":"#)
        body.append(quoted: tier)
        if directives.azureFilters {
            body.append(",")
            body.append(AzureFilters.prompt)
        }
        body.append(#","system_fingerprint":"fp_simulator"}"#)
        return .json(body, facts: facts)
    }

    private func writeChoice(_ index: Int, to body: inout ByteBuffer) {
        body.append(index > 0 ? #",{"index":"# : #"{"index":"#)
        body.append(index)
        body.append(#","message":{"role":"assistant","content":"#)
        if let toolCall {
            body.append(#"null,"tool_calls":["#)
            toolCall.write(to: &body)
            body.append("]")
        } else {
            body.append("\"")
            text.write(to: &body)
            body.append("\"")
        }
        body.append(#","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"#)
        body.append(quoted: finishReason)
        if directives.azureFilters {
            body.append(",")
            body.append(AzureFilters.choice)
        }
        body.append("}")
    }
}

/// Members that Azure adds (learn.microsoft.com, content filter annotations).
enum AzureFilters {
    /// At the top of a plain answer and in the first chunk of a stream.
    static let prompt: StaticString =
        #""prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]"#
    /// In each choice.
    static let choice: StaticString = #""content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}"#
    /// In the choice of a chunk that asynchronous filtering adds.
    static let offsets: StaticString =
        #""content_filter_offsets":{"check_offset":0,"start_offset":0,"end_offset":96}"#
}
