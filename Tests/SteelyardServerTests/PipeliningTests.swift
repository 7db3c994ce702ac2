import ScriptedPeer
import SteelyardSimulator
import Testing

@Suite("Pipelining", .timeLimit(.minutes(1)))
struct PipeliningTests {
    @Test("answers come in order, and the provider is asked for one at a time")
    func order() async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            let slow = Requests.get + "x-simulate: delay-ms=50\r\n\r\n"
            client.send(Requests.chat() + slow + Requests.stream() + "GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(client.receiveAnswer()?.text.contains("chat.completion") == true)
            #expect(witness.count <= 2, "the third is not asked for before the second is answered")
            #expect(client.receiveAnswer()?.text.contains("\"list\"") == true)
            #expect(client.receiveAnswer()?.text.hasSuffix("data: [DONE]\n\n") == true)
            #expect(client.receiveAnswer()?.status == 404)
        }
    }

    @Test("many small requests that are answered at once use no stack")
    func manyAtOnce() async throws {
        try await ServerFixture.with { server, _ in
            let client = server.connect()
            let count = 5000
            // The first is waited for, so that the others are held together.
            let first = Requests.get + "x-simulate: delay-ms=20\r\n\r\n"
            inNewThread {
                client.send(first + String(repeating: "GET /nowhere HTTP/1.1\r\nHost: t\r\n\r\n", count: count))
            }
            #expect(client.receiveAnswer()?.status == 200)
            for _ in 0..<count { #expect(client.receiveAnswer()?.status == 404) }
            #expect(server.recorder.summaries.count == count + 1)
        }
    }

    @Test("a large body behind a slow answer waits its turn")
    func largeBodyBehindSlowAnswer() async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            let slow = Requests.get + "x-simulate: delay-ms=50\r\n\r\n"
            let body =
                #"{"model":"gpt-4.1","messages":[{"role":"user","content":"\#(String(repeating: "a", count: 1 << 20))"}]}"#
            inNewThread { client.send(slow + Requests.post + "Content-Length: \(body.utf8.count)\r\n\r\n" + body) }
            #expect(client.receiveAnswer()?.status == 200)
            #expect(client.receiveAnswer()?.status == 200)
            #expect(witness.entries.last?.bodyByteCount == body.utf8.count)
        }
    }
}
