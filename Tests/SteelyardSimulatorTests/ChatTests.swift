import SteelyardSimulator
import Testing

@Suite("Chat completions")
struct ChatTests {
    private let ask = #","stream":true,"stream_options":{"include_usage":true}"#

    @Test("a plain answer counts four bytes as one token, and the witness has the same numbers")
    func plain() async throws {
        try await World.with { world in
            let answer = world.chat()
            #expect(answer.status == 200)
            #expect(answer.header("content-type") == "application/json")
            #expect(answer.body.contains(#""usage":{"prompt_tokens":9,"completion_tokens":24,"total_tokens":33"#))
            let entry = try #require(await world.simulator.witness.entries(onceEnded: 1).first)
            #expect(entry.usage.map { answer.body.contains(#""usage":"# + $0) } == true)
            #expect(entry.outcome == .completed)
            #expect(entry.usageWasSent)
        }
    }

    @Test("without include_usage a stream has no usage anywhere")
    func unasked() async throws {
        try await World.with { world in
            let answer = world.chat(#","stream":true"#)
            #expect(answer.events.last == "[DONE]")
            #expect(!answer.body.contains("usage"))
        }
    }

    @Test("with include_usage every chunk but the last has a null usage, and the last no choices")
    func asked() async throws {
        try await World.with { world in
            let chunks = world.chat(ask).events.dropLast()
            #expect(chunks.dropLast().allSatisfy { $0.hasSuffix(#","usage":null}"#) })
            #expect(chunks.last?.contains(#""choices":[],"usage":{"prompt_tokens":9,"#) == true)
        }
    }

    @Test("asking for usage changes nothing but the usage", arguments: [1, 3])
    func onlyUsageDiffers(choices: Int) async throws {
        try await World.with { world in
            let n = #","n":\#(choices)"#
            let with = world.chat(ask + n, simulate: "id=x").events
            let without = world.chat(#","stream":true"# + n, simulate: "id=x").events
            let removed = with.filter { !$0.contains(#""choices":[]"#) }.map {
                $0.replacing(#","usage":null"#, with: "")
            }
            #expect(removed == without)
        }
    }

    @Test("a request with tools is answered with a call that fits the tool's schema")
    func toolCall() async throws {
        let tools =
            #","tools":[{"type":"function","function":{"name":"look","parameters":{"properties":{"q":{"type":"string"},"k":{"type":"integer"}}}}}]"#
        try await World.with { world in
            let body = world.chat(tools).body
            #expect(body.contains(#""name":"look","arguments":"{\"q\":\"steelyard\",\"k\":1}""#))
            #expect(body.contains(#""finish_reason":"tool_calls""#))
        }
    }

    @Test("a request that brings a tool's result is answered with text")
    func toolResult() async throws {
        let body = #"{"model":"m","tools":[{"function":{"name":"f"}}],"messages":[{"role":"tool","content":"1"}]}"#
        try await World.with { world in
            let answer = world.answer(World.post("/v1/chat/completions", body))
            #expect(answer.body.contains(#""finish_reason":"stop""#))
        }
    }

    @Test("stream_options without a stream are refused as OpenAI does")
    func strayOptions() async throws {
        try await World.with { world in
            let answer = world.chat(#","stream_options":{"include_usage":true}"#)
            #expect(answer.status == 400)
            #expect(answer.body.contains(#""param":"stream_options""#))
        }
    }
}
