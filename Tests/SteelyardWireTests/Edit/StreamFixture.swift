import Testing

/// A stream in some provider's shape, as it comes when usage was asked for. What stands between « and » comes only
/// because of that: without it the stream is, byte for byte, what comes when usage was not asked for.
struct StreamFixture: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    /// The stream with usage.
    let asked: [UInt8]
    /// The stream without.
    let unasked: [UInt8]
    /// How many bytes of the stream without usage come in the first so many of the stream with usage.
    private let visibleCounts: [Int]

    var testDescription: String { name }

    init(name: String, text: String) {
        var (asked, unasked, visibleCounts): ([UInt8], [UInt8], [Int]) = ([], [], [0])
        var isAdded = false
        for scalar in text.unicodeScalars {
            guard scalar != "«", scalar != "»" else {
                isAdded = scalar == "«"
                continue
            }
            for byte in String(scalar).utf8 {
                asked.append(byte)
                if !isAdded { unasked.append(byte) }
                visibleCounts.append(unasked.count)
            }
        }
        (self.name, self.text) = (name, text)
        (self.asked, self.unasked, self.visibleCounts) = (asked, unasked, visibleCounts)
    }

    /// What the first `count` bytes of the stream with usage leave of the stream without.
    func visible(upTo count: Int) -> ArraySlice<UInt8> { unasked[..<visibleCounts[count]] }

    /// The same stream with another line end.
    func with(lineEnd: String, named label: String) -> StreamFixture {
        StreamFixture(
            name: "\(name), \(label)",
            text: text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: lineEnd)
        )
    }
}

extension StreamFixture {
    /// Every stream in every line end.
    static let all = shapes.flatMap { shape in
        [shape, shape.with(lineEnd: "\r\n", named: "CRLF"), shape.with(lineEnd: "\r", named: "CR")]
    }

