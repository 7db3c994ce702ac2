import SteelyardSimulator
import Testing

@Suite("Other endpoints")
struct EndpointTests {
    private func post(_ path: String, _ body: String, simulate: String? = nil) async throws -> ReceivedAnswer {
        try await World.with { $0.answer(World.post(path, body, simulate: simulate)) }
    }

    @Test("a legacy completion answers each prompt n times")
    func completion() async throws {
        let answer = try await post("/v1/completions", #"{"model":"m","prompt":["a","b"],"n":2}"#)
        #expect(answer.body.matches(of: /"index":\d/).count == 4)
        #expect(answer.body.contains(#""usage":{"prompt_tokens":3,"completion_tokens":96,"#))
    }

    @Test("an array of numbers is one prompt")
    func tokenPrompt() async throws {
        let answer = try await post("/v1/completions", #"{"model":"m","prompt":[1,2,3]}"#)
        #expect(answer.body.matches(of: /"index":\d/).count == 1)
    }

    @Test("a streamed completion has the usage of a chat stream", arguments: ["", "usage-beside-content", "no-usage"])
    func completionStream(list: String) async throws {
        let body = #"{"model":"m","prompt":"a","stream":true,"stream_options":{"include_usage":true}}"#
        let events = try await post("/v1/completions", body, simulate: "events=2, " + list).events
        #expect(events.last == "[DONE]")
        #expect(events.filter { $0.contains(#""usage":{"#) }.count == (list == "no-usage" ? 0 : 1))
        #expect(events.filter { $0.contains(#""usage":null"#) }.count == (list.isEmpty ? 2 : 0))
    }

    @Test(
        "an output limit cuts the answer and is named as the reason",
        arguments: [
            ("/v1/chat/completions", #""messages":[],"max_completion_tokens":2"#, #""finish_reason":"length""#),
            ("/v1/completions", #""prompt":"a","max_tokens":2"#, #""finish_reason":"length""#),
            ("/v1/responses", #""input":"a","max_output_tokens":2"#, #""status":"incomplete""#),
        ]
    )
    func capped(path: String, members: String, reason: String) async throws {
        let body = try await post(path, #"{"model":"m",\#(members)}"#).body
        #expect(body.contains(#""Weighed ""#))
        #expect(body.contains(reason))
    }

    @Test("embeddings come as numbers or as base64 of the same floats, one for each input")
    func embeddings() async throws {
        let body = #"{"model":"m","input":["a","a"],"dimensions":4"#
        let numbers = try await post("/v1/embeddings", body + "}").body
        #expect(numbers.matches(of: /"embedding":\[-?0\.5,-?0\.5,-?0\.5,-?0\.5\]/).count == 2)
        #expect(numbers.contains(#""usage":{"prompt_tokens":3,"total_tokens":3}"#))
        let coded = try await post("/v1/embeddings", body + #","encoding_format":"base64"}"#).body
        // Four little-endian floats are 16 bytes; 0.5 is 0000003F, -0.5 is 000000BF.
        #expect(coded.matches(of: /"embedding":"[A-Za-z0-9+\/]{22}=="/).count == 2)
    }

    @Test("moderations have no usage")
    func moderations() async throws {
        let answer = try await post("/v1/moderations", #"{"input":["a","b"]}"#)
        #expect(answer.body.matches(of: /"flagged":false/).count == 2)
        #expect(!answer.body.contains("usage"))
    }

    @Test(
        "a transcription bills seconds, tokens or nothing that can be seen",
        arguments: [
            ("whisper-1", "json", #""usage":{"type":"duration","seconds":3}"#),
            ("gpt-4o-transcribe", "json", #""usage":{"type":"tokens","input_tokens":"#),
            ("whisper-1", "text", "Weighed"),
        ]
    )
    func transcription(model: String, format: String, expected: String) async throws {
        let form = Self.form([("model", model), ("response_format", format)])
        let answer = try await post("/v1/audio/transcriptions", form)
        #expect(answer.body.contains(expected))
        #expect(answer.body.contains("usage") == (format == "json"))
    }

    private static func form(_ fields: [(String, String)]) -> String {
        fields.map { name, value in
            "--b\r\ncontent-disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
        }.joined() + "--b--\r\n"
    }

    @Test(
        "a translation states no usage",
        arguments: [
            ("json", #"{"text":"Weighed"#), ("verbose_json", #""duration":3.0,"text":"Weighed"#), ("text", "Weighed"),
        ]
    )
    func translation(format: String, expected: String) async throws {
        let form = Self.form([("model", "whisper-1"), ("response_format", format)])
        let answer = try await post("/v1/audio/translations", form)
        #expect(answer.body.contains(expected))
        #expect(!answer.body.contains("usage"))
        #expect(try await post("/v1/audio/translations", Self.form([])).status == 400)
    }

    @Test("edited pictures carry their usage, asked for by form or as JSON")
    func edits() async throws {
        for body in [#"{"prompt":"a","n":2}"#, Self.form([("prompt", "a"), ("n", "2")])] {
            let answer = try await post("/v1/images/edits", body)
            #expect(answer.body.contains(#""output_tokens":544"#))
            #expect(!answer.body.contains("model"))
        }
        #expect(try await post("/v1/images/edits", Self.form([("n", "2")])).status == 400)
    }

    @Test("variations of a picture carry none")
    func variations() async throws {
        let answer = try await post("/v1/images/variations", Self.form([("n", "3")]))
        #expect(answer.body.matches(of: /b64_json/).count == 3)
        #expect(!answer.body.contains("usage"))
    }

    @Test("images carry their usage and no model")
    func images() async throws {
        let answer = try await post("/v1/images/generations", #"{"prompt":"a","n":2}"#)
        #expect(answer.body.contains(#""output_tokens":544"#))
        #expect(!answer.body.contains("model"))
    }

    @Test("models are listed and found by name")
    func models() async throws {
        try await World.with {
            $0.models = ["a", "b"]
        } _: { world in
            #expect(world.answer(World.get("/v1/models")).body.matches(of: /"object":"model"/).count == 2)
            #expect(world.answer(World.get("/v1/models/b")).body.hasPrefix(#"{"id":"b","#))
            #expect(world.answer(World.get("/v1/models/c")).status == 404)
        }
    }

    @Test(
        "what does not exist is a 404 in OpenAI's envelope",
        arguments: ["/", "/v1/chat", "/v1/files", "/v1/models/", "/v2/responses"]
    )
    func notFound(path: String) async throws {
        let answer = try await post(path, "{}")
        #expect(answer.status == 404)
        #expect(answer.body.hasPrefix(#"{"error":{"message":"#))
    }

    @Test(
        "a body that is no JSON object with a model is refused",
        arguments: ["", "[]", "{", "{} {}", #"{"model":1}"#, #"{"model":"m"}"#]
    )
    func badBody(body: String) async throws {
        #expect(try await post("/v1/chat/completions", body).status == 400)
    }
}
