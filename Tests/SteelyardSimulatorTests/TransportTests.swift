import SteelyardSimulator
import Testing

@Suite("Faults of the transport")
struct TransportTests {
    /// A chat request that closes its connection, and everything that comes back.
    private func exchange(_ list: String, _ members: String = "") async throws -> (
        text: String, ending: RawConnection.Ending, entry: WitnessEntry?
    ) {
        try await World.with { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)\(members)}", simulate: list))
            let (text, ending) = connection.receiveAll()
            return (text, ending, await world.simulator.witness.entries(onceEnded: 1).first)
        }
    }

    @Test("a cut answer stops after exactly so many bytes of its body", arguments: [0, 1, 100])
    func cut(count: Int) async throws {
        let (text, ending, entry) = try await exchange("cut-at=\(count)")
        #expect(ReceivedAnswer(text).rawBody.utf8.count == count)
        #expect(ending == .fin)
        #expect(entry?.outcome == .brokenOff)
        #expect(entry?.usageWasSent == false)
        #expect(entry?.usage != nil)
    }

    @Test("a cut stream ends without its last chunk, even when cut at its last byte")
    func cutStream() async throws {
        let whole = try await exchange("id=x, events=2", #","stream":true"#, closing: true)
        let length = ReceivedAnswer(whole).body.utf8.count
        for count in [length - 1, length] {
            let (text, _, entry) = try await exchange("id=x, events=2, cut-at=\(count)", #","stream":true"#)
            #expect(ReceivedAnswer(text).body.utf8.count == count)
            #expect(!text.hasSuffix("\r\n0\r\n\r\n"))
            #expect(entry?.outcome == .brokenOff)
        }
    }

    private func exchange(_ list: String, _ members: String, closing: Bool) async throws -> String {
        try await World.with { world in
            let connection = world.connect()
            connection.send(
                World.post(
                    "/v1/chat/completions",
                    "{\(World.chat)\(members)}",
                    simulate: list,
                    headers: ["connection: close"]
                )
            )
            return connection.receiveAll().text
        }
    }

    @Test("a cut head ends inside a line")
    func cutHead() async throws {
        let (text, ending, _) = try await exchange("cut-head")
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(!text.hasSuffix("\n"))
        #expect(!text.contains("\r\n\r\n"))
        #expect(ending == .fin)
    }

    @Test(
        "a reset comes in place of an answer, or after as many bytes as asked",
        arguments: [("reset", 0), ("reset, cut-at=9", 9)]
    )
    func reset(list: String, count: Int) async throws {
        let (text, ending, entry) = try await exchange(list)
        #expect(ReceivedAnswer(text).rawBody.utf8.count == count)
        #expect(ending == .reset)
        #expect(entry?.outcome == .brokenOff)
    }

    @Test("a stalled answer says so much, then nothing until the peer leaves")
    func stall() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "stall-after=1"))
            let received = connection.receive(through: "\r\n\r\n{")
            connection.close()
            let entry = try #require(await world.simulator.witness.entries(onceEnded: 1).first)
            #expect(entry.outcome == .peerLeft)
            #expect(entry.sentByteCount == received.utf8.count)
        }
    }

    @Test("without a length the body ends with the connection")
    func noLength() async throws {
        let (text, ending, entry) = try await exchange("no-length")
        #expect(ReceivedAnswer(text).header("content-length") == nil)
        #expect(ReceivedAnswer(text).rawBody.hasSuffix("}"))
        #expect(ending == .fin)
        #expect(entry?.outcome == .completed)
    }

    @Test("trailers follow the last chunk")
    func trailers() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "trailers"))
            let end = "}\r\n0\r\nx-simulated-trailer: weighed\r\nx-simulated-count: 5\r\n\r\n"
            #expect(connection.receive(through: end).hasSuffix(end))
        }
    }

    @Test("a late answer arrives on the idle connection, before the answer to the next request")
    func lateAnswer() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "late-answer"))
            #expect(connection.receiveAnswer().body.contains("chatcmpl-"))
            connection.send(World.get("/v1/models"))
            let received = connection.receive(through: "]}")
            #expect(received.firstMatch(of: /\r\n\r\n\{"id":"late"\}HTTP\/1\.1 200 OK\r\n/) != nil)
            #expect(received.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("a 408 arrives on the idle connection, which then closes")
    func late408() async throws {
        let (text, ending, entry) = try await exchange("late-408")
        #expect(text.hasSuffix("HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"))
        #expect(ending == .fin)
        #expect(entry?.outcome == .completed)
    }

    @Test("a reused connection dies with its second request, which the witness has seen")
    func dieOnReuse() async throws {
        try await World.with {
            $0.directives = "die-on-reuse"
        } _: { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}"))
            #expect(connection.receiveAnswer().status == 200)
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}"))
            #expect(connection.receiveAll().text == "")
            let entries = await world.simulator.witness.entries(onceEnded: 2)
            #expect(entries.map(\.outcome) == [.completed, .brokenOff])
            #expect(entries.map(\.requestNumber) == [1, 2])
        }
    }

    @Test("an error in midstream ends the stream, after as many pieces as asked")
    func errorMidstream() async throws {
        try await World.with { world in
            let answer = world.chat(#","stream":true"#, simulate: "events=5, error-midstream=2")
            #expect(answer.events.count == 4)
            #expect(answer.events.last?.hasPrefix(#"{"error":{"#) == true)
        }
    }
}
