import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("What a request's body decides")
struct BodyTests {
    private static func rules(_ change: @escaping (inout Team) -> Void = { _ in }) -> Rules {
        World.rules(teams: [World.team(limitMillidollars: 100_000_000, change)])
    }

    /// What is reserved for a request.
    private static func hold(
        _ target: String,
        _ body: String,
        _ change: @escaping (inout Team) -> Void = { _ in }
    ) throws -> Picodollars {
        var walk = Walk(rules(change))
        walk.post("/team/search" + target, body)
        let opening = walk.opening
        return try #require(opening?.hold, "\(walk.lines)")
    }

    private static func body(_ members: String) -> String {
        #"{"model":"gpt-4.1","messages":[],"prompt":"","input":""\#(members)}"#
    }

    @Test(
        "a cap counts at the endpoint that knows its name, and nowhere else",
        arguments: [
            ("/v1/chat/completions", ["max_tokens", "max_completion_tokens"]),
            ("/v1/completions", ["max_tokens"]),
            ("/v1/responses", ["max_output_tokens"]),
            ("/v1/responses/compact", []),
        ]
    )
    func caps(target: String, known: [String]) throws {
        let open = try Self.hold(target, Self.body(""))
        for name in ["max_tokens", "max_completion_tokens", "max_output_tokens"] {
            let capped = try Self.hold(target, Self.body(#","\#(name)":5"#))
            #expect((capped < open) == known.contains(name), "\(name) at \(target)")
            for none in ["0", "-1", #""5""#, "null"] {
                #expect(try Self.hold(target, Self.body(#","\#(name)":\#(none)"#)) == open, "\(name): \(none)")
            }
        }
    }

    @Test("a cap that a server may not read as one makes the other cap void too")
    func openCap() throws {
        let open = try Self.hold("/v1/chat/completions", Self.body(""))
        let mixed = #","max_tokens":5,"max_completion_tokens":"90000""#
        #expect(try Self.hold("/v1/chat/completions", Self.body(mixed)) == open)
    }

    @Test(
        "a body that servers read in several ways is refused, and the error names the member",
        arguments: [
            (#","n":"50""#, "n"), (#","service_tier":"flex","service_tier":"priority""#, "service_tier"),
            (#","prompt":["a"]"#, "prompt"), (#","stream":"true""#, "stream"), (#","background":1"#, "background"),
        ]
    )
    func ambiguous(members: String, name: String) {
        var walk = Walk(Self.rules())
        walk.post("/team/search/v1/responses", Self.body(members))
        let refusal = walk.refusal
        #expect(refusal?.status == 400)
        #expect(refusal?.code == "ambiguous_request")
        #expect(refusal?.parameter == name)
        #expect(walk.plan == nil)
    }

    @Test("an item that is named by its id alone is input that is not in the body")
    func references() throws {
        let item = #"{"model":"gpt-4.1","input":[{"id":"msg_1"}]}"#
        let plain = #"{"model":"gpt-4.1","input":[{"role":"user"}]}"#
        #expect(try Self.hold("/v1/responses", item) > Self.hold("/v1/responses", plain))
    }

    @Test("a picture that is sent back costs what it costs as an input image")
    func pictures() throws {
        let letters = "iVBORw0KGgo" + String(repeating: "AAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", count: 20_000)
        let back = #"{"model":"gpt-4.1","input":[{"type":"image_generation_call","id":"ig_1","result":"\#(letters)"}]}"#
        let own =
            #"{"model":"gpt-4.1","input":[{"type":"image_generation_call","id":"ig_1","content":[{"type":"input_image","#
            + #""image_url":"data:image/png;base64,\#(letters)"}]}]}"#
        let (first, second) = (try Self.hold("/v1/responses", back), try Self.hold("/v1/responses", own))
        #expect(first.amount <= second.amount && second.amount < first.amount * 2)
        #expect(first < Picodollars(100_000_000_000))
    }

    @Test("a picture under an unknown member is text where the team was promised a bound")
    func doubtfulPictures() throws {
        let letters = "iVBORw0KGgo" + String(repeating: "AAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", count: 3000)
        func hold(_ key: String, _ reserve: ReservePolicy) throws -> Picodollars {
            try Self.hold("/v1/responses", #"{"model":"gpt-4.1","input":[{"\#(key)":"\#(letters)"}]}"#) {
                $0.reserve = reserve
            }
        }
        #expect(try hold("x", .learned) == hold("result", .learned))
        // At least one token per byte, at 2 USD per million.
        #expect(try hold("x", .worstCase).amount - hold("result", .worstCase).amount >= 99_000 * 2_000_000)
    }

    @Test("a coded body is read from its copy, and edited")
    func decoded() throws {
        var walk = Walk(Self.rules())
        walk.head("POST", "/team/search/v1/chat/completions", [("content-encoding", "zstd")], length: 40)
        let copy = Fixture.streamedChat
        #expect(walk.exchange.expectedEdit == nil, "nothing is read yet")
        let more = walk.exchange.readOn(in: copy.utf8Span.span)
        #expect(!more)
        let expected = walk.exchange.expectedEdit
        walk.body(copy, sentBytes: 40)
        #expect(expected != nil && walk.plan?.edit == expected)
        #expect(walk.plan?.fields.first("content-encoding") == "zstd")
        walk.conclude()
        #expect(walk.summary?.requestBytes == 40)
    }

    @Test(
        "a coded body that cannot be read is refused where the decision depends on the model, and told what is wrong",
        arguments: [
            (.unreadable, 415, "unsupported_content_encoding"), (.broken, 400, "malformed_request"),
            (.tooLarge, 413, "request_too_large"),
        ] as [(BodyCopy, Int, String)]
    )
    func undecoded(copy: BodyCopy, status: Int, code: String) {
        var walk = Walk(Self.rules())
        walk.head("POST", "/team/search/v1/chat/completions", [("content-encoding", "br")], length: 40)
        walk.body("", copy: copy, sentBytes: 40)
        let refusal = walk.refusal
        #expect(refusal?.status == status)
        #expect(refusal?.code == code)
        #expect(refusal?.message.contains("content-encoding") == true)
        #expect(walk.plan == nil)
    }

    @Test("a coded form is refused where the decision depends on the model")
    func codedForm() {
        var walk = Walk(Self.rules())
        let path = "/team/search/v1/audio/transcriptions"
        walk.head("POST", path, Fixture.formType + [("content-encoding", "gzip")], length: 9)
        let refusal = walk.refusal
        #expect(refusal?.status == 415)
    }
}
