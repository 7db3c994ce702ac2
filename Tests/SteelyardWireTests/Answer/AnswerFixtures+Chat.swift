import SteelyardWire

private let head =
    #""id":"chatcmpl-Cc7uWQ1uYvS0","object":"chat.completion.chunk","created":1763680000,"model":"gpt-4.1-2025-04-14""#

private func delta(_ delta: String, finish: String = "null", _ rest: String = "") -> String {
    #"{\#(head),"choices":[{"index":0,"delta":{\#(delta)},"logprobs":null,"finish_reason":\#(finish)}]\#(rest)}"#
}

private let fullUsage = #"""
    {"prompt_tokens":1117,"completion_tokens":46,"total_tokens":1163,"prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":10,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":3}}
    """#

extension AnswerFixture {
    static let chat: [AnswerFixture] = [
        chatStream, chatStreamWithUsage, azureStream, usageBesideContent, runningUsage, groqStream, openRouterStream,
        errorInStream, toolCallStream, twoChoices, perplexityStream, lineEnds, chatPlain, completionPlain,
        deepSeekPlain,
        usageBeforeChoices,
    ]

    static let chatStream = AnswerFixture(
        "chat stream without usage",
        events: [
            delta(#""role":"assistant","content":"""#, #","obfuscation":"a""#),
            delta(#""content":"Hel\nlo""#, #","obfuscation":"xZ81""#), delta(#""content":" w\u00f6rld \ud83d\ude00""#),
            delta("", finish: #""stop""#), "[DONE]",
        ]
    )

    static let chatStreamWithUsage = AnswerFixture(
        "chat stream with usage",
        events: [
            delta(#""role":"assistant","content":"""#, #","service_tier":"default","usage":null"#),
            delta(#""content":"Hello""#, #","service_tier":"default","usage":null,"obfuscation":"xZ81""#),
            delta("", finish: #""stop""#, #","service_tier":"default","usage":null"#),
            #"{\#(head),"service_tier":"priority","choices":[],"usage":\#(fullUsage)}"#, "[DONE]",
        ]
    )

    static let azureStream = AnswerFixture(
        "Azure: an empty first chunk, filter chunks after the end",
        events: [
            #"{"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]}"#,
            delta(#""content":"Hi""#), delta("", finish: #""stop""#),
            #"{"choices":[{"content_filter_offsets":{"check_offset":35},"content_filter_results":{},"finish_reason":null,"index":0}],"created":0,"id":"","model":"","object":""}"#,
            #"{\#(head),"choices":[],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":9}}"#, "[DONE]",
        ]
    )

    static let usageBesideContent = AnswerFixture(
        "usage beside the last content",
        events: [
            delta(#""content":"Bon""#),
            delta(
                #""content":"jour""#,
                finish: #""length""#,
                #","usage":{"prompt_tokens":5,"total_tokens":9,"completion_tokens":4}"#
            ),
            "[DONE]",
        ]
    )

    static let runningUsage = AnswerFixture(
        "running usage on every chunk",
        events: (1...5).map { count in
            delta(
                #""content":"a""#,
                finish: count == 5 ? #""stop""# : "null",
                #","usage":{"prompt_tokens":7,"completion_tokens":\#(count),"total_tokens":\#(7 + count)}"#
            )
        } + ["[DONE]"]
    )

    static let groqStream = AnswerFixture(
        "Groq: usage under x_groq, doubles among the integers",
        events: [
            #"{\#(head),"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"x_groq":{"id":"req_1"}}"#,
            #"{\#(head),"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.0372,"prompt_tokens":18,"prompt_time":6.12e-4,"completion_tokens":5.0,"total_tokens":23}}}"#,
            "[DONE]",
        ]
    )

    static let openRouterStream = AnswerFixture(
        "OpenRouter: comments while queued",
        .eventStream,
        ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata:" + delta(#""content":"Hi""#)
            + "\n\n:\n\ndata: "
            + delta(
                "",
                finish: #""stop""#,
                #","usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4,"cost":0.00000195,"is_byok":false,"cost_details":{"upstream_inference_cost":null}}"#
            )
            + "\n\ndata: [DONE]\n\n"
    )

    static let errorInStream = AnswerFixture(
        "an error with an integer code in mid-stream",
        events: [
            delta(#""content":"Hi""#),
            #"{"error":{"message":"Provider returned error","code":429,"type":"rate_limit","metadata":{"code":1}},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
        ]
    )

    static let toolCallStream = AnswerFixture(
        "two tool calls in fragments",
        events: [
            delta(
                #""role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_weather","arguments":""}}]"#
            ),
            delta(#""tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]"#),
            delta(#""tool_calls":[{"index":0,"function":{"arguments":"\"Paris\"}"}}]"#),
            delta(
                #""tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"search","arguments":"{}"}}]"#
            ),
            delta("", finish: #""tool_calls""#), "[DONE]",
        ]
    )

    static let twoChoices = AnswerFixture(
        "two choices in turn",
        events: [
            #"{"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"#,
            #"{"id":"c","choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}]}"#,
            #"{"id":"c","choices":[{"delta":{},"finish_reason":"stop","index":1}]}"#,
            #"{"id":"c","choices":[{"delta":{},"finish_reason":"length","index":0}]}"#, "[DONE]",
        ]
    )

    static let perplexityStream = AnswerFixture(
        "the whole message beside every delta",
        events: [
            #"{"id":"p","choices":[{"index":0,"delta":{"content":"ab"},"message":{"content":"ab"},"finish_reason":null}]}"#,
            #"{"id":"p","choices":[{"index":0,"delta":{"content":"cd"},"message":{"content":"abcd"},"finish_reason":"stop"}]}"#,
        ]
    )

    static let lineEnds = AnswerFixture(
        "a byte order mark and all line ends",
        .eventStream,
        "\u{FEFF}data: {\"id\":\"x\",\r\ndata: \"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n"
            + "id: 7\rretry: 10\rdata:{\"id\":\"y\",\"model\":\"m\"}\r\r: ping\n\nevent: message\ndata: [DONE]\n\n"
    )

    static let chatPlain = AnswerFixture(
        "chat, plain",
        .json,
        #"""
        {
          "id": "chatcmpl-B1", "object": "chat.completion", "created": 1741569952, "model": "gpt-5.4-2026-03-05",
          "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello!", "refusal": null, "annotations": [],
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{\"q\":1}"}}]},
            "logprobs": {"content": [{"token": "H", "bytes": [72], "top_logprobs": []}]}, "finish_reason": "tool_calls"}],
          "usage": \#(fullUsage),
          "service_tier": "flex", "system_fingerprint": "fp_x"
        }
        """#
    )

    static let completionPlain = AnswerFixture(
        "legacy completion, plain",
        .json,
        #"{"id":"cmpl-1","object":"text_completion","model":"gpt-3.5-turbo-instruct","choices":[{"text":"one","index":0,"logprobs":null,"finish_reason":"length"},{"text":"two","index":1,"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#
    )

    static let deepSeekPlain = AnswerFixture(
        "DeepSeek: blank lines before the body",
        .json,
        "\n\n\n\n"
            + #"{"id":"d","object":"chat.completion","model":"deepseek-chat","choices":[{"index":0,"message":{"role":"assistant","content":"x","reasoning_content":"because"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":3,"total_tokens":23,"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":4}}"#
    )

    static let usageBeforeChoices = AnswerFixture(
        "usage before choices, a key in escapes",
        .json,
        #"{"us\u0061ge":{"prompt\u005ftokens":5,"completion_tokens":6,"total_tokens":11},"\u0069d":"c\u002d1","choices":[{"finish_reason":"stop","message":{"content":"hi"}}]}"#
    )
}
