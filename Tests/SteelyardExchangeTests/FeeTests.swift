import SteelyardPolicy
import Testing

@testable import SteelyardExchange

/// What a Responses answer says; the words of its members as they are sent.
private struct Responses: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var model = "gpt-5"
    /// Tools in the request.
    var tools = ""
    /// Items in the answer's `output`.
    var output = ""
    var rest = ""
    var usage = #"{"input_tokens":1000,"output_tokens":100,"total_tokens":1100}"#

    var request: String { #"{"model":"\#(model)","input":"a boat","tools":[\#(tools)]}"# }
    var answer: String {
        #"{"id":"resp_1","object":"response","status":"completed","model":"\#(model)","#
            + #""output":[\#(output)],"usage":\#(usage)\#(rest)}"#
    }
}

private func weight(
    _ request: String,
    to target: String = "/v1/responses",
    answered answer: String,
    _ type: String = "application/json",
    ending: TransferFailure? = nil,
    _ rules: Rules = World.rules()
) -> Weight? {
    var walk = Walk(rules)
    walk.post(target, request)
    walk.departs()
    walk.answers(200, type)
    walk.piece(answer)
    walk.ends(ending)
    return walk.summary?.charge?.weight
}

private func tool(_ model: String) -> String { #"{"type":"image_generation","model":"\#(model)"}"# }

@Suite("Pictures that a tool made")
struct PictureFeeTests {
    private static let call = #"{"type":"image_generation_call","id":"ig_1","status":"completed","result":"AAAA"}"#
    private static let text = 2_250_000_000 as Int64
    private static let stated =
        #","tool_usage":{"image_gen":{"input_tokens":50,"input_tokens_details":{"text_tokens":50,"image_tokens":0},"#
        + #""output_tokens":4160,"output_tokens_details":{"image_tokens":4160,"text_tokens":0},"total_tokens":4210}}"#
    private static let echo = #","tools":[{"type":"image_generation","model":"gpt-image-1-mini"},{"type":"function"}]"#

    /// Answers and what they cost; nil confidence: exact.
    private static let rows: [(Responses, Int64, Confidence)] = [
        (
            Responses(testDescription: "named by the request", tools: tool("gpt-image-1"), output: call, rest: stated),
            168_900_000_000, .exact
        ),
        (
            Responses(
                testDescription: "named by the answer alone",
                tools: #"{"type":"image_generation"}"#,
                output: call,
                rest: stated + echo
            ),
            35_630_000_000, .exact
        ),
        (
            Responses(
                testDescription: "named by both: the answer knows",
                tools: tool("gpt-image-1"),
                output: call,
                rest: echo + stated
            ),
            35_630_000_000, .exact
        ),
        (
            Responses(
                testDescription: "without a stated split: output is pictures",
                tools: tool("gpt-image-1.5"),
                output: call,
                rest: #","tool_usage":{"image_gen":{"input_tokens":50,"output_tokens":100,"total_tokens":150}}"#
            ),
            text + 50 * 5_000_000 + 100 * 32_000_000, .exact
        ),
        (
            Responses(
                testDescription: "from a cache",
                tools: tool("gpt-image-1"),
                rest: #","tool_usage":{"image_gen":{"input_tokens":50,"input_tokens_details":{"text_tokens":20,"#
                    + #""image_tokens":30},"cached_tokens":40,"cached_tokens_details":{"cached_text_tokens":10,"#
                    + #""cached_image_tokens":30},"output_tokens":0,"total_tokens":50}}"#
            ),
            text + 10 * 5_000_000 + 10 * 1_250_000 + 30 * 2_500_000, .exact
        ),
        (
            Responses(
                testDescription: "beside a dearer tier of the main model",
                tools: tool("gpt-image-1"),
                output: call,
                rest: stated + #","service_tier":"priority""#
            ),
            2 * text + 166_650_000_000, .exact
        ),
        (
            Responses(
                testDescription: "beside a long prompt of the main model",
                model: "gpt-5.6-sol",
                tools: tool("gpt-image-1"),
                output: call,
                rest: stated,
                usage: #"{"input_tokens":300000,"output_tokens":100,"total_tokens":300100}"#
            ),
            300_000 * 8_000_000 + 100 * 30_000_000 + 166_650_000_000, .exact
        ),
        (
            Responses(
                testDescription: "by a model that nobody names",
                tools: #"{"type":"image_generation"}"#,
                output: call,
                rest: stated
            ),
            text, .unpriced
        ),
        (
            Responses(
                testDescription: "by a model without a price",
                tools: tool("gpt-image-99"),
                output: call,
                rest: stated
            ),
            text, .unpriced
        ),
        (
            Responses(
                testDescription: "by one of two models",
                tools: tool("gpt-image-1") + "," + tool("gpt-image-2"),
                output: call,
                rest: stated
            ),
            text, .unpriced
        ),
        (
            Responses(testDescription: "and not stated", tools: tool("gpt-image-1"), output: call),
            text, .unpriced
        ),
        (
            Responses(
                testDescription: "and stated as none",
                tools: tool("gpt-image-1"),
                output: call,
                rest: #","tool_usage":{"image_gen":{"input_tokens":0,"output_tokens":0,"total_tokens":0}}"#
            ),
            text, .unpriced
        ),
        (
            Responses(
                testDescription: "none: offered, not used",
                tools: tool("gpt-image-1"),
                rest: #","tool_usage":{"image_gen":{"input_tokens":0,"output_tokens":0,"total_tokens":0}}"#
            ),
            text, .exact
        ),
        (
            Responses(
                testDescription: "drawn by a model of its own",
                tools: tool("gpt-image-1"),
                output: #"{"type":"image_generation_call","status":"completed","svg_usage":{"model":"gpt-4.1","#
                    + #""input_tokens":10,"output_tokens":20,"reasoning_tokens":0,"total_tokens":30}}"#,
                rest: stated
            ),
            168_900_000_000 + 10 * 2_000_000 + 20 * 8_000_000, .exact
        ),
    ]

    @Test("are charged at the rates of their model, or the charge says that they are not", arguments: rows)
    private func priced(answer: Responses, picodollars: Int64, confidence: Confidence) {
        let weight = weight(answer.request, answered: answer.answer)
        #expect(weight?.cost == Picodollars(picodollars))
        #expect(weight?.confidence == confidence)
        #expect(weight?.tokens?.total == 1100 || answer.model != "gpt-5", "tokens of tools are nobody's usage")
    }

    @Test("are stated by a stream's last event, and by the items of one that broke off")
    func streamed() {
        let request = #"{"model":"gpt-5","stream":true,"input":"a boat","tools":[\#(tool("gpt-image-1"))]}"#
        let item = #"data: {"type":"response.output_item.done","item":\#(Self.call)}"# + "\n\n"
        let whole = Responses(testDescription: "", output: Self.call, rest: Self.stated + Self.echo).answer
        let end = #"data: {"type":"response.completed","response":\#(whole)}"# + "\n\n"
        #expect(weight(request, answered: item + end, "text/event-stream")?.cost == Picodollars(35_630_000_000))
        let cut = weight(request, answered: item, "text/event-stream", ending: .truncated)
        #expect(cut?.confidence == .unpriced)
    }

    @Test("by an unknown model are kept in the meters, to be priced again")
    func meters() {
        let answer = Responses(testDescription: "", tools: tool("gpt-image-1"), output: Self.call, rest: Self.stated)
        let work = weight(answer.request, answered: answer.answer)?.meters.toolWork
        #expect(work?.map(\.model) == ["gpt-image-1"])
        #expect(work?.first?.meters[.imageOutput] == 4160)
        #expect(work?.first?.meters[.input] == 50)
    }
}

@Suite("Fees of calls")
struct CallFeeTests {
    private static let text = 2_250_000_000 as Int64
    private static let cent = 10_000_000_000 as Int64
    private static let search = #"{"type":"web_search_call","status":"completed","action":{"type":"search"}}"#

    private static func code(_ container: String) -> String {
        #"{"type":"code_interpreter_call","status":"completed","container_id":"\#(container)"}"#
    }

    private static func shell(_ environment: String) -> String {
        #"{"type":"shell_call","status":"completed","call_id":"c","environment":\#(environment)}"#
    }

    private static func interpreter(_ container: String) -> String {
        #"{"type":"code_interpreter","container":\#(container)}"#
    }

    private static let rows: [(Responses, Int64, Confidence)] = [
        (
            Responses(testDescription: "a search", tools: #"{"type":"web_search"}"#, output: search),
            text + cent, .exact
        ),
        (
            Responses(
                testDescription: "a search by the older tool, with a model that does not reason",
                model: "gpt-4.1",
                tools: #"{"type":"web_search_preview"}"#,
                output: search
            ),
            1000 * 2_000_000 + 100 * 8_000_000 + 25_000_000_000, .exact
        ),
        (
            Responses(testDescription: "one container", tools: interpreter("{\"type\":\"auto\"}"), output: code("a")),
            text + 3 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "two containers, three calls",
                tools: interpreter("{\"type\":\"auto\"}"),
                output: [code("a"), code("b"), code("a")].joined(separator: ",")
            ),
            text + 6 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "code in a container without a name",
                output: #"{"type":"code_interpreter_call"}"#
            ),
            text + 3 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "a container with 64 GB",
                tools: interpreter(#"{"type":"auto","memory_limit":"64g"}"#),
                output: code("a")
            ),
            text + 192 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "a container with 4 GB, as the answer says",
                output: code("a"),
                rest: #","tools":[{"type":"code_interpreter","container":{"type":"auto","memory_limit":"4g"}}]"#
            ),
            text + 12 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "a container that exists already, at least the smallest",
                tools: interpreter(#""cntr_1""#),
                output: code("cntr_1")
            ),
            text + 3 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "a shell in a container",
                tools: #"{"type":"shell","environment":{"type":"container_auto","memory_limit":"16g"}}"#,
                output: shell(#"{"type":"container_reference","container_id":"a"}"#)
            ),
            text + 48 * cent, .estimated
        ),
        (
            Responses(
                testDescription: "a shell at the client's",
                tools: #"{"type":"shell","environment":{"type":"local"}}"#,
                output: shell(#"{"type":"local"}"#)
            ),
            text, .exact
        ),
        (
            Responses(
                testDescription: "a search of files",
                tools: #"{"type":"file_search","vector_store_ids":[]}"#,
                output: #"{"type":"file_search_call","status":"completed"}"#
            ),
            text + cent / 4, .exact
        ),
    ]

    @Test("that ran are charged, and marked where their quantity is assumed:", arguments: rows)
    private func priced(answer: Responses, picodollars: Int64, confidence: Confidence) {
        let weight = weight(answer.request, answered: answer.answer)
        #expect(weight?.cost == Picodollars(picodollars))
        #expect(weight?.confidence == confidence)
        #expect(weight?.estimate == (confidence == .exact ? nil : .toolFee))
    }

    @Test("count in an estimate too")
    func cutStream() {
        let request = #"{"model":"gpt-4.1","stream":true,"input":"12345678","tools":[{"type":"web_search"}]}"#
        let item = #"data: {"type":"response.output_item.done","item":\#(Self.search)}"# + "\n\n"
        let delta = #"data: {"type":"response.output_text.delta","delta":"12345678"}"# + "\n\n"
        let with = weight(request, answered: item + delta, "text/event-stream", ending: .truncated)
        let without = weight(request, answered: delta, "text/event-stream", ending: .truncated)
        #expect(with?.confidence == .estimated)
        #expect(with?.meters[.webSearchCalls] == 1)
        #expect(without?.meters[.webSearchCalls] == 0)
        // What searches add to the prompt is not seen, so both are charged the hold, which includes five searches.
        #expect(with?.cost == without?.cost)
    }
}

