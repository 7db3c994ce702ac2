import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("A usage that does not say enough")
struct IncompleteUsageTests {
    /// 400 bytes of text and 10 of role and such make 100 and some tokens of input.
    private static let request =
        #"{"model":"gpt-4.1","messages":[{"role":"user","content":"\#(String(repeating: "word", count: 100))"}]}"#
    private static let inputTokens: Int64 = 101
    /// 40 bytes.
    private static let text = String(repeating: "word", count: 10)

    private static func weight(
        usage: String,
        text: String = text,
        request: String = request,
        at target: String = "/v1/chat/completions"
    ) -> Weight? {
        var walk = Walk()
        walk.post(target, request)
        walk.departs()
        walk.answers(200)
        let message = #""choices":[{"index":0,"message":{"content":"\#(text)"},"finish_reason":"stop"}]"#
        walk.piece(#"{"model":"gpt-4.1","object":"chat.completion",\#(message),"usage":\#(usage)}"#)
        walk.ends()
        return walk.summary?.charge?.weight
    }

    /// A usage, and the input and output that are charged; nil: the charge is exact.
    static let usages: [(String, Int64, Int64)] = [
        (#"{"prompt_tokens":210,"completion_tokens":null,"total_tokens":null}"#, 210, 10),
        (#"{"prompt_tokens":210}"#, 210, 10),
        (#"{"prompt_tokens":210,"completion_tokens":0,"total_tokens":210}"#, 210, 10),
        (#"{"prompt_tokens":210,"completion_tokens":-1}"#, 210, 10),
        (#"{"prompt_tokens":210,"completion_tokens":"31"}"#, 210, 10),
        (#"{"completion_tokens":31}"#, inputTokens, 31),
        (#"{"prompt_tokens":null,"completion_tokens":31}"#, inputTokens, 31),
        (#"{"prompt_tokens":0,"completion_tokens":31,"total_tokens":31}"#, inputTokens, 31),
        (#"{"prompt_tokens":-210,"completion_tokens":31}"#, inputTokens, 31),
        (#"{"prompt_tokens":"210","completion_tokens":31}"#, inputTokens, 31),
        (#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#, inputTokens, 10),
        (#"{"prompt_tokens":-1,"completion_tokens":-1}"#, inputTokens, 10),
        (#"{"input_tokens":210,"output_tokens":null}"#, 210, 10),
        (#"{"total_tokens":241}"#, 231, 10),
        (#"{"total_tokens":5}"#, 0, 5),
    ]

    @Test("has the side that it leaves out estimated, and is marked", arguments: usages)
    func sides(usage: String, prompt: Int64, completion: Int64) {
        let weight = Self.weight(usage: usage)
        #expect(weight?.confidence == .estimated)
        #expect(weight?.reason == "incomplete_usage")
        #expect(weight?.tokens?.prompt == prompt)
        #expect(weight?.tokens?.completion == completion)
        #expect(weight?.cost == Picodollars(prompt * 2_000_000 + completion * 8_000_000))
        #expect(weight.map { String(decoding: $0.usage, as: UTF8.self) } == usage, "the provider's word is kept")
    }

    /// Usages that are complete although something is missing or zero, and their tokens.
    static let complete: [(String, String, Int64, Int64)] = [
        (#"{"prompt_tokens":210,"total_tokens":241}"#, text, 210, 31),
        (#"{"prompt_tokens":210,"completion_tokens":0,"total_tokens":210}"#, "", 210, 0),
        (#"{"prompt_tokens":210,"total_tokens":210}"#, "", 210, 0),
    ]

    @Test("is exact where the stated numbers leave nothing open", arguments: complete)
    func exact(usage: String, text: String, prompt: Int64, completion: Int64) {
        let weight = Self.weight(usage: usage, text: text)
        #expect(weight?.confidence == .exact)
        #expect(weight?.cost == Picodollars(prompt * 2_000_000 + completion * 8_000_000))
    }

    @Test("of vectors is all input: the total alone is exact")
    func vectors() {
        var walk = Walk()
        walk.post("/v1/embeddings", #"{"model":"text-embedding-3-small","input":"hello"}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(#"{"object":"list","data":[{"embedding":[0.1]}],"usage":{"total_tokens":800}}"#)
        walk.ends()
        let weight = walk.summary?.charge?.weight
        #expect(weight?.confidence == .exact)
        #expect(weight?.tokens == TokenAmounts(prompt: 800, completion: 0))
        #expect(weight?.cost == Picodollars(800 * 20_000))
    }

    @Test("of vectors that counts nothing is estimated from the input")
    func emptyVectors() {
        var walk = Walk()
        walk.post("/v1/embeddings", #"{"model":"text-embedding-3-small","input":"12345678"}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(#"{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":0,"total_tokens":0}}"#)
        walk.ends()
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect(walk.summary?.charge?.weight.tokens == TokenAmounts(prompt: 2, completion: 0))
    }

    @Test("of vectors of token ids that counts nothing is estimated from their number")
    func tokenIDs() {
        var walk = Walk()
        walk.post("/v1/embeddings", #"{"model":"text-embedding-3-small","input":[1,2,3,4,5,6,7,8]}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(#"{"object":"list","data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":0,"total_tokens":0}}"#)
        walk.ends()
        #expect(walk.summary?.charge?.weight.confidence == .estimated)
        #expect((walk.summary?.charge?.weight.tokens?.prompt ?? 0) >= 8)
    }

    @Test("is read however deeply nested the tools are that a response repeats")
    func deepTools() {
        let deep = String(repeating: #"{"a":"#, count: 125) + "1" + String(repeating: "}", count: 125)
        let body =
            #"{"model":"gpt-4.1","input":"hi","stream":true,"tools":[{"type":"function","parameters":\#(deep)}]}"#
        var walk = Walk()
        walk.post("/v1/responses", body)
        walk.departs()
        walk.answers(200, "text/event-stream")
        let usage = #"{"input_tokens":1000,"output_tokens":500,"total_tokens":1500}"#
        let tools = #","tools":[{"type":"function","parameters":\#(deep)}]}"#
        let response = Fixture.response(status: "completed", usage: usage).dropLast() + tools
        walk.piece(#"data: {"type":"response.completed","response":\#(response)}"# + "\n\n")
        walk.ends()
        #expect(walk.summary?.charge?.weight.confidence == .exact)
        #expect(walk.summary?.charge?.weight.cost == Picodollars(6_000_000_000))
    }

    @Test("is believed when it counts nothing beside a failure that shows no work")
    func failure() {
        var walk = Walk()
        walk.post("/v1/responses", #"{"model":"gpt-4.1","input":"hello"}"#)
        walk.departs()
        walk.answers(200)
        let zeros = #"{"input_tokens":0,"output_tokens":0,"total_tokens":0}"#
        let failed = Fixture.response(status: "failed", usage: zeros)
        walk.piece(failed.dropLast() + #","error":{"code":"server_error"}}"#)
        walk.ends()
        #expect(walk.summary?.charge?.weight.cost == .zero)
        #expect(walk.summary?.error == .upstreamStream)
    }
}
