import SteelyardWire
import Testing

@Suite("A usage object")
struct UsageReadingTests {
    private func usage(_ object: String) -> UsageReading? { facts(.json, #"{"usage":\#(object)}"#).usage }

    @Test(
        "is read in singular and plural, prompt and input",
        arguments: [
            "prompt_tokens_details", "prompt_token_details", "input_tokens_details", "input_token_details",
        ]
    )
    func inputDetails(_ name: String) {
        let usage = usage(
            #"{"\#(name)":{"cached_tokens":1,"audio_tokens":2,"text_tokens":3,"image_tokens":4,"cached_tokens_details":{"audio_tokens":5,"text_tokens":6,"image_tokens":7}}}"#
        )
        #expect(usage?.cachedInputTokens == 1)
        #expect(usage?.audioInputTokens == 2)
        #expect(usage?.textInputTokens == 3)
        #expect(usage?.imageInputTokens == 4)
        #expect(usage?.cachedAudioInputTokens == 5)
        #expect(usage?.cachedTextInputTokens == 6)
        #expect(usage?.cachedImageInputTokens == 7)
    }

    @Test(
        "is read in singular and plural, completion and output",
        arguments: [
            "completion_tokens_details", "completion_token_details", "output_tokens_details", "output_token_details",
        ]
    )
    func outputDetails(_ name: String) {
        let usage = usage(
            #"{"\#(name)":{"reasoning_tokens":1,"audio_tokens":2,"text_tokens":3,"image_tokens":4,"accepted_prediction_tokens":5,"rejected_prediction_tokens":6}}"#
        )
        #expect(usage?.reasoningTokens == 1)
        #expect(usage?.audioOutputTokens == 2)
        #expect(usage?.textOutputTokens == 3)
        #expect(usage?.imageOutputTokens == 4)
        #expect(usage?.acceptedPredictionTokens == 5)
        #expect(usage?.rejectedPredictionTokens == 6)
    }

    @Test("of DeepSeek gives the input from hits and misses")
    func hitsAndMisses() {
        #expect(usage(#"{"prompt_cache_hit_tokens":16,"prompt_cache_miss_tokens":4}"#)?.inputTokens == 20)
    }

    @Test(
        "with Anthropic's cache fields beside prompt_tokens includes the cache",
        arguments: ["", #""input_tokens":20,"#]
    )
    func translatedAnthropic(_ more: String) {
        let usage = usage(
            #"{\#(more)"prompt_tokens":100,"cache_read_input_tokens":80,"completion_tokens":1,"total_tokens":101}"#
        )
        #expect(usage?.inputExcludesCache == false)
        #expect(usage?.allInputTokens == 100)
        #expect(usage?.outputTokens == 1)
    }

    @Test(
        "raises the output to what the total leaves, and never lowers it",
        arguments: [
            (#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}"#, 5),
            (#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":45}"#, 35),
            (#"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":0}"#, 5),
            (#"{"prompt_tokens":10,"total_tokens":45}"#, 35),
            (#"{"completion_tokens":5,"total_tokens":45}"#, 5),
        ] as [(String, Int64)]
    )
    func totalRule(_ object: String, _ output: Int64) { #expect(usage(object)?.outputTokens == output) }

    @Test("has no output when the total is all input")
    func noOutput() { #expect(usage(#"{"prompt_tokens":8,"total_tokens":8}"#)?.outputTokens == nil) }

    @Test(
        "with nonsense is flagged: what is too large is clamped, what is negative says nothing",
        arguments: [
            ("-1", nil), ("1e999999", UsageReading.maximumCount),
            ("99999999999999999999999", UsageReading.maximumCount),
            ("1000000000001", UsageReading.maximumCount), ("-1e99", nil),
        ] as [(String, Int64?)]
    )
    func nonsense(_ number: String, _ clamped: Int64?) {
        let usage = usage(#"{"prompt_tokens":\#(number)}"#)
        #expect(usage?.inputTokens == clamped)
        #expect(usage?.hasNonsense == true)
    }

    @Test(
        "tolerates numbers written as doubles",
        arguments: [("12.0", 12), ("1.2e1", 12), ("120E-1", 12), ("12.5", 13)]
    )
    func doubles(_ number: String, _ tokens: Int64) {
        let usage = usage(#"{"prompt_tokens":\#(number)}"#)
        #expect(usage?.inputTokens == tokens)
        #expect(usage?.hasNonsense == false)
    }

    @Test("keeps unknown numbers with their paths")
    func leaves() {
        let usage = usage(
            #"{"prompt_tokens":1,"iterations":[{"input_tokens":3},{"input_tokens":4}],"a":{"b.c":-0.5,"d":"7","e":true}}"#
        )
        #expect(
            usage?.leaves == [
                UsageLeaf(path: "iterations[0].input_tokens", number: JSONNumber(significand: 3)),
                UsageLeaf(path: "iterations[1].input_tokens", number: JSONNumber(significand: 4)),
                UsageLeaf(path: "a.b.c", number: JSONNumber(significand: -5, exponent: -1)),
            ]
        )
    }

    @Test("of a response's tools is kept beside it")
    func toolUsage() {
        let facts = facts(
            .json,
            #"{"usage":null,"tool_usage":{"web_search":{"num_requests":3},"image_gen":{"input_tokens":9}}}"#
        )
        #expect(facts.toolUsage?.webSearchRequests == 3)
        #expect(
            facts.toolUsage?.leaves.last
                == UsageLeaf(path: "image_gen.input_tokens", number: JSONNumber(significand: 9))
        )
        #expect(facts.usage == nil)
    }

    @Test("of a tool's pictures is read like any other, and absent when there were none")
    func pictures() {
        let stated = facts(
            .json,
            #"{"tool_usage":{"web_search":{"num_requests":3},"image_gen":{"input_tokens":9,"cached_tokens":4,"#
                + #""input_tokens_details":{"text_tokens":2,"image_tokens":7},"output_tokens":5,"total_tokens":14,"#
                + #""cached_tokens_details":{"cached_text_tokens":1,"cached_image_tokens":3}}}}"#
        ).toolUsage?.pictures
        #expect(stated?.inputTokens == 9 && stated?.outputTokens == 5 && stated?.imageInputTokens == 7)
        #expect(stated?.cachedInputTokens == 4 && stated?.cachedImageInputTokens == 3)
        let none = facts(.json, #"{"tool_usage":{"image_gen":{"input_tokens":0},"web_search":{"num_requests":3}}}"#)
        #expect(none.toolUsage?.pictures == nil)
    }

    @Test("of drawings names its model, and comes once")
    func drawings() {
        let item = #"{"type":"image_generation_call","svg_usage":{"input_tokens":1,"model":"gpt-x","output_tokens":2}}"#
        let stream =
            #"data: {"type":"response.output_item.done","item":\#(item)}"# + "\n\n"
            + #"data: {"type":"response.completed","response":{"output":[\#(item)]}}"# + "\n\n"
        let drawings = facts(.eventStream, stream).svgUsages
        #expect(drawings.map(\.model) == ["gpt-x"])
        #expect(drawings.first?.usage.outputTokens == 2)
        #expect(facts(.json, #"{"data":[{}],"svg_usage":{"model":"m","input_tokens":3}}"#).svgUsages.count == 1)
    }
}
