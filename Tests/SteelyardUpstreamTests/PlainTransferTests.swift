import NIOCore
import SteelyardUpstream
import SteelyardWire
import Testing

@Suite("A plain transfer", .timeLimit(.minutes(1)))
struct PlainTransferTests {
    @Test("tells departure, head, body and end, in this order")
    func tellsEverything() async throws {
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"))
        let transcript = try await upstream.run(.to("/v1/models?limit=2"))
        #expect(transcript.disorder == [])
        #expect(transcript.departures.count == 1)
        #expect(transcript.head?.status == 200)
        #expect(transcript.head?.fields.first("x-a") == "b")
        #expect(transcript.text == "hello")
        #expect(transcript.end == TransferEnd(failure: nil, reachedProvider: true))
        #expect(try #require(transcript.answeredAt) >= transcript.departures[0])
    }

    @Test("sends a gathered body with its length and the fields as given")
    func sendsGatheredBody() async throws {
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        var request = UpstreamRequest.post("{\"a\":1}")
        request.fields.append(name: "Authorization", value: "Bearer k")
        request.fields.append(name: "X-Empty", value: "")
        request.fields.append(name: "content-type", value: "application/json")
        let transcript = try await upstream.run(request)
        #expect(transcript.end?.failure == nil)
        let received = try #require(upstream.server.requests.first)
        #expect(received.requestLine == "POST /v1/chat/completions HTTP/1.1")
        #expect(String(decoding: received.body, as: UTF8.self) == "{\"a\":1}")
        #expect(
            received.fieldLines == [
                "Host: 127.0.0.1:\(upstream.server.port)", "Authorization: Bearer k", "X-Empty:",
                "content-type: application/json", "Content-Length: 7",
            ]
        )
    }
}
