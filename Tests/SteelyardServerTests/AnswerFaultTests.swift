import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardServer
import SteelyardSimulator
import Testing

/// What a provider does wrong, and what its client gets.
struct AnswerFault: Sendable, CustomStringConvertible {
    /// What the client gets.
    enum Outcome: Equatable {
        /// A whole answer with this status.
        case whole(Int)
        /// 502 with one of these codes.
        case refused([String])
        /// An answer that visibly breaks off.
        case broken
    }

    /// The simulator's directives.
    var directives: String
    var outcome: Outcome
    var isStream = false

    var description: String { (isStream ? "stream, " : "") + directives }

    private static func rows(_ directives: [String], _ outcome: Outcome, isStream: Bool = false) -> [AnswerFault] {
        directives.map { AnswerFault(directives: $0, outcome: outcome, isStream: isStream) }
    }

    static let rows =
        rows(
            [
                "cl-te", "te-cl", "cl-dup", "cl-list", "cl-plus", "cl-20digits", "cl-negative", "cl-letters",
                "cl-blank", "bare-cr", "ctl-value", "nul", "empty-name", "bad-name", "no-colon", "space-colon",
                "head-80k", "head-1000-fields", "bare-lf", "http2-line", "http3-line", "http12-line", "icy",
                "status-99", "status-000", "status-600", "status-2000", "unsolicited-101", "interims-2000",
                "te-gzip-chunked", "te-chunked-gzip", "te-unknown", "te-blank", "te-on-10", "headcut",
            ],
            .refused(["upstream_malformed"])
        )
        + rows(["empty", "reset"], .refused(["upstream_unreachable"]))
        + rows(["http09", "headcut-line", "cut-head"], .refused(["upstream_malformed", "upstream_unreachable"]))
        + rows(
            [
                "cl-short", "chunk-bad-size", "chunk-17digits", "chunk-no-crlf", "chunk-cut", "chunk-no-last",
                "chunk-no-end", "cut-at=1", "cut-at=100", "cut-at=100, reset",
            ],
            .broken
        )
        + rows(["cut-at=1", "cut-at=300", "cut-at=300, reset", "cut-at=0, no-length, reset"], .broken, isStream: true)
        + rows(
            [
                "cl-long", "interim-100", "interim-103", "chunk-extension", "no-length", "gzip", "deflate",
                "wrong-type", "split=1", "drip=0", "leading-newlines", "trailers",
            ],
            .whole(200)
        )
        + rows(["no-done", "error-midstream", "wrong-type", "crlf", "bom"], .whole(200), isStream: true)
        + rows(["204-body"], .whole(204)) + rows(["304-length"], .whole(304)) + rows(["redirect"], .whole(302))
        + rows(["status=429, retry-after=7", "status=429, retry-after=7"], .whole(429))
        + rows(["status=500"], .whole(500), isStream: true)
}

@Suite("Providers' faults", .timeLimit(.minutes(1)))
struct AnswerFaultTests {
    @Test("an error or a visible break, never a truncated answer that looks whole", arguments: AnswerFault.rows)
    func fault(_ row: AnswerFault) async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            client.send(request(row))
            check(row, client)
            let summaries = await server.recorder.summaries(count: 1)
            #expect(summaries.count == 1)
            #expect(witness.count == 1, "asked once")
            #expect(server.recorder.records.count == 1, "settled or released, once")
            checkCharge(row, summaries[0])
            #expect(server.answer(to: Requests.clean)?.status == 200, "the next request gets its own answer")
            #expect(server.services.exchangeCount == 0)
        }
    }

    private func request(_ row: AnswerFault) -> String {
        row.isStream ? Requests.stream(simulate: row.directives) : Requests.chat(simulate: row.directives)
    }

    private func check(_ row: AnswerFault, _ client: RawClient) {
        switch row.outcome {
        case .whole(let status): #expect(client.receiveAnswer()?.status == status)
        case .refused(let codes):
            let answer = client.receiveAnswer()
            #expect(answer?.status == 502)
            #expect(answer?.envelope?.type == "server_error")
            #expect(codes.contains(answer?.envelope?.code ?? "none"))
        case .broken:
            // Nil: what came up to the end of the connection is no whole answer.
            #expect(client.receiveAnswer() == nil)
        }
    }

    private func checkCharge(_ row: AnswerFault, _ summary: ExchangeSummary) {
        switch row.outcome {
        case .whole(let status) where status >= 300: #expect(summary.charge == nil)
        case .whole: break
        case .refused:
            #expect(summary.charge?.weight.unmetered == .noAnswer)
            #expect(summary.outcome == .failed)
        case .broken:
            #expect(summary.charge?.weight.confidence != .exact || summary.charge?.weight.usage.isEmpty == false)
            #expect(summary.error == .upstreamTruncated || summary.error == .upstreamMalformed)
            #expect(summary.status == 200, "that is what the client got")
        }
    }

    @Test("to an HTTP/1.0 client a break is a reset: the close alone would say that the answer is whole")
    func brokenForHTTP10() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send("GET /v1/models HTTP/1.0\r\n\r\n")
            #expect(client.receiveEnding() == .reset)
        }
    }

    @Test("a reused connection that dies is not asked again", arguments: [true, false])
    func dieOnReuse(isStream: Bool) async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            client.send(Requests.clean)
            #expect(client.receiveAnswer()?.status == 200)
            client.send(isStream ? Requests.stream(simulate: "die-on-reuse") : Requests.chat(simulate: "die-on-reuse"))
            #expect(client.receiveAnswer()?.envelope?.code == "upstream_unreachable")
            #expect(witness.count == 2)
        }
    }

    @Test("bytes that come late on an idle connection are no answer", arguments: ["late-answer", "late-408"])
    func late(_ directive: String) async throws {
        try await ServerFixture.with { server, witness in
            let client = server.connect()
            client.send(Requests.get + "x-simulate: \(directive)\r\n\r\n")
            #expect(client.receiveAnswer()?.status == 200)
            // Sent 100 ms later: its end is on the witness's record, and then our end of the connection holds it unread or,
            // the pool having looked, is no longer open.
            _ = await witness.entries(onceEnded: 1)
            let port = server.providerPort
            try await eventually {
                !Kernel.sockets(port: port).contains {
                    $0.remotePort == port && $0.state == "01" && $0.queuedBytes == 0
                }
            }
            for _ in 0..<3 {
                client.send(Requests.chat())
                let answer = client.receiveAnswer()
                #expect(answer?.status == 200)
                #expect(answer?.text.contains("chat.completion") == true)
            }
        }
    }
}
