import SteelyardWire

private func response(_ status: String, output: String = "", usage: String = "null", _ rest: String = "") -> String {
    #"{"id":"resp_68a1","object":"response","created_at":1755700000,"status":"\#(status)","model":"gpt-6-terra-2026-10-01","error":null,"output":[\#(output)],"service_tier":"default","usage":\#(usage)\#(rest)}"#
}

private func event(_ type: String, _ rest: String) -> (String, String) {
    (type, #"{"type":"\#(type)","sequence_number":1,\#(rest)}"#)
}

private let usage = #"""
    {"input_tokens":328,"input_tokens_details":{"cached_tokens":128,"cache_write_tokens":64,"cache_write_tokens_details":{"ttl_30m_tokens":40,"ttl_12h_tokens":24}},"output_tokens":52,"output_tokens_details":{"reasoning_tokens":32},"total_tokens":380}
    """#

private let toolUsage =
    #","tool_usage":{"image_gen":{"input_tokens":0,"output_tokens":0,"total_tokens":0},"web_search":{"num_requests":2}}"#

private let items = [
    #"{"id":"ws_1","type":"web_search_call","status":"completed","action":{"type":"search","query":"q"}}"#,
    #"{"id":"ci_1","type":"code_interpreter_call","container_id":"cntr_1","code":"1+1","outputs":null}"#,
    #"{"id":"fc_1","type":"function_call","call_id":"call_9","name":"lookup","arguments":"{\"a\":1}"}"#,
    #"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi there","annotations":[]}]}"#,
]

extension AnswerFixture {
    static let responses: [AnswerFixture] = [
        responsesStream, responsesIncomplete, responsesFailed, responsesErrorEvent, responsesPlain, responsesQueued,
        compactPlain, embeddingsPlain, moderationPlain, assistantsStream, transcriptionStream, transcriptionDuration,
        imagesPlain, vectorStore,
    ]

    static let responsesStream = AnswerFixture(
        "Responses stream, completed",
        named: [
            event("response.created", #""response":\#(response("in_progress"))"#),
            event("response.output_item.added", #""output_index":0,"item":{"type":"web_search_call","id":"ws_1"}"#),
            event("response.output_item.done", #""output_index":0,"item":\#(items[0])"#),
            event("response.output_item.done", #""output_index":1,"item":\#(items[1])"#),
            event("response.function_call_arguments.delta", #""item_id":"fc_1","delta":"{\"a\":1}""#),
            event("response.output_item.done", #""output_index":2,"item":\#(items[2])"#),
            event("response.output_text.delta", #""item_id":"msg_1","delta":"Hi ","logprobs":[],"obfuscation":"q""#),
            event("response.output_text.delta", #""item_id":"msg_1","delta":"there""#),
            event("response.output_text.done", #""item_id":"msg_1","text":"Hi there""#),
            event("response.output_item.done", #""output_index":3,"item":\#(items[3])"#),
            event(
                "response.completed",
                #""response":\#(response("completed", output: items.joined(separator: ","), usage: usage, toolUsage))"#
            ),
        ]
    )

    static let responsesIncomplete = AnswerFixture(
        "Responses stream, incomplete",
        named: [
            event("response.output_text.delta", #""delta":"Hi""#),
            event(
                "response.incomplete",
                #""response":\#(response("incomplete", usage: usage, #","incomplete_details":{"reason":"max_output_tokens"}"#))"#
            ),
        ]
    )

    static let responsesFailed = AnswerFixture(
        "Responses stream, failed",
        named: [
            event("response.output_text.delta", #""delta":"Hi""#),
            event(
                "response.failed",
                #""response":{"id":"resp_f","object":"response","status":"failed","error":{"code":"server_error","message":"x"},"usage":\#(usage)}"#
            ),
        ]
    )

    static let responsesErrorEvent = AnswerFixture(
        "Responses stream, error event",
        named: [event("error", #""code":"rate_limit_exceeded","message":"slow down","param":null"#)]
    )

    static let responsesPlain = AnswerFixture(
        "Responses, plain",
        .json,
        response("completed", output: items.joined(separator: ",\n"), usage: usage, toolUsage)
    )

    static let responsesQueued = AnswerFixture("Responses, queued in the background", .json, response("queued"))

    static let compactPlain = AnswerFixture(
        "compacted response, without a model",
        .json,
        #"{"id":"resp_c","object":"response.compaction","output":[],"created_at":1,"usage":{"input_tokens":10,"output_tokens":2,"total_tokens":12}}"#
    )

    static let embeddingsPlain = AnswerFixture(
        "embeddings, plain",
        .json,
        #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[-0.0069,1e-5,0.0]},{"object":"embedding","index":1,"embedding":"AAAA"}],"model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}}"#
    )

    static let moderationPlain = AnswerFixture(
        "moderation, plain",
        .json,
        #"{"id":"modr-1","model":"omni-moderation-latest","results":[{"flagged":true,"categories":{"hate":false},"category_scores":{"hate":1.2e-7}}]}"#
    )

    static let assistantsStream = AnswerFixture(
        "assistants run: the step's usage is not the run's",
        named: [
            (
                "thread.run.created",
                #"{"id":"run_1","object":"thread.run","status":"queued","model":"gpt-4o","usage":null}"#
            ),
            (
                "thread.message.delta",
                #"{"id":"msg_1","object":"thread.message.delta","delta":{"content":[{"index":0,"type":"text","text":{"value":"Hello"}}]}}"#
            ),
            (
                "thread.run.step.completed",
                #"{"id":"step_1","object":"thread.run.step","status":"completed","usage":{"prompt_tokens":20,"completion_tokens":11,"total_tokens":31}}"#
            ),
            (
                "thread.run.completed",
                #"{"id":"run_1","object":"thread.run","status":"completed","model":"gpt-4o","usage":{"prompt_tokens":20,"completion_tokens":12,"total_tokens":32}}"#
            ),
            ("done", "[DONE]"),
        ]
    )

    static let transcriptionStream = AnswerFixture(
        "transcription stream",
        events: [
            #"{"type":"transcript.text.delta","delta":"Good "}"#, #"{"type":"transcript.text.delta","delta":"day"}"#,
            #"{"type":"transcript.text.done","text":"Good day","usage":{"type":"tokens","input_tokens":14,"input_token_details":{"text_tokens":4,"audio_tokens":10},"output_tokens":3,"total_tokens":17}}"#,
        ]
    )

    static let transcriptionDuration = AnswerFixture(
        "transcription billed by duration",
        .json,
        #"{"text":"Good day","usage":{"type":"duration","seconds":12.345}}"#
    )

    static let imagesPlain = AnswerFixture(
        "images, plain",
        .json,
        #"{"created":1,"data":[{"b64_json":"iVBORw0KGgo="}],"usage":{"input_tokens":50,"input_tokens_details":{"text_tokens":10,"image_tokens":40},"output_tokens":1056,"total_tokens":1106}}"#
    )

    static let vectorStore = AnswerFixture(
        "a vector store: its usage_bytes are no usage",
        .json,
        #"{"id":"vs_1","object":"vector_store","usage_bytes":139920,"status":"completed","file_counts":{"total":1}}"#
    )
}
