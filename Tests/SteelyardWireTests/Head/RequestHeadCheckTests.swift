import SteelyardWire
import Testing

@Suite("A request's head")
struct RequestHeadCheckTests {
    private func facts(
        _ lines: [String],
        method: String = "POST",
        target: String = "/v1/models",
        version: (Int, Int) = (1, 1)
    ) throws(RequestDefect) -> RequestHeadFacts {
        try RequestHeadCheck.facts(
            method: method,
            target: target,
            majorVersion: version.0,
            minorVersion: version.1,
            fields: HeaderFields(lines: lines)
        )
    }

    @Test("a plain head gives its framing and keeps the connection")
    func plain() throws {
        let facts = try facts(["Host: t:8080", "Content-Length: 60", "Authorization: Bearer sk-x"])
        #expect(facts.contentLength == 60)
        #expect(!facts.isChunked && facts.keepsAlive && !facts.expectsContinue && !facts.offersUpgrade)
        #expect(facts.target.path == 0..<10)
    }

    @Test("chunks are one coding, in any case", arguments: ["chunked", "cHuNkeD"])
    func chunked(coding: String) throws {
        let facts = try facts(["Host: t", "Transfer-Encoding: \(coding)"])
        #expect(facts.isChunked && facts.contentLength == nil)
    }

    @Test(
        "the connection is kept as version and Connection say",
        arguments: [
            (1, [], true), (1, ["Connection: close"], false), (1, ["Connection: x, Close"], false),
            (0, [], false), (0, ["Connection: Keep-Alive"], true), (0, ["Connection: keep-alive, close"], false),
        ]
    )
    func keepsAlive(minor: Int, lines: [String], keeps: Bool) throws {
        #expect(try facts(["Host: t"] + lines, version: (1, minor)).keepsAlive == keeps)
    }

    @Test("an offer to upgrade is seen when both fields are there")
    func upgrade() throws {
        #expect(try facts(["Host: t", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c"]).offersUpgrade)
        #expect(try !facts(["Host: t", "Upgrade: h2c"]).offersUpgrade)
        #expect(try !facts(["Host: t", "Connection: upgrade"]).offersUpgrade)
    }

    @Test("100-continue is the one expectation, and HTTP/1.0 has none")
    func expectation() throws {
        #expect(try facts(["Host: t", "Expect: 100-Continue"]).expectsContinue)
        #expect(throws: RequestDefect.expectation) { try facts(["Host: t", "Expect: foo"]) }
        #expect(throws: RequestDefect.expectation) { try facts(["Host: t", "Expect: 100-continue", "Expect: x"]) }
        #expect(try !facts(["Host: t", "Expect: foo"], version: (1, 0)).expectsContinue)
    }

    @Test(
        "hosts that are hosts",
        arguments: ["t", "api.example.com", "my_service:8080", "127.0.0.1:1", "[::1]", "[2001:db8::1]:443", "T:"]
    )
    func goodHost(host: String) throws {
        _ = try facts(["Host: \(host)"])
    }

    @Test(
        "hosts that are none, missing or twice",
        arguments: [
            [], ["Host: t", "Host: t"], ["Host: a, b"], ["Host:"], ["Host: u@h"], ["Host: h/p"], ["Host: h:x"],
            ["Host: h:123456"], ["Host: :80"], ["Host: [::1"], ["Host: []"], ["Host: [[::1]]"], ["Host: [::1]x"],
            ["Host: " + String(repeating: "a", count: 300)], ["Host: h?x"], ["Host: h%41"], ["Host: é"],
        ]
    )
    func badHost(lines: [String]) {
        #expect(throws: RequestDefect.host) { try facts(lines) }
    }

    @Test("HTTP/1.0 may go without a host")
    func http10() throws {
        _ = try facts([], version: (1, 0))
    }

