import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Testing

/// What a provider sends before it closes, and how the transfer must end.
struct AnswerFault: Sendable, CustomTestStringConvertible {
    /// The transfer's fate.
    enum Fate: Equatable, Sendable {
        case whole(status: Int, body: String)
        case failed(TransferFailure)
        /// Either verdict is right: the client sees the same.
        case failedEitherWay
    }

    var name: String
    var answer: String
    var fate: Fate
    /// Whether libcurl 7.88.1 alone takes it for a whole answer.
    var fools7881 = false
    var method = "GET"

    var testDescription: String { name }
}

extension AnswerFault {
    private static func head(_ lines: String, body: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n\(body)"
    }

    private static func bad(_ name: String, _ answer: String, fools7881: Bool = false) -> AnswerFault {
        AnswerFault(name: name, answer: answer, fate: .failed(.malformed), fools7881: fools7881)
    }

    private static func fine(
        _ name: String,
        _ answer: String,
        status: Int = 200,
        body: String = "abc",
        method: String = "GET"
    ) -> AnswerFault {
        AnswerFault(name: name, answer: answer, fate: .whole(status: status, body: body), method: method)
    }

    private static func cut(_ name: String, _ answer: String) -> AnswerFault {
        AnswerFault(name: name, answer: answer, fate: .failed(.truncated))
    }

    static let framing: [AnswerFault] = [
        bad(
            "length and chunks",
            head("Content-Length: 3\r\nTransfer-Encoding: chunked", body: "3\r\nabc\r\n0\r\n\r\n"),
            fools7881: true
        ),
        bad(
            "chunks and length",
            head("Transfer-Encoding: chunked\r\nContent-Length: 3", body: "3\r\nabc\r\n0\r\n\r\n"),
            fools7881: true
        ),
        bad("two lengths", head("Content-Length: 3\r\nContent-Length: 5", body: "abcde"), fools7881: true),
        bad("the same length twice", head("Content-Length: 3\r\nContent-Length: 3", body: "abc"), fools7881: true),
        bad("a list of lengths", head("Content-Length: 3, 3", body: "abc"), fools7881: true),
        bad("a signed length", head("Content-Length: +3", body: "abc"), fools7881: true),
        bad("a length of 20 digits", head("Content-Length: 99999999999999999999", body: "abc")),
        bad("a negative length", head("Content-Length: -3", body: "abc")),
        bad("a length of letters", head("Content-Length: abc", body: "abc")),
        bad("an empty length", head("Content-Length: ", body: "abc")),
        cut("a body shorter than its length", head("Content-Length: 10", body: "abc")),
        fine("a body longer than its length", head("Content-Length: 3", body: "abcdef")),
        fine("a body until the connection closes", head("X: y", body: "abc")),
        fine("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc"),
        bad("an unknown transfer coding", head("Transfer-Encoding: foo", body: "abc")),
        bad("two transfer codings", head("Transfer-Encoding: gzip, chunked", body: "abc")),
        bad("chunked not last", head("Transfer-Encoding: chunked, gzip", body: "abc")),
        bad(
            "chunks in HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            fools7881: true
        ),
    ]

    private static func chunked(_ body: String) -> String { head("Transfer-Encoding: chunked", body: body) }

