import Foundation
import SteelyardSimulator
import Testing

@Suite("The witness")
struct WitnessTests {
    @Test("a request is known by its names, its size and fingerprints, never by its key")
    func request() async throws {
        try await World.with { world in
            let headers = ["Authorization: Bearer sk-secret", "X-Stainless-Retry-Count: 2"]
            _ = world.answer(World.post("/v1/chat/completions?a=b", "{\(World.chat)}", headers: headers))
            let entry = try #require(await world.simulator.witness.entries(onceEnded: 1).first)
            #expect(entry.method == "POST")
            #expect(entry.target == "/v1/chat/completions?a=b")
            #expect(entry.headerNames == ["host", "content-length", "Authorization", "X-Stainless-Retry-Count"])
            #expect(entry.retryCount == 2)
            #expect(entry.hasAuthorization)
            #expect(entry.body.map { String(decoding: $0, as: UTF8.self) } == "{\(World.chat)}")
            #expect(!world.answer(World.get("/_witness")).body.contains("secret"))
        }
    }

    @Test("a peer that leaves a paced stream is seen to leave, before the usage was sent")
    func aborted() async throws {
        try await World.with {
            $0.directives = "event-ms=3600000"
        } _: { world in
            let connection = world.connect()
            let ask = #","stream":true,"stream_options":{"include_usage":true}"#
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)\(ask)}"))
            let received = connection.receive(through: "\n\n\r\n")
            connection.close()
            let entry = try #require(await world.simulator.witness.entries(onceEnded: 1).first)
            #expect(entry.outcome == .peerLeft)
            #expect(entry.sentByteCount == received.utf8.count)
            #expect(!entry.usageWasSent)
            #expect(entry.usage?.contains(#""prompt_tokens":9"#) == true)
        }
    }

    @Test("a peer that does not read stops the answer, and is seen to leave it unfinished")
    func unread() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "bytes=100000000"))
            _ = connection.receive(count: 1)
            connection.close()
            let entry = try #require(await world.simulator.witness.entries(onceEnded: 1).first)
            #expect(entry.outcome == .peerLeft)
            #expect(!entry.usageWasSent)
        }
    }

    @Test("a request that never became whole is recorded as such")
    func incomplete() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send("POST /v1/responses HTTP/1.1\r\nhost: t\r\ncontent-length: 100\r\n\r\n{")
            connection.finishSending()
            let entry = try #require(await world.simulator.witness.entries(onceEnded: 1).first)
            #expect(entry.outcome == .requestIncomplete)
            #expect(entry.target == "/v1/responses")
            #expect(entry.status == nil)
        }
    }

    @Test("what is not HTTP is answered 400 and recorded")
    func malformed() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send("BREW /pot\r\n\r\n")
            #expect(connection.receiveAll().text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(await world.simulator.witness.entries(onceEnded: 1).map(\.outcome) == [.requestMalformed])
        }
    }

    @Test("pipelined requests are answered in order and numbered on their connection")
    func pipelined() async throws {
        try await World.with { world in
            let connection = world.connect()
            let requests = (0..<50).map { World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "id=x\($0)") }
            connection.send(
                requests.joined() + World.get("/v1/models").replacing("host", with: "connection: close\r\nhost")
            )
            let ids = connection.receiveAll().text.matches(of: /"id":"x(\d+)"/).compactMap { Int($0.1) }
            #expect(ids == Array(0..<50))
            let entries = await world.simulator.witness.entries(onceEnded: 51)
            #expect(entries.map(\.requestNumber) == Array(1...51))
            #expect(Set(entries.map(\.connection)).count == 1)
        }
    }

    @Test("the log is read, waited for and emptied over HTTP, and is not about itself")
    func overHTTP() async throws {
        try await World.with { world in
            let waiting = world.connect()
            waiting.send(World.get("/_witness?ended=2"))
            _ = world.chat()
            _ = world.chat(simulate: "status=500")
            let body = waiting.receiveAnswer().body
            #expect(body.hasPrefix(#"{"count":2,"ended":2,"entries":[{"index":0,"#))
            let object = try JSONSerialization.jsonObject(with: Data(body.utf8))
            #expect(object is [String: Any])
            #expect(world.answer(World.get("/_witness", method: "DELETE")).status == 204)
            #expect(world.answer(World.get("/_witness")).body == #"{"count":0,"ended":0,"entries":[]}"#)
        }
    }

    @Test("an answer that ends after the log was emptied is not taken for a new one")
    func emptied() async throws {
        try await World.with { world in
            let connection = world.connect()
            connection.send(World.post("/v1/chat/completions", "{\(World.chat)}", simulate: "stall-after=1"))
            _ = connection.receive(through: "{")
            world.simulator.witness.removeAll()
            connection.close()
            _ = world.chat(simulate: "id=x")
            let entries = await world.simulator.witness.entries(onceEnded: 1)
            #expect(entries.map(\.id) == ["x"])
        }
    }

    @Test("memory is bounded: old entries go, and bodies before them")
    func bounded() async throws {
        try await World.with {
            $0.witnessLimit = 4
            $0.witnessBodyLimitBytes = 100
        } _: { world in
            for _ in 0..<9 { _ = world.chat() }
            let entries = await world.simulator.witness.entries(onceEnded: 9)
            #expect(entries.map(\.index) == Array(4..<9))
            #expect(entries.filter { $0.body != nil }.map(\.index) == [8])
            #expect(world.simulator.witness.count == 9)
        }
    }

    @Test("the file has a JSON line for each request")
    func file() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "witness-\(UUID()).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await World.with {
            $0.witnessFile = path
        } _: { world in
            _ = world.chat()
            _ = await world.simulator.witness.entries(onceEnded: 1)
            _ = world.chat(simulate: "cut-at=3")
            _ = await world.simulator.witness.entries(onceEnded: 2)
        }
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let objects = try lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
        #expect(objects.map { $0?["outcome"] as? String } == ["completed", "broken_off"])
    }
}
