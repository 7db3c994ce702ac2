import SteelyardWire

extension AnswerFixture {
    static let others: [AnswerFixture] = [
        anthropicStream, anthropicPlain, geminiArray, xAIStream, unreadableEvents, brokenOff, unterminated,
        trailingBytes,
    ]

    static let all = chat + responses + others

    /// Found by damaging the image answer: whether it was finished depended on the cut.
    static let trailingBytes = AnswerFixture(
        "plain, a bracket too many",
        .json,
        #"{"id":"t","usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}}"#
    )

    static let anthropicStream = AnswerFixture(
        "Anthropic stream",
        named: [
            (
                "message_start",
                #"{"type":"message_start","message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-5","content":[],"stop_reason":null,"usage":{"input_tokens":25,"cache_creation_input_tokens":100,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":40},"output_tokens":1,"service_tier":"standard"}}}"#
            ),
            (
                "content_block_start",
                #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#
            ),
            ("ping", #"{"type":"ping"}"#),
            (
                "content_block_delta",
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}"#
            ),
            (
                "content_block_start",
                #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"calc","input":{}}}"#
            ),
            (
                "content_block_delta",
                #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1}"}}"#
            ),
            (
                "message_delta",
                #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":null,"output_tokens":15}}"#
            ),
            ("message_stop", #"{"type":"message_stop"}"#),
        ]
    )

    static let anthropicPlain = AnswerFixture(
        "Anthropic, plain",
        .json,
        #"{"id":"msg_02","type":"message","role":"assistant","model":"claude-sonnet-5","content":[{"type":"text","text":"Hi"},{"type":"tool_use","id":"toolu_2","name":"calc","input":{"name":"inner"}}],"stop_reason":"end_turn","usage":{"input_tokens":10,"output_tokens":5}}"#
    )

    static let geminiArray = AnswerFixture(
        "Gemini: a stream as one array",
        .json,
        #"[{"candidates":[{"content":{"parts":[{"text":"Hel"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":10,"totalTokenCount":10,"promptTokensDetails":[{"modality":"TEXT","tokenCount":10}]},"modelVersion":"gemini-3.6-flash","responseId":"r1"}"#
            + ",\r\n"
            + #"{"candidates":[{"content":{"parts":[{"text":"lo"},{"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":4,"thoughtsTokenCount":30,"toolUsePromptTokenCount":6,"totalTokenCount":50,"candidatesTokensDetails":[{"tokenCount":4,"modality":"TEXT"}]},"modelVersion":"gemini-3.6-flash"}]"#
    )

    static let xAIStream = AnswerFixture(
        "xAI: reasoning outside the output",
        events: [
            #"{"id":"x","model":"grok-5","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":9,"total_tokens":409,"completion_tokens_details":{"reasoning_tokens":300},"num_sources_used":2,"cost_in_usd_ticks":37756000}}"#,
            "[DONE]",
        ]
    )

    static let unreadableEvents = AnswerFixture(
        "events that are no JSON",
        events: ["hello", #"{"id":"u","choices":[}"#, "", #"{"id":"v","model":"m"}"#, "[DONE] and more"]
    )

    static let brokenOff = AnswerFixture(
        "broken off inside an event",
        .eventStream,
        #"data: {"id":"b","choices":[{"delta":{"content":"abc"}}]}"# + "\n\n"
            + #"data: {"id":"b","usage":{"prompt_tokens":4},"choices":[{"delta":{"content":"de"#
    )

    static let unterminated = AnswerFixture(
        "a last event without its blank line",
        .eventStream,
        #"data: {"id":"c","choices":[{"finish_reason":"stop"}]}"# + "\n\n"
            + #"data: {"id":"c","choices":[],"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5}}"#
    )
}
