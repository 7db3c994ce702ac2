import SteelyardSimulator
import Testing

@Suite("Directives")
struct DirectiveTests {
    @Test(
        "a directive that does not exist or cannot have its value is refused",
        arguments: [
            "oops", "cut-at=many", "cut-at", "events=0", "status=99", "usage=bm9wZQ==", "usage=%7B%0A%7D", "comments=2",
            "answer-model",
        ]
    )
    func refused(list: String) async throws {
        try await World.with { world in
            let answer = world.chat(simulate: list)
            #expect(answer.status == 400)
            #expect(answer.body.contains(#""code":"unknown_directive""#))
        }
    }

    @Test("a server does not start with defaults that would be refused")
    func badDefaults() async throws {
        await #expect(throws: SimulatorError.invalidDirective("unknown directive 'oops'")) {
            try await World.with({ $0.directives = "oops" }, { _ in })
        }
    }

    @Test("a request's own directives win over the server's defaults")
    func precedence() async throws {
        try await World.with {
            $0.directives = "tier=flex, answer-model=a"
        } _: { world in
            let body = world.chat(simulate: "answer-model=b").body
            #expect(body.contains(#""model":"b""#))
            #expect(body.contains(#""service_tier":"flex""#))
        }
    }

    @Test(
        "usage is sent exactly as dictated, in base64 or percent-encoded, streamed or not",
        arguments: [
            "usage=eyJhIjoxLCJiIjp7ImMiOjIuNTB9fQ==", "usage=%7B%22a%22:1%2C%22b%22:{%22c%22:2.50}}",
        ],
        ["", #","stream":true,"stream_options":{"include_usage":true}"#]
    )
    func dictatedUsage(list: String, members: String) async throws {
        try await World.with { world in
            let dictated = #"{"a":1,"b":{"c":2.50}}"#
            #expect(world.chat(members, simulate: list).body.contains(#""usage":"# + dictated))
            #expect(await world.simulator.witness.entries(onceEnded: 1).first?.usage == dictated)
        }
    }

    @Test(
        "a steered answer says what its directives say",
        arguments: [
            ("id=chatcmpl-x", #"{"id":"chatcmpl-x","#), ("tier=priority", #""service_tier":"priority""#),
            ("finish=content_filter", #""finish_reason":"content_filter""#),
            ("tool-call=look", #""name":"look","arguments":"{}""#),
            ("tool-call=f, tool-arguments=%7B%22a%22:1}", #""arguments":"{\"a\":1}""#),
            ("bytes=5", #""content":"Weigh""#),
            ("cached=4", #""cached_tokens":4"#), ("cached=4000", #""cached_tokens":9"#),
            ("reasoning=7", #""completion_tokens":31,"#), ("azure-filters", #""prompt_filter_results""#),
        ]
    )
    func steered(list: String, expected: String) async throws {
        try await World.with { world in
            #expect(world.chat(simulate: list).body.contains(expected))
        }
    }

    @Test("an error has its status, the type and code OpenAI uses with it, and the headers asked for")
    func errors() async throws {
        try await World.with { world in
            let limited = world.chat(simulate: "status=429, retry-after=7, retry-after-ms=7000, should-retry=false")
            #expect(limited.status == 429)
            #expect(limited.header("retry-after") == "7")
            #expect(limited.header("retry-after-ms") == "7000")
            #expect(limited.header("x-should-retry") == "false")
            #expect(limited.body.contains(#""type":"requests","param":null,"code":"rate_limit_exceeded""#))
            let numbered = world.chat(simulate: "status=500, error-type=t, error-code=503")
            #expect(numbered.body.contains(#""type":"t","param":null,"code":503"#))
        }
    }

    @Test("a provider that does not know stream_options names them, and serves requests without them")
    func refusedOptions() async throws {
        try await World.with {
            $0.directives = "refuse-stream-options=422"
        } _: { world in
            let refusal = world.chat(#","stream":true,"stream_options":{"include_usage":true}"#)
            #expect(refusal.status == 422)
            #expect(refusal.body.contains(#""param":"stream_options""#))
            #expect(world.chat(#","stream":true"#).status == 200)
        }
    }

    @Test("a redirect points to a link-local address")
    func redirect() async throws {
        try await World.with { world in
            let answer = world.chat(simulate: "redirect=307")
            #expect(answer.status == 307)
            #expect(answer.header("location") == "http://169.254.169.254/latest/meta-data/")
        }
    }

    @Test("the configuration's shorthands are directives")
    func shorthands() {
        var configuration = SimulatorConfiguration()
        configuration.firstByteDelayMilliseconds = 150
        configuration.eventIntervalMilliseconds = 20
        #expect(configuration.directives == "delay-ms=150, event-ms=20")
        #expect(configuration.firstByteDelayMilliseconds == 150)
    }
}