@Suite("Search models in Chat Completions")
struct SearchModelTests {
    private static func answer(_ model: String) -> String { Fixture.answer(prompt: 100, completion: 10, model: model) }

    /// Asked for, answered, and what one search and the tokens cost.
    static let models: [(String, String, Int64)] = [
        ("gpt-5-search-api", "gpt-5-search-api-2025-10-14", 10_225_000_000),
        ("gpt-4o-search-preview", "gpt-4o-search-preview-2025-03-11", 25_000_000_000 + 350_000_000),
        ("gpt-4o-mini-search-preview", "gpt-4o-mini-search-preview", 25_000_000_000 + 21_000_000),
    ]

    @Test("cost at least one search, as an estimate with its own reason", arguments: models)
    func fee(asked: String, answered: String, picodollars: Int64) {
        let request = #"{"model":"\#(asked)","messages":[],"web_search_options":{}}"#
        let weight = weight(request, to: "/v1/chat/completions", answered: Self.answer(answered))
        #expect(weight?.cost == Picodollars(picodollars))
        #expect(weight?.confidence == .estimated)
        #expect(weight?.reason == "tool_fee")
        #expect(weight?.tokens?.total == 110)
    }

    @Test("cost it when they stream, too, and when they are asked plainly")
    func streamed() {
        let request = #"{"model":"gpt-5-search-api","stream":true,"messages":[]}"#
        let chunks = Fixture.chunk("low") + Fixture.finishChunk + Fixture.usageChunk(100, 10) + Fixture.done
        let stream = chunks.replacing("gpt-4.1", with: "gpt-5-search-api")
        let weight = weight(request, to: "/v1/chat/completions", answered: stream, "text/event-stream")
        #expect(weight?.cost == Picodollars(10_225_000_000))
    }

    @Test("reserve what they cost, and no more")
    func hold() {
        var walk = Walk(World.rules(teams: [World.team("unassigned", limitMillidollars: 1000)]))
        walk.post(
            "/v1/chat/completions",
            #"{"model":"gpt-5-search-api","messages":[],"max_tokens":1,"service_tier":"default","web_search_options":{}}"#
        )
        let without = walk.opening?.hold.amount ?? 0
        #expect(without > 10_000_000_000 && without < 60_000_000_000)
    }

    @Test("teach how long their answers are: the tokens were stated")
    func learning() {
        var walk = Walk()
        walk.post("/v1/chat/completions", #"{"model":"gpt-5-search-api","messages":[]}"#)
        walk.departs()
        walk.answers(200)
        walk.piece(Self.answer("gpt-5-search-api"))
        walk.ends()
        #expect(walk.summary?.lengthSample != nil)
    }
}