    private static let shapes = [
        StreamFixture(
            name: "OpenAI chat",
            text: #"""
                data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}]«,"usage":null»,"obfuscation":"aB3"}

                data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":"Hé \"llo\" \\ {\"usage\":null}"},"logprobs":null,"finish_reason":null}]«,"usage":null»,"obfuscation":"x"}

                data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]«,"usage":null»,"obfuscation":""}

                «data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"gpt-4.1-2025-04-14","service_tier":"default","system_fingerprint":"fp_1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"obfuscation":"Zz"}

                »data: [DONE]


                """#
        ),
        StreamFixture(
            name: "OpenAI legacy completion",
            text: #"""
                data: {"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":"Hi","index":0,"logprobs":null,"finish_reason":null}],"model":"gpt-3.5-turbo-instruct"«,"usage":null»}

                «data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"gpt-3.5-turbo-instruct","usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2},"choices":[]}

                »data: [DONE]


                """#
        ),
        StreamFixture(
            name: "Azure with filter results",
            text: #"""
                data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}}]«,"usage":null»}

                data: {"choices":[{"content_filter_results":{},"delta":{"content":"Hi"},"finish_reason":null,"index":0}],"created":1,"id":"c","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk","system_fingerprint":"fp"«,"usage":null»}

                data: {"choices":[{"content_filter_offsets":{"check_offset":44},"content_filter_results":{},"index":0}]«,"usage":null»,"id":""}

                data: {"choices":[],"created":1,"id":"c","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk","prompt_filter_results":[]«,"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}»}

                «data: {"choices":[],"created":1,"id":"c","model":"gpt-4o-2024-11-20","object":"chat.completion.chunk","system_fingerprint":"fp","usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}

                »data: [DONE]


                """#
        ),
        StreamFixture(
            name: "an empty first chunk in envelope members alone",
            text: #"""
                data: {"choices":[],"created":0,"id":"","model":"","object":""«,"usage":null»}

                data: {"choices":[{"delta":{"content":"Hi"},"index":0}]«,"usage":null»}


                """#
        ),
        StreamFixture(
            name: "Mistral and DeepSeek, usage beside the last content",
            text: #"""
                data: {"id":"m","object":"chat.completion.chunk","created":1,"model":"mistral-small","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}

                data: {"id":"m","object":"chat.completion.chunk","created":1,"model":"mistral-small","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_cache_hit_tokens":0}}

                data: [DONE]


                """#
        ),
        StreamFixture(
            name: "xAI and vLLM, running usage beside content, first or last",
            text: #"""
                data: {"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2},"id":"v","choices":[{"index":0,"delta":{"content":"A"}}]}

                data: {"id":"v","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"x":{"y":[]},"choices":[{"index":0,"delta":{"content":"B"}}],"model":"v"}

                data: {"id":"v","choices":[{"index":0,"delta":{"content":"B"}}],"usage":{"prompt_tokens":1,"completion_tokens":3,"total_tokens":4}}

                «data: {"id":"v","object":"chat.completion.chunk","created":1,"model":"v","choices":[],"usage":{"prompt_tokens":1,"total_tokens":4,"completion_tokens":3}}

                »data: [DONE]


                """#
        ),
        StreamFixture(
            name: "Gemini-compatible, usage on every chunk",
            text: #"""
                data: {"choices":[{"delta":{"content":"A","role":"assistant"},"index":0}],"created":1,"id":"g","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":1,"prompt_tokens":5,"total_tokens":9}}

                data: {"choices":[{"delta":{"content":"B","role":"assistant"},"finish_reason":"stop","index":0}],"created":1,"id":"g","model":"gemini-2.5-flash","object":"chat.completion.chunk","usage":{"completion_tokens":2,"prompt_tokens":5,"total_tokens":12}}

                data: [DONE]


                """#
        ),
        StreamFixture(
            name: "OpenRouter, comments and provider",
            text: #"""
                : OPENROUTER PROCESSING

                : OPENROUTER PROCESSING

                data: {"id":"gen-1","provider":"OpenAI","model":"openai/gpt-4.1","object":"chat.completion.chunk","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},"finish_reason":null}]«,"usage":null»}

                : keep-alive
                :
                «data: {"id":"gen-1","provider":"OpenAI","model":"openai/gpt-4.1","object":"chat.completion.chunk","created":1,"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"cost":0.95e-05,"is_byok":false,"cost_details":{"upstream_inference_cost":null}}}

                »data: [DONE]


                """#
        ),
        StreamFixture(
            name: "errors within the stream",
            text: #"""
                data: {"id":"e","choices":[{"index":0,"delta":{"content":"A"}}]«,"usage":null»}

                data: {"error":{"message":"The server had an error","type":"server_error","param":null,"code":429},"usage":null}

                data: {"id":"e","choices":[],"usage":{"total_tokens":1},"error":{"message":"x"}}

                data: {"usage":null,"id":"e","error":"x","choices":[]}

                event: error
                data: {"choices":[],"usage":{"total_tokens":1}}

                data: {"choices":[{}],"error":null«,"usage":null»}

                «data: {"choices":[],"error":null,"usage":{"total_tokens":1}}

                »data: [DONE]


                """#
        ),
        StreamFixture(
            name: "usage chunks with choices null, absent, or after the usage",
            text: #"""
                «data: {"id":"a","object":"chat.completion.chunk","choices":null,"usage":{"total_tokens":1}}

                »data: {"choices":[{}]}

                «data: {"id":"a","object":"chat.completion.chunk","usage":{"total_tokens":1}}

                »«data: {"usage":{"total_tokens":1}}

                »«data: {"usage":{"total_tokens":1},"choices":[]}

                »data: {"choices":[{}]}

                «data: {"usage":{"total_tokens":1},"id":"a","choices":null}

                »data: {"choices":null,"timings":{"a":1.5}«,"usage":{"total_tokens":1}»}

                data: {«"usage":{"total_tokens":1},»"x_groq":{"id":"r"}}

                data: {«"usage":{"total_tokens":1},»"x_groq":{"id":"r"},"choices":[]}

                data: {"x_groq":{"id":"r"}«,"usage":{"total_tokens":1}»,"id":"r"}

                data: {"id":"r"«,"usage":{"total_tokens":1}»,"y":1,"choices":[],"z":[{"usage":null}]}


                """#
        ),
        StreamFixture(
            name: "white space in plenty",
            text: #"""
                data:   { "id" : "w" , "choices" : [ { "index" : 0 , "usage" : null } ]« , "usage" : null» , "model" : "m" }  

                data: {	"choices"	:	[	{}	]«	,	"usage"	:	null»	}

                data: { «"usage" : null , »"choices" : [ { } ] }

                data: {"id": "w", "choices": [{"index": 0}]«, "usage": null»}

                «data: { "id" : "w" , "choices" : [ ] , "usage" : { "total_tokens" : 1 } } 

                »«data:{"choices":[ ],"usage":{ }}

                »data: [DONE]


                """#.replacing("\n                \n", with: "\n\n")
        ),
        StreamFixture(
            name: "null usage first, last, alone, nested and spelled in escapes",
            text: #"""
                data: {«"usage":null,»"id":"f","choices":[{"delta":{"usage":null,"content":",\"usage\":null"}}]}

                data: {«"usage":null»}

                data: {"choices":[{"a":[{"usage":null}]}]«,"us\u0061ge":null»}

                data: {"choices":[{}],"a":{"usage":null}«,"\u0075\u0073\u0061\u0067\u0065":null»,"usag":null,"usages":null,"Usage":null,"u":null,"c":[],"error_":null}

                data: {"choices":[{}],"usage":0,"b":1}

                data: {"choices":[{}],"usage":"null","b":1}

                data: {"choices":[{}],"usage":[null],"b":1}

                data: {"id":"f"«,"usage":null»,"choices":[]}

                data: {"id":"f"«,"usage":null»,"choices":[],"other":1}

                data: {"choices":[{}],"key\\":null«,"usage":null»,"\"":1}


                """#
        ),
        StreamFixture(
            name: "events that are none of ours",
            text: #"""
                data: {"choices":[],"usage":{"total_tokens":1}}
                data: {"more":1}

                data: {"choices":[],"usage":{"total_tokens":1}
                id: 1
                data: }

                data: {"choices":[],"usage":{"total_tokens":1}
                data: x}

                data: {"choices":[],"usage":{"total_tokens":1},"id":"
                data: "}

                data: {"choices":[],"usage":nul
                data: l}

                data: {"choices":[{}],
                event: x
                data: "usage":null}

                data: {"choices":[],
                data: "usage":{"total_tokens":1},

                data: }

                data: {"id":"m"}
                data

                data
                data: {"usage":null

                data:

                data: [1,{"usage":null}]

                data: "usage"

                data: {"usage":null

                data: {"choices":[],"usage":{"total_tokens":1}}}

                data: {"choices":[],"usage":{"total_tokens":1}} x

                data: {"choices":[],"usage":{"total_tokens":tru}}

                data: {"choices":[],"usage":{"total_tokens":trux}}

                data: {"choices":[],"usage":{"total_tokens":1x}}

                data: {"choices":[],"usage":{"total_tokens":x}}

                data: {"choices":[],"usage":{"total_tokens":1}]

                data: {"choices":[}],"usage":{"total_tokens":1}}

                data: {"id":[1},"choices":[],"usage":{"total_tokens":1}}

                data: {"choices":[],"usage":{"a":1]}}

                data: {"choices":[],"usage":{"a":"x	"}}

                data: {"choices":[],"usage":nul}

                data: {"choices":[],"usage":nullx}

                data: {"choices":[],"usage":{"a":1},"usage":{"a":1}}

                data: {"choices":[],"choices":[],"usage":{"a":1}}

                data: {"choices":{},"usage":{"a":1}}

                data: {"choices":"","usage":null}

                data: {"usage":null,}

                data: {,"usage":null}

                data: {"usage" null}

                data: {"usage":{}"choices":[]}

                database: {"usage":null}

                dat

                id: 1
                retry: 5

                event: ping

                {"usage":null}

                usage


                """#
        ),
        StreamFixture(
            name: "objects that stand in several data lines",
            text: #"""
                data: {
                data:   "id": "p",
                data:   "choices": [
                data:     {"index": 0, "delta": {"content": "Hi"}}
                data:   ]«,
                data:   "usage": null»
                data: }

                data: {"choices":[{}]«,
                data:"usage"
                data
                data::
                data:  null»,
                data:
                data: "id":"q"}

                data: {«"usage":null,
                data: »"choices":[{}]}

                «data: {"choices":[],
                data: "usage":{
                data: "total_tokens":1}
                data: }

                »«data
                data: {"choices":[],"usage":{"total_tokens":1}}
                data
                data:

                »«id: 7
                data: {"choices":[]
                data: ,"usage":{"total_tokens":1}}
                retry: 5

                »data
                data: {"choices":[{}]«,"usage":null»}

                data: {"choices":[],"other":1«,
                data: "usage":{"total_tokens":1}»
                data: }

                data: {"choices":[{"a":"b"}],"c":[1,
                data: 2]«,"usage":null»,
                data: "d":{"usage":null}}

                data: [DONE]


                """#
        ),
        StreamFixture(
            name: "event, id and retry lines go with the extra chunk",
            text: #"""
                event: completion.chunk
                id: 1
                data: {"choices":[{}]«,"usage":null»}
                retry: 5

                «event: completion.chunk
                id: 2
                data: {"choices":[],"usage":{"total_tokens":1}}
                retry: 5
                x

                »id: 3
                data: {"choices":[],"o":1«,"usage":{"total_tokens":1}»}

                data: [DONE]


                """#
        ),
        StreamFixture(
            name: "a byte order mark",
            text:
                "\u{FEFF}«data: {\"choices\":[],\"usage\":{\"a\":1}}\n\n»data: {\"choices\":[{}]«,\"usage\":null»}\n\n"
        ),
        StreamFixture(
            name: "an audio chunk of 100,000 bytes of base64",
            text: "data: {\"id\":\"b\",\"choices\":[{\"delta\":{\"audio\":{\"data\":\""
                + String(repeating: "QUFB", count: 25_000) + "\"}}}]«,\"usage\":null»}\n\ndata: [DONE]\n\n"
        ),
    ]
}