    static let chunks: [AnswerFault] = [
        fine("chunks", chunked("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")),
        fine("a chunk extension", chunked("3;x=y\r\nabc\r\n0\r\n\r\n")),
        fine("trailers, one of them a length", chunked("3\r\nabc\r\n0\r\nX-Checksum: 1\r\nContent-Length: 9\r\n\r\n")),
        bad("a chunk size of letters", chunked("ZZ\r\nabc\r\n0\r\n\r\n")),
        bad("a chunk size of 17 digits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")),
        bad("a chunk not followed by a line end", chunked("3\r\nabcXY0\r\n\r\n")),
        cut("a cut within a chunk", chunked("5\r\nabc")),
        cut("a cut before the last chunk", chunked("3\r\nabc\r\n")),
        cut("a cut before the final line end", chunked("3\r\nabc\r\n0\r\n")),
    ]

    static let heads: [AnswerFault] = [
        bad("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc", fools7881: true),
        bad("one bare line feed", "HTTP/1.1 200 OK\r\nX: y\nContent-Length: 3\r\n\r\nabc", fools7881: true),
        bad("a bare carriage return", head("X: a\rb\r\nContent-Length: 3", body: "abc"), fools7881: true),
        bad("a control character", head("X: a\u{1}b\r\nContent-Length: 3", body: "abc"), fools7881: true),
        bad("NUL", head("X: a\0b\r\nContent-Length: 3", body: "abc")),
        // libcurl 8 replaces the fold by a space before anyone sees it, which RFC 9112 §5.2 allows.
        UpstreamLibrary.version.hasPrefix("7.")
            ? bad("a folded line", head("X: a\r\n b\r\nContent-Length: 3", body: "abc"), fools7881: true)
            : fine("a folded line", head("X: a\r\n b\r\nContent-Length: 3", body: "abc")),
        bad("an empty name", head(": a\r\nContent-Length: 3", body: "abc"), fools7881: true),
        bad("no colon", head("X\r\nContent-Length: 3", body: "abc")),
        bad("a space before the colon", head("Content-Length : 3", body: "abc"), fools7881: true),
        bad("a head cut within a line", "HTTP/1.1 200 OK\r\nContent-Le", fools7881: true),
        AnswerFault(
            name: "a head cut after a line",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n",
            fate: .failedEitherWay
        ),
        AnswerFault(name: "nothing", answer: "", fate: .failed(.noAnswer)),
        AnswerFault(name: "no HTTP", answer: "abc", fate: .failedEitherWay),
        bad("ICY", "ICY 200 OK\r\n\r\nabc"),
        bad("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("HTTP/3", "HTTP/3 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("HTTP/2 on a connection of HTTP/1.1", "HTTP/2 200\r\nContent-Length: 3\r\n\r\nabc", fools7881: true),
        bad("status 99", "HTTP/1.1 99 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("status 000", "HTTP/1.1 000 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("status 600", "HTTP/1.1 600 OK\r\nContent-Length: 3\r\n\r\nabc", fools7881: true),
        bad("status 2000", "HTTP/1.1 2000 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("a protocol nobody asked for", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc", fools7881: true),
        bad(
            "a head of 70 KiB",
            head("X: \(String(repeating: "y", count: 70_000))\r\nContent-Length: 3", body: "abc"),
            fools7881: true
        ),
    ]

    static let statuses: [AnswerFault] = [
        fine(
            "interim answers",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + head("Content-Length: 3", body: "abc")
        ),
        bad(
            "17 interim answers",
            String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 17) + head("Content-Length: 3", body: "abc"),
            fools7881: true
        ),
        fine("204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nabc", status: 204, body: ""),
        fine("304 with a body", "HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\nabc", status: 304, body: ""),
        fine("the answer to HEAD", head("Content-Length: 3"), body: "", method: "HEAD"),
        fine("an answer to HEAD with a body", head("Content-Length: 3", body: "abc"), body: "", method: "HEAD"),
        fine(
            "401",
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nabc",
            status: 401
        ),
        fine("407", "HTTP/1.1 407 Proxy\r\nProxy-Authenticate: Basic\r\nContent-Length: 3\r\n\r\nabc", status: 407),
        fine("417", "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 3\r\n\r\nabc", status: 417),
        fine(
            "503 with a time to wait",
            "HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 3\r\n\r\nabc",
            status: 503
        ),
        fine("no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc"),
    ]

    static let all = framing + chunks + heads + statuses
}

@Suite("A provider's answer", .timeLimit(.minutes(1)))
struct AnswerFaultTests {
    private func run(_ fault: AnswerFault, guards: TransferGuards = .all) async throws -> (
        Transcript, requestCount: Int
    ) {
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(fault.answer)
        }
        let upstream = try UpstreamFixture(server, guards: guards)
        let transcript = try await upstream.run(.to("/", method: fault.method))
        return (transcript, server.requests.count)
    }

    @Test("is whole or visibly broken, never a truncated answer that looks whole", arguments: AnswerFault.all)
    func endsAsItMust(fault: AnswerFault) async throws {
        let (transcript, requestCount) = try await run(fault)
        let end = try #require(transcript.end)
        #expect(transcript.disorder == [])
        #expect(requestCount == 1)
        #expect(end.reachedProvider)
        #expect(!end.detail.contains("127.0.0.1"))
        switch fault.fate {
        case .whole(let status, let body):
            #expect(end.failure == nil)
            #expect(transcript.head?.status == status)
            #expect(transcript.text == body)
        case .failed(let failure): #expect(end.failure == failure, "\(end.detail)")
        case .failedEitherWay: #expect(end.failure == .noAnswer || end.failure == .malformed, "\(end.detail)")
        }
    }

    @Test(
        "would be believed without our own reading of the head",
        .enabled(if: UpstreamLibrary.version.hasPrefix("7.")),
        arguments: AnswerFault.all.filter(\.fools7881)
    )
    func foolsLibcurl(fault: AnswerFault) async throws {
        let (transcript, _) = try await run(fault, guards: .all.subtracting(.headValidation))
        #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
    }

    @Test("that is reset within the body is truncated")
    func resetWithinBody() async throws {
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            // Only once the client has read these bytes: a reset discards what waits in its buffer.
            if connection.index == 0 { connection.waitForClose() }
            connection.resetOnClose()
        }
        let upstream = try UpstreamFixture(server)
        let recorder = TransferRecorder()
        try await recorder.start(.to("/"), on: upstream.pool)
        #expect(await recorder.when { $0.bodyByteCount == 3 }.end == nil)
        server.stop()
        let transcript = await recorder.ended()
        #expect(transcript.end?.failure == .truncated)
        #expect(transcript.text == "abc")
    }

    @Test("that never comes because nobody listens costs nothing")
    func connectionRefused() async throws {
        let server = ScriptedServer { _ in }
        let upstream = try UpstreamFixture(server) { $0.origin.port = 1 }
        let transcript = try await upstream.run(.post())
        #expect(transcript.end?.failure == .unreachable)
        #expect(transcript.end?.reachedProvider == false)
        #expect(transcript.departures == [])
    }

    @Test("that never comes because the TLS handshake stalls costs nothing")
    func handshakeTimesOut() async throws {
        let server = ScriptedServer { $0.waitForClose() }
        let upstream = try UpstreamFixture(server) {
            $0.origin.isSecure = true
            $0.timeouts.connectSeconds = 0.1
        }
        let transcript = try await upstream.run(.post())
        #expect(transcript.end?.failure == .unreachable)
        #expect(transcript.end?.reachedProvider == false)
    }
}
