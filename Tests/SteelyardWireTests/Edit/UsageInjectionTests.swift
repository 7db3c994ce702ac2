import SteelyardWire
import Testing

@Suite("Asking for usage")
struct UsageInjectionTests {
    private func ask(_ body: String) throws -> UsageAsk {
        try #require(try RequestBody.read(body.utf8Span.span)).usageAsk
    }

    @Test(
        "the body asks for usage afterwards, and not a byte beside that changes",
        arguments: [
            // absent → insert
            (#"{"stream":true}"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
            (
                "{\n  \"model\" : \"m\" ,\n  \"stream\" : true ,\n  \"x\": 1.0e+2\n}\n",
                "{\n  \"model\" : \"m\" ,\n  \"stream\" : true,\"stream_options\":{\"include_usage\":true} ,\n"
                    + "  \"x\": 1.0e+2\n}\n"
            ),
            (
                #"{"a":1,"a":2,"stream":true,"zz":[{"stream_options":null,"stream":false}]}"#,
                #"{"a":1,"a":2,"stream":true,"stream_options":{"include_usage":true},"#
                    + #""zz":[{"stream_options":null,"stream":false}]}"#
            ),
            (#"{"str\u0065am":true}"#, #"{"str\u0065am":true,"stream_options":{"include_usage":true}}"#),
            // null → replace
            (
                #"{"stream_options" : null , "stream":true}"#,
                #"{"stream_options" : {"include_usage":true} , "stream":true}"#
            ),
            // an object without include_usage → add
            (#"{"stream":true,"stream_options":{}}"#, #"{"stream":true,"stream_options":{"include_usage":true}}"#),
            (#"{"stream":true,"stream_options":{ }}"#, #"{"stream":true,"stream_options":{"include_usage":true }}"#),
            (
                #"{"stream":true,"stream_options":{ "include_obfuscation":false}}"#,
                #"{"stream":true,"stream_options":{"include_usage":true, "include_obfuscation":false}}"#
            ),
            (
                #"{"stream":true,"stream_options":{"x":{"include_usage":true}}}"#,
                #"{"stream":true,"stream_options":{"include_usage":true,"x":{"include_usage":true}}}"#
            ),
            // false or null → replace
            (
                #"{"stream_options":{"include_usage": false },"stream":true}"#,
                #"{"stream_options":{"include_usage": true },"stream":true}"#
            ),
            (
                #"{"stream":true,"stream_options":{"a":1,"include_us\u0061ge":null}}"#,
                #"{"stream":true,"stream_options":{"a":1,"include_us\u0061ge":true}}"#
            ),
        ]
    )
    func edits(body: String, edited: String) throws {
        guard case .edit(let edit) = try ask(body) else {
            Issue.record("no edit of \(body)")
            return
        }
        #expect(String(decoding: edit.applied(to: body.utf8Span.span), as: UTF8.self) == edited)
        #expect(try ask(edited) == .leave)
    }

    @Test(
        "what the client said itself is left alone",
        arguments: [
            #"{"stream":true,"stream_options":{"include_usage":true}}"#,
            #"{"stream":true,"stream_options":{"include_usage":true,"x":null}}"#,
        ]
    )
    func leaves(body: String) throws {
        #expect(try ask(body) == .leave)
    }

    @Test(
        "a body that asks for no stream is not edited",
        arguments: [
            "{}", #"{"stream":false}"#, #"{"stream":null}"#, #"{"stream_options":null}"#, #"{"a":{"stream":true}}"#,
        ]
    )
    func notStreaming(body: String) throws {
        #expect(try ask(body) == .notStreaming)
    }

    @Test("an edit whose range lies outside changes nothing")
    func outside() {
        #expect(ByteEdit(range: 2..<5, replacement: [1]).applied(to: [7, 8].span) == [7, 8])
    }
}
