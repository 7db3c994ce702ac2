import ScriptedPeer
import Testing

@Suite("Answers", .timeLimit(.minutes(1)))
struct AnswerTests {
    @Test("a HEAD answer has its length and no body, also when it is ours")
    func head() async throws {
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send("HEAD /v1/models HTTP/1.1\r\nHost: t\r\n\r\nHEAD /nowhere HTTP/1.1\r\nHost: t\r\n\r\n")
            let models = client.receiveAnswer(toHEAD: true)
            #expect(models?.status == 200)
            #expect(models?.field("content-length") == "5")
            let refused = client.receiveAnswer(toHEAD: true)
            #expect(refused?.status == 404)
            #expect(refused?.field("content-length").flatMap { Int($0) } ?? 0 > 0)
            client.send("HEAD /v1/models HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(client.receiveAnswer(toHEAD: true)?.status == 200, "no body went before")
        }
    }

    @Test("204 and 304 have no body and keep the connection", arguments: ["204 No Content", "304 Not Modified"])
    func bodiless(_ statusLine: String) async throws {
        try await ServerFixture.with(.answering("HTTP/1.1 \(statusLine)\r\nETag: a\r\n\r\n")) { server in
            let client = server.connect()
            for _ in 0..<2 {
                client.send(Requests.clean)
                let answer = client.receiveAnswer()
                #expect(answer?.head.hasPrefix("HTTP/1.1 \(statusLine)\r\n") == true)
                #expect(answer?.field("transfer-encoding") == nil)
                #expect(answer?.field("content-length") == nil)
            }
        }
    }

    @Test("an HTTP/1.0 client gets no chunks, and learns the end by the close")
    func http10() async throws {
        let provider = ScriptedServer.answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
        )
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send("GET /v1/models HTTP/1.0\r\n\r\n")
            let (bytes, ending) = client.receiveAll()
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.hasSuffix("\r\n\r\nabcdefg"))
            #expect(!text.lowercased().contains("transfer-encoding"))
            #expect(text.contains("connection: close\r\n"))
            #expect(ending == .fin)
        }
    }

    @Test("every byte arrives, whatever the sizes and the framing", arguments: [1, 16_383, 16_384, 100_000, 3_000_000])
    func everyByte(count: Int) async throws {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 7) }
        let provider = ScriptedServer { connection in
            while let request = connection.readRequest() {
                if request.requestLine.contains("chunked") {
                    connection.send(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(String(count, radix: 16))\r\n"
                    )
                    connection.send(body)
                    connection.send("\r\n0\r\n\r\n")
                } else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n")
                    connection.send(body)
                }
            }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for path in ["/v1/files/a/content", "/v1/files/chunked/content"] {
                client.send("GET \(path) HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(client.receiveAnswer()?.body == body)
            }
        }
    }

    @Test("an answer arrives piece by piece, as the provider sends it")
    func pieceByPiece() async throws {
        let goOn = Signal()
        let provider = ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                )
                for event in ["data: 1\n\n", "data: 2\n\n"] {
                    connection.send("9\r\n\(event)\r\n")
                    goOn.wait()
                }
                connection.send("0\r\n\r\n")
            }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.clean)
            #expect(client.receive(through: "data: 1\n\n").hasPrefix("HTTP/1.1 200 OK"))
            goOn.raise()
            #expect(client.receive(through: "data: 2\n\n") == "\r\n9\r\ndata: 2\n\n")
            goOn.raise()
            #expect(client.receive(through: "0\r\n\r\n") == "\r\n0\r\n\r\n")
        }
    }
}
