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

    /// What stands in two vocabularies: prompt and completion, input and output, total; which input and output are taken.
    @Test(
        "in two vocabularies is read as its total says, else where more is stated",
        arguments: [
            // One agrees with the total.
            ([0, 0, 3083, 8, 3091], [3083, 8]), ([100, 5, 20, 9, 105], [100, 5]), ([100, 5, 20, 9, 29], [20, 9]),
            ([0, 8, 3083, nil, 3091], [3083, 8]), ([nil, 8, 3083, 0, 3091], [3083, 8]),
            ([100, 0, 20, 5, 105], [100, 5]),
            // None does, or there is no total: the one with more numbers that are not zero.
            ([0, 0, 3083, 8, nil], [3083, 8]), ([0, 0, 3083, 8, 0], [3083, 8]), ([3083, 8, 0, 0, nil], [3083, 8]),
            ([0, 5, 20, 9, nil], [20, 9]), ([20, 9, 0, 5, nil], [20, 9]), ([0, 8, 3083, nil, nil], [3083, 8]),
            // Nothing tells them apart but their names.
            ([10, 5, 20, 9, nil], [10, 5]), ([10, 5, 10, 5, 15], [10, 5]),
            // One vocabulary alone.
            ([7, 3, nil, nil, 10], [7, 3]), ([nil, nil, 7, 3, 10], [7, 3]), ([nil, nil, nil, nil, 10], [nil, nil]),
        ] as [([Int64?], [Int64?])]
    )
    func vocabularies(_ stated: [Int64?], _ taken: [Int64?]) {
        let names = ["prompt_tokens", "completion_tokens", "input_tokens", "output_tokens", "total_tokens"]
        let members = zip(names, stated).compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        for members in [members, members.reversed()] {
            let usage = usage("{\(members.joined(separator: ","))}")
            #expect([usage?.inputTokens, usage?.outputTokens] == taken, "\(members)")
        }
    }

    @Test("of Anthropic beside zeros of another vocabulary still leaves the cache out of its input")
    func anthropicBesideZeros() {
        let usage = usage(
            #"{"prompt_tokens":0,"completion_tokens":0,"input_tokens":25,"output_tokens":15,"cache_read_input_tokens":2000}"#
        )
        #expect(usage?.inputExcludesCache == true)
        #expect(usage?.allInputTokens == 2025)
        #expect(usage?.outputTokens == 15)
    }

    @Test("takes nothing over an input of 0 for output, whatever its total is")
    func zeroInput() {
        #expect(usage(#"{"prompt_tokens":0,"completion_tokens":31,"total_tokens":241}"#)?.outputTokens == 31)
        #expect(usage(#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":241}"#)?.outputTokens == 0)
    }

    @Test("a zero in one spelling hides no number in another of the same object")
    func zerosInDetails() {
        let (zero, number) = (#"{"cached_tokens":0}"#, #"{"cached_tokens":64}"#)
        for (prompt, input) in [(zero, number), (number, zero)] {
            let text = #"{"prompt_tokens_details":\#(prompt),"input_tokens_details":\#(input)}"#
            #expect(usage(text)?.cachedInputTokens == 64)
        }
        #expect(
            facts(events: #"{"usage":{"cached_tokens":64}}"#, #"{"usage":{"cached_tokens":0}}"#).usage?
                .cachedInputTokens == 0
        )
    }

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
