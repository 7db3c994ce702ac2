import SteelyardWire
import Testing

@Suite("Header forwarding")
struct HeaderForwardingTests {
    @Test("a request's end-to-end fields go upstream in their order, case and spelling")
    func endToEnd() {
        let lines = [
            "Content-Type: application/json", "X-Stainless-Retry-Count: 0", "OpenAI-Beta: assistants=v2",
            "Authorization: Bearer sk-x", "OpenAI-Organization: org", "api-key: k", "cf-aig-cache-ttl: 3", "Cookie: a",
            "X-Forward: yes", "content_type: x", "Cookie: b",
        ]
        #expect(HeaderFields(lines: lines).forwardedUpstream().lines == lines)
    }

    @Test(
        "fields of this hop, framing, fields addressed to us and the way here stay behind",
        arguments: [
            "Host: t", "Connection: close", "Keep-Alive: timeout=5", "Proxy-Connection: close", "TE: trailers",
            "Trailer: x", "Upgrade: h2c", "HTTP2-Settings: AAMA", "Proxy-Authorization: Basic x",
            "Proxy-Authenticate: Basic",
            "Content-Length: 3", "Transfer-Encoding: chunked", "Expect: 100-continue",
            "x-steelyard-team: search", "X-Steelyard-: x", "Forwarded: for=1", "X-Forwarded-For: 1",
            "x-forwarded-proto: https", "X-Real-IP: 1", "Via: 1.1 p", "CF-Connecting-IP: 1", "CF-Ray: 1",
            "cf-connecting-ipv6: x", "cf-ipcountry: FR", "cf-visitor: x", "cf-worker: x", "cf-ew-via: x",
            "cf-pseudo-ipv4: 1", "True-Client-IP: 1", "X-Client-IP: 1",
            "traceparent: 00-0-0-01", "tracestate: a=b", "Baggage: a=b",
        ]
    )
    func keptFromProvider(line: String) {
        #expect(HeaderFields(lines: [line, "x-a: b"]).forwardedUpstream().lines == ["x-a: b"])
    }

    @Test("trace context goes upstream when the operator lets it")
    func traceContext() {
        let lines = ["traceparent: 00-0-0-01", "tracestate: a=b", "baggage: a=b"]
        #expect(HeaderFields(lines: lines).forwardedUpstream(.passesTraceContext).lines == lines)
    }

    @Test(
        "with a key put in place, whatever says who pays stays behind",
        arguments: [
            "Authorization: Bearer x", "api-key: x", "X-Api-Key: x", "OpenAI-Organization: x", "openai-project: x",
            "x-goog-api-key: x",
        ]
    )
    func credentials(line: String) {
        let fields = HeaderFields(lines: [line, "x-a: b"])
        #expect(fields.forwardedUpstream(.substitutesKey).lines == ["x-a: b"])
        #expect(fields.forwardedUpstream().count == 2)
    }

    @Test("fields that Connection names stay on their hop, both ways")
    func nominated() {
        let fields = HeaderFields(lines: ["X-One: 1", "connection: close, x-one ,X-Two", "x-TWO: 2", "x-three: 3"])
        #expect(fields.forwardedUpstream().lines == ["x-three: 3"])
        #expect(fields.forwardedDownstream().lines == ["x-three: 3"])
    }

    @Test("an answer never speaks in our name", arguments: ["X-Steelyard-Request-ID: fake", "x-steelyard-reason: x"])
    func ours(line: String) {
        #expect(HeaderFields(lines: [line, "x-request-id: a"]).forwardedDownstream().lines == ["x-request-id: a"])
    }

    @Test("a Connection that names `close` hides no field of that name")
    func closeIsNoField() {
        #expect(HeaderFields(lines: ["connection: close", "close: 1"]).forwardedUpstream().lines == ["close: 1"])
    }

    @Test(
        "the codings asked for are reduced to those the meter can decode, weights kept",
        arguments: [
            (["Accept-Encoding: gzip, deflate, br, zstd"], ["Accept-Encoding: gzip, deflate, zstd"]),
            (["accept-encoding: br;q=1.0, gzip;q=0.8 , *;q=0.1"], ["accept-encoding: gzip;q=0.8"]),
            (["Accept-Encoding: GZIP ; q=0,identity"], ["Accept-Encoding: GZIP ; q=0, identity"]),
            (["Accept-Encoding: br"], ["Accept-Encoding: identity"]),
            (["Accept-Encoding: "], ["Accept-Encoding: identity"]),
            (
                ["accept-encoding: gzip", "x: y", "Accept-Encoding: deflate"],
                ["accept-encoding: gzip, deflate", "x: y"]
            ),
            (["x: y"], ["x: y"]),
        ]
    )
    func codings(lines: [String], forwarded: [String]) {
        #expect(HeaderFields(lines: lines).forwardedUpstream().lines == forwarded)
    }

    @Test("an armed request asks for identity coding, once, whatever the client asked for")
    func armed() {
        let lines = ["Accept-Encoding: gzip", "accept-encoding: br", "x: y"]
        #expect(
            HeaderFields(lines: lines).forwardedUpstream(.asksForIdentityCoding).lines
                == ["Accept-Encoding: identity", "x: y"]
        )
        #expect(
            HeaderFields(lines: ["x: y"]).forwardedUpstream(.asksForIdentityCoding).lines
                == ["x: y", "accept-encoding: identity"]
        )
    }

    @Test("an answer's fields go downstream as they are, but for this hop's and framing")
    func downstream() {
        let kept = [
            "Date: x", "Set-Cookie: a", "Set-Cookie: b", "Via: 1.1 p", "CF-Ray: 1", "Location: http://169.254.169.254/",
            "content-encoding: gzip", "x-request-id: req_1", "traceparent: x", "api-key: x", "Accept-Encoding: br",
        ]
        let left = [
            "Content-Length: 3", "transfer-encoding: chunked", "Connection: keep-alive", "Keep-Alive: 5", "Upgrade: x",
        ]
        #expect(HeaderFields(lines: left + kept).forwardedDownstream().lines == kept)
    }
}

@Suite("Header fields")
struct HeaderFieldsSelectionTests {
    @Test("fields are equal by names and values, wherever their bytes are")
    func equality() {
        let selection = HeaderFields(lines: ["Connection: close", "a: b"]).forwardedDownstream()
        #expect(selection == HeaderFields(lines: ["a: b"]))
        #expect(selection.byteCount == 2 && selection.count == 1)
        #expect(selection != HeaderFields(lines: ["A: b"]) && selection != HeaderFields(lines: ["a: b", "c: d"]))
        #expect(selection != HeaderFields(lines: ["a: c"]))
    }

    @Test("a selection can be added to without touching what it was taken from")
    func independence() {
        let fields = HeaderFields(lines: ["a: b", "te: x"])
        var selection = fields.forwardedUpstream()
        selection.append(name: "c", value: "d")
        #expect(selection.lines == ["a: b", "c: d"])
        #expect(fields.lines == ["a: b", "te: x"])
    }
}
