import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardUpstream
import SteelyardWire
import Testing

/// libcurl 7.88.1 has these faults; 8.0.0 repaired the first.
private let reusesUncleanConnections = UpstreamLibrary.version.hasPrefix("7.")

@Suite("A connection that is used again", .timeLimit(.minutes(1)))
struct ReuseGuardTests {
    private static func answer(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Answers the first request, then sends `late` while the connection is idle; later connections answer `own`.
    private func secondAnswer(after late: String, guards: TransferGuards) async throws -> (Transcript, ScriptedServer) {
        let (goOn, sent) = (Signal(), Signal())
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Self.answer(connection.index == 0 ? "first" : "own"))
            guard connection.index == 0 else { return connection.waitForClose() }
            goOn.wait()
            connection.send(late)
            sent.raise()
            while connection.readRequest() != nil { connection.send(Self.answer("own")) }
        }
        let upstream = try UpstreamFixture(server, guards: guards)
        #expect(try await upstream.run(.post()).text == "first")
        goOn.raise()
        await sent.raised()
        return (try await upstream.run(.post()), server)
    }

    private static let lateAnswers = [
        answer("another team's"), "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "x",
    ]

    @Test("gives no request the bytes that waited in it", arguments: lateAnswers)
    func lateAnswerIsNotTaken(late: String) async throws {
        let (transcript, server) = try await secondAnswer(after: late, guards: .all)
        #expect(transcript.text == "own")
        #expect(transcript.end?.failure == nil)
        #expect(transcript.departures.count == 1)
        #expect(server.requests.count == 2)
        #expect(server.connectionCount == 2)
    }

    @Test(
        "would give them without the guard",
        .enabled(if: reusesUncleanConnections),
        arguments: lateAnswers.prefix(2)
    )
    func lateAnswerIsTakenWithoutGuard(late: String) async throws {
        let (transcript, _) = try await secondAnswer(after: late, guards: .all.subtracting(.uncleanReuse))
        #expect(transcript.text != "own")
    }

    /// A provider that announces a body where none can be, and sends it when the next request is there already.
    private func secondAnswer(afterHead head: String, guards: TransferGuards) async throws -> (Transcript, Int) {
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(connection.index == 0 ? head : Self.answer("own"))
            guard connection.readRequest() != nil else { return }
            connection.send(connection.index == 0 ? Self.answer("another team's") : Self.answer("own"))
            connection.waitForClose()
        }
        let upstream = try UpstreamFixture(server, guards: guards)
        #expect(try await upstream.run(.post()).end?.failure == nil)
        return (try await upstream.run(.post()), server.connectionCount)
    }

    @Test(
        "is not used again after a 204 that announces a body: it may come yet",
        arguments: [("Content-Length: 5", 2), ("Transfer-Encoding: chunked", 2), ("Content-Length: 0", 1), ("X: y", 1)]
    )
    func impossibleBody(field: String, connections: Int) async throws {
        let head = "HTTP/1.1 204 No Content\r\n\(field)\r\n\r\n"
        let (answer, count) = try await secondAnswer(afterHead: head, guards: .all)
        #expect(count == connections)
        #expect(answer.text == (connections == 2 ? "own" : "another team's"))
        let (_, unguarded) = try await secondAnswer(afterHead: head, guards: .all.subtracting(.uncleanReuse))
        #expect(unguarded == 1, "libcurl goes by the status alone")
    }

    @Test("is given up for good when it was unclean, not tried again by later requests")
    func uncleanConnectionIsClosed() async throws {
        let (goOn, sent, closed) = (Signal(), Signal(), Signal())
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Self.answer("a"))
            if connection.index == 0 {
                goOn.wait()
                connection.send("junk")
                sent.raise()
                connection.waitForClose()
                closed.raise()
            }
            while connection.readRequest() != nil { connection.send(Self.answer("b")) }
        }
        let upstream = try UpstreamFixture(server)
        _ = try await upstream.run(.post())
        goOn.raise()
        await sent.raised()
        _ = try await upstream.run(.post())
        await closed.raised()
        #expect(try await upstream.run(.post()).text == "b")
        #expect(server.connectionCount == 2)
    }

    @Test("that the provider closed meanwhile is replaced without a word")
    func closedConnectionIsReplaced() async throws {
        let (answered, closed) = (Signal(), Signal())
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Self.answer("a"))
            answered.wait()
            connection.close()
            closed.raise()
        }
        let upstream = try UpstreamFixture(server)
        for round in 1...3 {
            let transcript = try await upstream.run(.post())
            #expect(transcript.end?.failure == nil)
            #expect(server.requests.count == round)
            answered.raise()
            await closed.raised()
        }
    }

    /// A request that dies on a used connection: the provider has read it and closes without a byte.
    struct Dying: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var request: PlannedRequest
        var uploads: [ByteBuffer] = []
    }

    static let dying = [
        Dying(testDescription: "POST", request: .post()),
        Dying(testDescription: "empty POST", request: .post("")),
        Dying(testDescription: "GET", request: .to("/")),
        Dying(testDescription: "DELETE", request: .to("/v1/files/f", method: "DELETE")),
    ]

    static let dyingStreamed = [
        Dying(
            testDescription: "POST in pieces",
            request: .to("/", method: "POST", body: .streamed(length: nil)),
            uploads: [ByteBuffer(string: "abc")]
        ),
        Dying(
            testDescription: "POST in pieces of known length",
            request: .to("/", method: "POST", body: .streamed(length: 3)),
            uploads: [ByteBuffer(string: "abc")]
        ),
    ]

    private func dieOnReuse(_ dying: Dying, guards: TransferGuards) async throws -> (Transcript, ScriptedServer) {
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Self.answer("first"))
            guard connection.readRequest() != nil else { return }
            if connection.index > 0 { connection.send(Self.answer("again")) }
        }
        let upstream = try UpstreamFixture(server, guards: guards)
        #expect(try await upstream.run(.to("/")).text == "first")
        return (try await upstream.run(dying.request, recorder: TransferRecorder(uploads: dying.uploads)), server)
    }

    @Test("and dies takes the request with it: it reached the provider exactly once", arguments: dying + dyingStreamed)
    func requestIsNotRepeated(dying: Dying) async throws {
        let (transcript, server) = try await dieOnReuse(dying, guards: .all)
        #expect(transcript.end?.failure == .noAnswer, "\(transcript.end?.detail ?? "")")
        #expect(transcript.end?.reachedProvider == true)
        #expect(transcript.departures.count == 1)
        #expect(server.requests.count == 2)
    }

    @Test("and dies would make libcurl send the request twice without the guard", arguments: dying)
    func requestIsRepeatedWithoutGuard(dying: Dying) async throws {
        let (transcript, server) = try await dieOnReuse(dying, guards: .all.subtracting(.resend))
        #expect(transcript.end?.failure == nil)
        #expect(server.requests.count == 3)
    }

    @Test("keeps its handles apart by kind of body")
    func kindsDoNotMix() async throws {
        let upstream = try UpstreamFixture(.answering(Self.answer("ok")))
        let uploads = [ByteBuffer(string: "ab"), ByteBuffer(string: "c")]
        for _ in 0..<3 {
            _ = try await upstream.run(.to("/", method: "HEAD"))
            _ = try await upstream.run(.post("abc"))
            _ = try await upstream.run(
                .to("/", method: "PUT", body: .streamed(length: nil)),
                recorder: TransferRecorder(uploads: uploads)
            )
            _ = try await upstream.run(.to("/", method: "DELETE"))
        }
        let seen = upstream.server.requests.map {
            "\($0.requestLine.prefix { $0 != " " }) \(String(decoding: $0.body, as: UTF8.self))"
        }
        #expect(seen == Array(repeating: ["HEAD ", "POST abc", "PUT abc", "DELETE "], count: 3).flatMap(\.self))
    }
}
