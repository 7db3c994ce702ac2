import ScriptedPeer
import SteelyardExchange
import Testing

@testable import SteelyardServer

@Suite("Uploads that stream through", .timeLimit(.minutes(1)))
struct UploadTests {
    private static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 7) }
    }

    @Test(
        "every byte arrives, and the connection takes the next request",
        arguments: [1, 65_535, 65_536, 65_537, 131_072, 1 << 20, 5_000_000],
        [true, false]
    )
    func everyByte(count: Int, isChunked: Bool) async throws {
        let body = Self.bytes(count)
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for _ in 0..<2 {
                if isChunked {
                    client.send(
                        Requests.upload(announcing: 0).replacing(
                            "Content-Length: 0",
                            with: "Transfer-Encoding: chunked"
                        )
                    )
                    client.send("\(String(count, radix: 16))\r\n")
                    client.send(body)
                    client.send("\r\n0\r\n\r\n")
                } else {
                    client.send(Array(Requests.upload(announcing: count).utf8) + body)
                }
                #expect(client.receiveAnswer()?.text == "ok")
            }
            #expect(provider.requests.map(\.body) == [body, body])
            #expect(provider.requests.first?.values(of: "content-type") == ["multipart/form-data; boundary=b"])
        }
    }

    @Test("a provider that does not read stops the client: nothing piles up here")
    func backPressure() async throws {
        let goOn = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            goOn.wait()
            guard connection.take(16 << 20) != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 16 << 20))
            let sent = client.sendUntilBlocked(milliseconds: 300, limit: 16 << 20)
            let queued = Kernel.sockets(port: server.listener.port) + Kernel.sockets(port: Int(provider.port))
            let kept = sent - queued.reduce(0) { $0 + $1.queuedBytes }
            #expect(sent < 16 << 20)
            // Beside what is kept here, the provider's own `recv` took up to 64 KiB with the head.
            #expect(kept <= (256 << 10) + (64 << 10), "\(kept) bytes kept, of \(sent)")
            goOn.raise()
            client.send([UInt8](repeating: 0, count: (16 << 20) - sent))
            #expect(client.receiveAnswer()?.text == "ok")
        }
    }

    @Test("a provider that refuses before the upload is complete is heard, and the rest discarded")
    func earlyRefusal() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\n\r\nearly")
            connection.waitForClose()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 600_000))
            client.send(Self.bytes(100_000))
            let answer = client.receiveAnswer()
            #expect(answer?.status == 413)
            #expect(answer?.text == "early")
            client.send(Self.bytes(100_000))
            #expect(client.receiveEnding() == .fin)
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [413])
        }
    }

    @Test("a provider that answers while it still reads is heard at once too, and gets no more")
    func earlyAnswer() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly")
            #expect(connection.take(600_000) == nil)
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 600_000))
            client.send(Self.bytes(100_000))
            #expect(client.receiveAnswer()?.text == "early")
            client.send(Self.bytes(500_000))
            #expect(client.receiveEnding() == .fin)
            await closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [200])
        }
    }

    @Test("a broken chunk within an upload is refused, and the provider's request not completed")
    func brokenChunk() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            let request = connection.readRequest()
            #expect(request == nil, "the upload looked complete")
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            let head = Requests.upload(announcing: 0).replacing("Content-Length: 0", with: "Transfer-Encoding: chunked")
            client.send(head + "11170\r\n" + String(repeating: "a", count: 70_000) + "\r\n")
            try await eventually { provider.connectionCount == 1 }
            client.send("zz\r\n")
            #expect(client.receiveAnswer()?.status == 400)
            #expect(client.receiveEnding() == .fin)
            await closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [400])
        }
    }

    @Test("a client that leaves within its upload leaves no complete request")
    func leavesWithin() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            #expect(connection.readRequest() == nil, "the upload looked complete")
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 100_000))
            try await eventually { server.recorder.inFlight == 1 && provider.connectionCount == 1 }
            client.close()
            await closed.raised()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
        }
    }
}
