import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

/// What a provider sends before it closes, byte by byte, and what its client gets.
struct RawAnswer: Sendable, CustomTestStringConvertible {
    /// What the client gets.
    enum Fate: Equatable, Sendable {
        case whole(status: Int, body: String)
        /// 502 with one of these codes.
        case refused([String])
        /// An answer that visibly breaks off.
        case broken
    }

    var name: String
    var answer: String
    var fate: Fate
    var method = "GET"

    var testDescription: String { name }
}

extension RawAnswer {
    private static func head(_ lines: String, body: String = "") -> String {
        "HTTP/1.1 200 OK\r\n\(lines)\r\n\r\n\(body)"
    }

    private static func bad(_ name: String, _ answer: String) -> RawAnswer {
        RawAnswer(name: name, answer: answer, fate: .refused(["upstream_malformed"]))
    }

    private static func fine(
        _ name: String,
        _ answer: String,
        status: Int = 200,
        body: String = "abc",
        method: String = "GET"
    ) -> RawAnswer {
        RawAnswer(name: name, answer: answer, fate: .whole(status: status, body: body), method: method)
    }

    private static func cut(_ name: String, _ answer: String) -> RawAnswer {
        RawAnswer(name: name, answer: answer, fate: .broken)
    }

    static let framing: [RawAnswer] = [
        bad(
            "length and chunks",
            head("Content-Length: 3\r\nTransfer-Encoding: chunked", body: "3\r\nabc\r\n0\r\n\r\n")
        ),
        bad(
            "chunks and length",
            head("Transfer-Encoding: chunked\r\nContent-Length: 3", body: "3\r\nabc\r\n0\r\n\r\n")
        ),
        bad("two lengths", head("Content-Length: 3\r\nContent-Length: 5", body: "abcde")),
        bad("the same length twice", head("Content-Length: 3\r\nContent-Length: 3", body: "abc")),
        bad("a list of lengths", head("Content-Length: 3, 3", body: "abc")),
        bad("a signed length", head("Content-Length: +3", body: "abc")),
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
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        ),
    ]

    private static func chunked(_ body: String) -> String { head("Transfer-Encoding: chunked", body: body) }

    static let chunks: [RawAnswer] = [
        fine("chunks", chunked("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n")),
        fine("a chunk extension", chunked("3;x=y\r\nabc\r\n0\r\n\r\n")),
        fine("trailers", chunked("3\r\nabc\r\n0\r\nX-Checksum: 1\r\n\r\n")),
        cut("a length in the trailers", chunked("3\r\nabc\r\n0\r\nX-Checksum: 1\r\nContent-Length: 9\r\n\r\n")),
        cut("a chunk size of letters", chunked("ZZ\r\nabc\r\n0\r\n\r\n")),
        cut("a chunk size of 17 digits", chunked("10000000000000003\r\nabc\r\n0\r\n\r\n")),
        cut("a chunk not followed by a line end", chunked("3\r\nabcXY0\r\n\r\n")),
        cut("a cut within a chunk", chunked("5\r\nabc")),
        cut("a cut before the last chunk", chunked("3\r\nabc\r\n")),
        cut("a cut before the final line end", chunked("3\r\nabc\r\n0\r\n")),
    ]

    static let heads: [RawAnswer] = [
        bad("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"),
        bad("one bare line feed", "HTTP/1.1 200 OK\r\nX: y\nContent-Length: 3\r\n\r\nabc"),
        bad("a bare carriage return", head("X: a\rb\r\nContent-Length: 3", body: "abc")),
        bad("a control character", head("X: a\u{1}b\r\nContent-Length: 3", body: "abc")),
        bad("NUL", head("X: a\0b\r\nContent-Length: 3", body: "abc")),
        bad("a folded line", head("X: a\r\n b\r\nContent-Length: 3", body: "abc")),
        bad("an empty name", head(": a\r\nContent-Length: 3", body: "abc")),
        bad("no colon", head("X\r\nContent-Length: 3", body: "abc")),
        bad("a space before the colon", head("Content-Length : 3", body: "abc")),
        bad("a head cut within a line", "HTTP/1.1 200 OK\r\nContent-Le"),
        RawAnswer(
            name: "a head cut after a line",
            answer: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n",
            fate: .refused(["upstream_malformed", "upstream_unreachable"])
        ),
        RawAnswer(name: "nothing", answer: "", fate: .refused(["upstream_unreachable"])),
        RawAnswer(name: "no HTTP", answer: "abc", fate: .refused(["upstream_malformed", "upstream_unreachable"])),
        bad("ICY", "ICY 200 OK\r\n\r\nabc"),
        bad("HTTP/1.2", "HTTP/1.2 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("HTTP/3", "HTTP/3 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("HTTP/2 on a connection of HTTP/1.1", "HTTP/2 200\r\nContent-Length: 3\r\n\r\nabc"),
        bad("status 99", "HTTP/1.1 99 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("status 000", "HTTP/1.1 000 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("status 600", "HTTP/1.1 600 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("status 2000", "HTTP/1.1 2000 OK\r\nContent-Length: 3\r\n\r\nabc"),
        bad("a protocol nobody asked for", "HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\nabc"),
        bad(
            "a head of 70 KiB",
            head("X: \(String(repeating: "y", count: 70_000))\r\nContent-Length: 3", body: "abc")
        ),
    ]

    static let statuses: [RawAnswer] = [
        fine(
            "interim answers",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + head("Content-Length: 3", body: "abc")
        ),
        bad(
            "17 interim answers",
            String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 17) + head("Content-Length: 3", body: "abc")
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
struct RawAnswerTests {
    @Test("is whole or visibly broken, never a truncated answer that looks whole", arguments: RawAnswer.all)
    func endsAsItMust(row: RawAnswer) async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(row.answer)
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send("\(row.method) /v1/models HTTP/1.1\r\nHost: t\r\n\r\n")
            check(client.receiveAnswer(toHEAD: row.method == "HEAD"), row)
            #expect(provider.requests.count == 1)
            _ = await server.recorder.summaries(count: 1)
            #expect(server.services.exchangeCount == 0)
        }
    }

    private func check(_ answer: ReceivedAnswer?, _ row: RawAnswer) {
        switch row.fate {
        case .whole(let status, let body):
            #expect(answer?.status == status)
            #expect(answer?.text == body)
        case .refused(let codes):
            #expect(answer?.status == 502)
            #expect(codes.contains(answer?.envelope?.code ?? "none"))
            #expect(answer?.text.contains("127.0.0.1") == false)
        case .broken: #expect(answer == nil)
        }
    }

    @Test("that is reset within its body breaks off after what had come")
    func reset() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            // Only once these bytes were read: a reset discards what waits in the other side's buffer.
            connection.waitForClose()
            connection.resetOnClose()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Requests.clean)
            #expect(client.receive(through: "abc").hasPrefix("HTTP/1.1 200 OK"))
            provider.stop()
            #expect(client.receiveAll().bytes.isEmpty)
            #expect(await server.recorder.summaries(count: 1).map(\.error) == [.upstreamTruncated])
        }
    }

    @Test("that never comes because nobody listens costs nothing")
    func nobodyListens() async throws {
        let provider = ScriptedServer { _ in }
        try await ServerFixture.with(provider, { $0.changeProvider { $0.origin.port = 1 } }) { server in
            #expect(server.answer(to: Requests.chat())?.envelope?.code == "upstream_unreachable")
            _ = await server.recorder.summaries(count: 1)
            #expect(server.recorder.records.count == 1)
            #expect(server.recorder.records.compactMap(\.settlement).isEmpty)
        }
    }
}
