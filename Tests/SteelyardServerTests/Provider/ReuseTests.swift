import ScriptedPeer
import SteelyardExchange
import Testing

@testable import SteelyardServer

@Suite("A provider's connection that is used again", .timeLimit(.minutes(1)))
struct ReuseTests {
    private static let lateBytes = [
        Answers.plain("another team's"),
        "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        "x",
    ]

    @Test("gives no request the bytes that came while it was idle, and is closed", arguments: lateBytes)
    func late(bytes: String) async throws {
        let (goOn, sent, closed) = (Signal(), Signal(), Signal())
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.plain(connection.index == 0 ? "first" : "own"))
            if connection.index == 0 {
                goOn.wait()
                connection.send(bytes)
                sent.raise()
                connection.waitForClose()
                closed.raise()
            }
            while connection.readRequest() != nil { connection.send(Answers.plain("own")) }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.chat())
            #expect(client.receiveAnswer()?.text == "first")
            goOn.raise()
            await sent.raised()
            for _ in 0..<2 {
                client.send(Requests.chat())
                #expect(client.receiveAnswer()?.text == "own")
            }
            await closed.raised()
            #expect(provider.requests.count == 3)
            #expect(provider.connectionCount == 2)
        }
    }

    /// An answer that leaves it open what its next bytes are.
    struct Unclean: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var method = "GET"
        var isClean = false
    }

    static let answers = [
        Unclean(testDescription: "a byte behind a counted body", answer: Answers.plain("first") + "x"),
        Unclean(
            testDescription: "an answer behind the last chunk",
            answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n" + Answers.ok
        ),
        Unclean(testDescription: "a body to HEAD", answer: Answers.plain("first"), method: "HEAD"),
        Unclean(
            testDescription: "a body to 304",
            answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nfirst"
        ),
        Unclean(testDescription: "a body to 204", answer: "HTTP/1.1 204 No Content\r\nX: y\r\n\r\nfirst"),
        Unclean(
            testDescription: "a 204 whose body may come yet",
            answer: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"
        ),
        Unclean(
            testDescription: "a 204 whose chunks may come yet",
            answer: "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        Unclean(testDescription: "close", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"),
        Unclean(testDescription: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
        Unclean(testDescription: "a plain answer", answer: Answers.plain("first"), isClean: true),
        Unclean(
            testDescription: "an empty 204",
            answer: "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
            isClean: true
        ),
        Unclean(
            testDescription: "304 with the length of what it has not",
            answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
            isClean: true
        ),
        Unclean(
            testDescription: "HTTP/1.0 with keep-alive",
            answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            isClean: true
        ),
    ]

    @Test("was left clean by its answer, otherwise there is another one", arguments: answers)
    func unclean(row: Unclean) async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(connection.index == 0 ? row.answer : Answers.plain("own"))
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.plain(connection.index == 0 ? "the same" : "own"))
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send("\(row.method) /v1/models HTTP/1.1\r\nHost: t\r\n\r\n")
            #expect(client.receiveAnswer(toHEAD: row.method == "HEAD") != nil)
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.text == (row.isClean ? "the same" : "own"))
            #expect(provider.connectionCount == (row.isClean ? 1 : 2))
        }
    }

    /// A pipelined request asks for a connection in the same turn in which the answer before it ended. A read that filled
    /// its buffer has not shown what follows.
    @Test("gives a pipelined request no bytes that were not read yet", arguments: Array(1...20))
    func fullReads(kilobytes: Int) async throws {
        let frame = Answers.plain(String(repeating: "a", count: 1000)).utf8.count - 1000
        // The length has as many digits as 1000 from there to 9999; one more digit takes one byte more.
        let digits = String(kilobytes * 1024 - frame).utf8.count
        let first = Answers.plain(String(repeating: "a", count: kilobytes * 1024 - frame - (digits - 4)))
        #expect(first.utf8.count == kilobytes * 1024)
        let provider = ScriptedServer { connection in
            while connection.readRequest() != nil {
                let isFirst = connection.index == 0
                connection.send(isFirst ? first + Answers.plain("another team's") : Answers.plain("own"))
            }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.clean + Requests.clean)
            #expect(client.receiveAnswer()?.body.count == first.utf8.count - frame - (digits - 4))
            #expect(client.receiveAnswer()?.text == "own")
        }
    }

    @Test("was closed by the provider meanwhile: it is replaced without a word")
    func closed() async throws {
        let (answered, closed) = (Signal(), Signal())
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.ok)
            answered.wait()
            connection.close()
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for round in 1...3 {
                client.send(Requests.chat())
                #expect(client.receiveAnswer()?.text == "ok")
                #expect(provider.requests.count == round)
                answered.raise()
                await closed.raised()
            }
        }
    }

    /// A pipelined request is written in the turn in which the answer before it ended. By then a reset may have come that
    /// nobody has seen yet: the write fails, and all that follows from it happens within the write.
    @Test("was reset meanwhile: a request that is written into it ends as any other")
    func reset() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.ok)
            connection.resetOnClose()
        }
        try await ServerFixture.with(provider) { server in
            let (body, count) = (String(repeating: "a", count: 100_000), 300)
            let second = Requests.chat(#","x":"\#(body)""#)
            for _ in 0..<count {
                let client = server.connect()
                client.send(Requests.clean + second)
                for _ in 0..<2 { #expect([200, 502].contains(client.receiveAnswer()?.status ?? 0)) }
            }
            #expect(await server.recorder.summaries(count: 2 * count).count == 2 * count)
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    private static let form = "Content-Type: multipart/form-data; boundary=b\r\n"

    /// Requests of every shape.
    private static let shapes = [
        Requests.clean, "HEAD /v1/models HTTP/1.1\r\nHost: t\r\n\r\n", "DELETE /v1/files/f HTTP/1.1\r\nHost: t\r\n\r\n",
        Requests.chat(), Requests.stream(),
        "POST /v1/responses/r/cancel HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n",
        "POST /v1/files HTTP/1.1\r\nHost: t\r\n\(form)Content-Length: 3\r\n\r\nabc",
        "POST /v1/files HTTP/1.1\r\nHost: t\r\n\(form)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ]

    @Test("and dies takes the request with it: it reached the provider exactly once", arguments: shapes)
    func dies(request: String) async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Answers.plain("first"))
            guard connection.readRequest() != nil, connection.index > 0 else { return }
            connection.send(Answers.plain("again"))
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.text == "first")
            client.send(request)
            let isHEAD = request.hasPrefix("HEAD")
            let answer = client.receiveAnswer(toHEAD: isHEAD)
            #expect(answer?.status == 502)
            if !isHEAD { #expect(answer?.envelope?.code == "upstream_unreachable") }
            #expect(provider.requests.count == 2)
            let summaries = await server.recorder.summaries(count: 2)
            #expect(summaries.last?.error == .upstreamUnreachable)
        }
    }

    @Test("carries requests of every shape one after another, each as it was asked")
    func shapesDoNotMix() async throws {
        let provider = ScriptedServer { connection in
            while let request = connection.readRequest() {
                connection.send(
                    request.requestLine.hasPrefix("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : Answers.ok
                )
            }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for _ in 0..<3 {
                for request in Self.shapes {
                    client.send(request)
                    #expect(client.receiveAnswer(toHEAD: request.hasPrefix("HEAD"))?.status == 200)
                }
            }
            #expect(provider.connectionCount == 1)
            let bodies = provider.requests.map(\.body.count)
            #expect(Array(bodies.prefix(3)) == [0, 0, 0])
            #expect(Array(bodies.dropFirst(5).prefix(3)) == [0, 3, 3])
            #expect(bodies.count == 24 && Array(bodies[8..<16]) == Array(bodies[..<8]))
        }
    }

    @Test(
        "took the whole upload: an answer that came earlier is passed on, and the connection closed",
        arguments: [true, false]
    )
    func earlyAnswer(isChunked: Bool) async throws {
        let closed = Signal()
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n0\r\n\r\n"
        let provider = ScriptedServer { connection in
            if connection.index == 0 {
                guard connection.readHead() != nil else { return }
                connection.send(isChunked ? chunks : Answers.plain("early"))
                connection.waitForClose()
                closed.raise()
            } else if connection.readRequest() != nil {
                connection.send(Answers.plain("own"))
            }
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 100_000))
            #expect(client.receiveAnswer()?.text == "early")
            await closed.raised()
            #expect(server.answer(to: Requests.clean)?.text == "own")
            #expect(provider.connectionCount == 2)
        }
    }

    @Test(
        "gets no body of HEAD, whose bytes would be a request of their own",
        arguments: [true, false],
        [true, false]
    )
    func headBody(isWarm: Bool, isChunked: Bool) async throws {
        let provider = ScriptedServer { connection in
            while let request = connection.readRequest() {
                connection.send(
                    request.requestLine.hasPrefix("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" : Answers.ok
                )
            }
        }
        let smuggled = Requests.smuggled
        let size = smuggled.utf8.count
        let head = "HEAD /v1/models HTTP/1.1\r\nHost: t\r\n"
        let counted = "\(head)Content-Length: \(size)\r\n\r\n\(smuggled)"
        let chunked = "\(head)Transfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n\(smuggled)\r\n0\r\n\r\n"
        try await ServerFixture.with(provider) { server in
            if isWarm { #expect(server.answer(to: Requests.clean)?.status == 200) }
            let client = server.connect()
            client.send(isChunked ? chunked : counted)
            #expect(client.receiveAnswer(toHEAD: true)?.status == 200)
            #expect(server.answer(to: Requests.clean)?.text == "ok")
            let lines = provider.requests.map(\.requestLine)
            #expect(!lines.contains { $0.contains("smuggled") }, "\(lines)")
            #expect(lines.suffix(2) == ["HEAD /v1/models HTTP/1.1", "GET /v1/models HTTP/1.1"])
        }
    }
}
