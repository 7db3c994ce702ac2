import SteelyardSimulator
import Testing

@Suite("The server")
struct ServerTests {
    @Test("a peer that waits for permission to send its body gets it")
    func expectContinue() async throws {
        try await World.with { world in
            let connection = world.connect()
            let body = "{\(World.chat)}"
            connection.send(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: \(body.utf8.count)\r\n\r\n"
            )
            #expect(connection.receive(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            connection.send(body)
            #expect(connection.receiveAnswer().status == 200)
        }
    }

    @Test("a body over the limit is answered 413")
    func tooLarge() async throws {
        try await World.with {
            $0.bodyLimitBytes = 10
        } _: { world in
            #expect(world.chat().status == 413)
        }
    }

    @Test("HTTP/1.0 and connection: close end the connection, and HEAD has no body")
    func closing() async throws {
        try await World.with { world in
            let old = world.connect()
            old.send("GET /v1/models HTTP/1.0\r\n\r\n")
            #expect(ReceivedAnswer(old.receiveAll().text).header("connection") == "close")
            let head = world.connect()
            head.send("HEAD /v1/models HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
            #expect(head.receiveAll().text.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("a shutdown closes idle connections and lets no answer hang")
    func shutdown() async throws {
        let simulator = try await Simulator.start()
        let (idle, stalled) = (RawConnection(port: simulator.port), RawConnection(port: simulator.port))
        idle.send(World.get("/v1/models"))
        #expect(idle.receiveAnswer().status == 200)
        stalled.send(World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "stall-after=1"))
        _ = stalled.receive(through: "{")
        await simulator.shutdown()
        #expect(idle.receiveAll().text == "")
        #expect(stalled.receiveAll().text == "")
        #expect(simulator.witness.entries.map(\.outcome) == [.completed, .shutDown])
    }

    @Test("the same seed and the same requests give the same bytes")
    func seeded() async throws {
        let one = try await World.with {
            $0.seed = 7
        } _: {
            $0.chat()
        }
        let other = try await World.with {
            $0.seed = 7
        } _: {
            $0.chat()
        }
        #expect(one.head == other.head)
        #expect(one.body == other.body)
    }

    @Test("many clients that come and go leave a server that answers, and a log that knows each of them")
    func load() async throws {
        try await World.with { world in
            await withTaskGroup { group in
                for client in 0..<40 {
                    group.addTask {
                        let connection = world.connect()
                        let list = ["", "cut-at=5", "reset", "empty", "event-ms=1"][client % 5]
                        connection.send(
                            World.post("/v1/chat/completions", "{\(World.chat),\"stream\":true}", simulate: list)
                        )
                        // A byte, or the end, shows that the request was read; with a reset before that, nobody knows.
                        _ = connection.receive(count: client.isMultiple(of: 2) ? 50 : 1)
                    }
                }
            }
            let entries = await world.simulator.witness.entries(onceEnded: 40)
            #expect(entries.allSatisfy { $0.outcome != nil })
            #expect(world.chat().status == 200)
        }
    }
}
