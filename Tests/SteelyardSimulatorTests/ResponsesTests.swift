import SteelyardSimulator
import Testing

@Suite("Responses")
struct ResponsesTests {
    private static let body = #""model":"gpt-5","input":"Hello""#

    private func create(_ world: World, _ members: String = "", simulate: String? = nil) -> ReceivedAnswer {
        world.answer(World.post("/v1/responses", "{\(Self.body)\(members)}", simulate: simulate))
    }

    @Test("a plain response carries its usage")
    func plain() async throws {
        try await World.with { world in
            let body = create(world).body
            #expect(
                body.contains(
                    #""usage":{"input_tokens":2,"input_tokens_details":{"cached_tokens":0},"output_tokens":24,"#
                )
            )
            #expect(body.contains(#""status":"completed","background":false"#))
        }
    }

    @Test("a streamed response numbers its named events, and the last one carries the usage")
    func stream() async throws {
        try await World.with { world in
            let body = create(world, #","stream":true"#, simulate: "events=2").body
            let names = body.matches(of: /event: ([a-z_.]+)\ndata: \{"type":"([a-z_.]+)","sequence_number":(\d+)/)
            #expect(names.allSatisfy { $0.1 == $0.2 })
            #expect(names.map { Int($0.3) } == Array(0..<10))
            #expect(names.last?.1 == "response.completed")
            #expect(body.matches(of: /"usage":\{/).count == 1)
            #expect(body.matches(of: /"usage":null/).count == 2)
        }
    }

    @Test("a background response is queued, in progress, then done: billed where it was made, repeated after")
    func background() async throws {
        try await World.with {
            $0.directives = "id=resp_1, polls=2"
        } _: { world in
            #expect(create(world, #","background":true"#).body.contains(#""status":"queued""#))
            let polls = (0..<4).map { _ in world.answer(World.get("/v1/responses/resp_1")).body }
            let states = polls.compactMap { $0.firstMatch(of: /"status":"([a-z_]+)","background"/)?.1 }
            #expect(states == ["in_progress", "in_progress", "completed", "completed"])
            #expect(polls.map { $0.contains(#""usage":{"#) } == [false, false, true, true])
            let entries = await world.simulator.witness.entries(onceEnded: 5)
            #expect(entries.map(\.isReread) == [false, true, true, true, true])
            #expect(entries.map(\.usageWasSent) == [false, false, false, true, true])
            #expect(Set(entries.map(\.usage)).count == 1)
        }
    }

    @Test("a replay repeats the events after the one named")
    func replay() async throws {
        try await World.with {
            $0.directives = "id=resp_1, events=2"
        } _: { world in
            let first = create(world, #","stream":true"#).body
            #expect(world.answer(World.get("/v1/responses/resp_1?stream=true")).body == first)
            let rest = world.answer(World.get("/v1/responses/resp_1?stream=true&starting_after=7")).body
            #expect(rest.hasPrefix("event: response.output_item.done\n"))
            #expect(first.hasSuffix(rest))
        }
    }

    @Test("functions are called, and their output is answered with text")
    func functions() async throws {
        let tools = #","tools":[{"type":"function","name":"look","parameters":{"properties":{"q":{"type":"string"}}}}]"#
        try await World.with { world in
            #expect(create(world, tools).body.contains(#""name":"look","arguments":"{\"q\":\"steelyard\"}""#))
            let streamed = create(world, tools + #","stream":true"#).body
            #expect(streamed.contains("event: response.function_call_arguments.done"))
            let output = #"{"model":"m","input":[{"type":"function_call_output","output":"1"}]\#(tools)}"#
            #expect(world.answer(World.post("/v1/responses", output)).body.contains(#""type":"output_text""#))
        }
    }

    @Test("include_usage is unknown here")
    func includeUsage() async throws {
        try await World.with { world in
            #expect(create(world, #","stream":true,"stream_options":{"include_usage":true}"#).status == 400)
        }
    }

    @Test("an error in midstream is an event of its own, and the end")
    func error() async throws {
        try await World.with { world in
            let body = create(world, #","stream":true"#, simulate: "events=5, error-midstream=1").body
            #expect(body.contains("event: error\ndata: {\"type\":\"error\",\"sequence_number\":5,"))
            #expect(!body.contains("response.completed"))
        }
    }

    @Test("a stored chat completion is read again without a new charge")
    func storedChat() async throws {
        try await World.with { world in
            let chat = world.chat(#","store":true"#, simulate: "id=chatcmpl-1").body
            #expect(world.answer(World.get("/v1/chat/completions/chatcmpl-1")).body == chat)
            #expect(world.answer(World.get("/v1/chat/completions/other")).status == 404)
            let entries = await world.simulator.witness.entries(onceEnded: 3)
            #expect(entries.map(\.isReread) == [false, true, false])
        }
    }
}