    @Test(
        "framing that two readers could read differently is refused",
        arguments: [
            (["Content-Length: 5", "Transfer-Encoding: chunked"], RequestDefect.conflictingFraming),
            (["Transfer-Encoding: chunked", "Content-Length: 5"], .conflictingFraming),
            (["Content-Length: 5", "Content-Length: 0"], .contentLength),
            (["Content-Length: 5", "content-length: 5"], .contentLength),
            (["Content-Length: 3, 3"], .contentLength),
            (["Content-Length: 060"], .contentLength),
            (["Content-Length: 00"], .contentLength),
            (["Content-Length: +3"], .contentLength),
            (["Content-Length: -3"], .contentLength),
            (["Content-Length:"], .contentLength),
            (["Content-Length: 0x3"], .contentLength),
            (["Content-Length: 9223372036854775808"], .contentLengthTooLarge),
            (["Content-Length: 18446744073709551615"], .contentLengthTooLarge),
            (["Content-Length: 99999999999999999999999"], .contentLengthTooLarge),
            (["Transfer-Encoding: x", "Transfer-Encoding: chunked"], .transferCoding),
            (["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], .transferCoding),
            (["Transfer-Encoding:"], .transferCoding),
            (["Transfer-Encoding:", "Content-Length: 3"], .transferCoding),
            (["Transfer-Encoding: gzip, chunked"], .transferCoding),
            (["Transfer-Encoding: identity"], .transferCoding),
            (["Transfer_Encoding: chunked"], .underscoreName),
            (["content_length: 9"], .underscoreName),
            (["X-HTTP-Method-Override: POST"], .methodOverride),
            (["x-http-method: POST"], .methodOverride),
            (["X-Method-Override: GET"], .methodOverride),
        ]
    )
    func framing(lines: [String], defect: RequestDefect) {
        #expect(throws: defect) { try facts(["Host: t"] + lines) }
    }

    @Test("chunks in HTTP/1.0 are refused")
    func chunkedHTTP10() {
        #expect(throws: RequestDefect.transferCoding) {
            try facts(["Host: t", "Transfer-Encoding: chunked"], version: (1, 0))
        }
    }

    @Test("a length of 63 bits is a length")
    func longestLength() throws {
        #expect(try facts(["Host: t", "Content-Length: 9223372036854775807"]).contentLength == .max)
    }

    @Test(
        "values that changed on their way here, or could change on their way on, are refused",
        arguments: [
            "x: a\u{fffd}b", "x: \u{ffee}\u{fffd}", "x: 12345678\u{fffd}", "x: 1234567\u{1}", "x: 12345\u{7f}789",
            "x: \u{0}", "x: a\r\nb: c", "x: a\nb", "x: \u{7f}",
        ]
    )
    func values(line: String) {
        #expect(throws: RequestDefect.fieldValue) { try facts(["Host: t", line]) }
    }

    @Test("UTF-8 and tabs pass in values nobody interprets")
    func utf8() throws {
        _ = try facts(["Host: t", "x-title: Café €\t\u{ffee}"])
    }

    @Test(
        "a credential comes once and in ASCII",
        arguments: [
            ["Authorization: Bearer a", "authorization: Bearer a"], ["api-key: a", "API-Key: b"],
            ["x-api-key: a", "x-api-key: a"], ["x-goog-api-key: a", "x-goog-api-key: b"],
            ["x-steelyard-team: a", "x-steelyard-team: b"], ["Authorization: Bearer é"],
        ]
    )
    func credentials(lines: [String]) {
        #expect(throws: RequestDefect.credential) { try facts(["Host: t"] + lines) }
    }

    @Test(
        "methods that tunnel or echo are forbidden, unknown ones not implemented",
        arguments: [
            ("CONNECT", RequestDefect.forbiddenMethod, 405), ("TRACE", .forbiddenMethod, 405),
            ("get", .unknownMethod, 501), ("BREW", .unknownMethod, 501), ("", .unknownMethod, 501),
            ("PROPFIND", .unknownMethod, 501),
        ]
    )
    func methods(method: String, defect: RequestDefect, status: Int) {
        #expect(throws: defect) { try facts(["Host: t"], method: method, target: "t:443") }
        #expect(defect.status == status)
    }

    @Test("only HTTP/1.0 and HTTP/1.1 are spoken", arguments: [(0, 9), (1, 2), (2, 0), (3, 0)])
    func versions(major: Int, minor: Int) {
        #expect(throws: RequestDefect.version) { try facts(["Host: t"], version: (major, minor)) }
        #expect(RequestDefect.version.status == 505)
    }

    @Test("a target on another host is refused")
    func otherHost() {
        #expect(throws: RequestDefect.targetForm) {
            try facts(["Host: t"], target: "http://169.254.169.254/v1/chat/completions")
        }
    }

    @Test("every defect has an answer in words", arguments: RequestDefect.allCases)
    func answers(defect: RequestDefect) {
        #expect((400...505).contains(defect.status))
        #expect(!defect.code.isEmpty && defect.message.hasSuffix("."))
    }
}
