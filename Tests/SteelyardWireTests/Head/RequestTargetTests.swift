import SteelyardWire
import Testing

@Suite("A request target")
struct RequestTargetTests {
    private func target(_ text: String, host: String = "") throws(RequestDefect) -> RequestTarget {
        try RequestTarget(text.utf8Span.span, host: host.utf8Span.span)
    }

    private func part(_ text: String, _ range: Range<Int>?) -> String? {
        range.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }

    @Test(
        "a target splits into path and query, verbatim",
        arguments: [
            ("/v1/chat/completions", "/v1/chat/completions", nil),
            ("/v1/models?", "/v1/models", ""),
            ("/v1/x?a=b&include[]=c%2Fd//..?%0a", "/v1/x", "a=b&include[]=c%2Fd//..?%0a"),
            ("/", "/", nil),
            ("/v1/models/", "/v1/models/", nil),
            ("/v1beta/models/gemini:generateContent", "/v1beta/models/gemini:generateContent", nil),
            ("/v1/models/ft:gpt-4o%3Aacme::9abc", "/v1/models/ft:gpt-4o%3Aacme::9abc", nil),
            ("/v1/a...b/.../..x/x..;y/%C3%A9", "/v1/a...b/.../..x/x..;y/%C3%A9", nil),
            ("/%E2%82%AC/%F0%9F%98%80/!$&'()*+,=@~_-", "/%E2%82%AC/%F0%9F%98%80/!$&'()*+,=@~_-", nil),
        ] as [(String, String, String?)]
    )
    func split(text: String, path: String, query: String?) throws {
        let target = try target(text)
        #expect(part(text, target.path) == path)
        #expect(part(text, target.query) == query)
    }

    @Test(
        "what someone could normalise into another path is refused",
        arguments: [
            "/v1/../admin/keys", "/v1/./chat", "/..", "/.", "/v1/..;/admin", "/v1/.;x/a", "//v1/chat/completions",
            "/v1//chat", "/v1/chat//",
        ]
    )
    func refusedPath(text: String) {
        #expect(throws: RequestDefect.targetPath) { try target(text) }
    }

    @Test(
        "characters outside RFC 3986 and escapes that hide structure are refused",
        arguments: [
            "/v1/%2e%2e/admin", "/v1/%2E", "/v1/%2fadmin", "/v1/%2Fa", "/v1/%5cadmin", "/v1/%5C", #"/v1\..\admin"#,
            "/a%00", "/a%0d%0a", "/a%1F", "/a%7f", "/a%", "/a%2", "/a%zz", "/a%+1", "/v1/%c0%ae", "/v1/%C1%9C",
            "/v1/%e0%80%ae", "/v1/%f0%80%80%ae", "/v1/%f8%80", "/v1/%ff", "/a#b", "/a b", "/a\"", "/a<b>", "/a[b]",
            "/a|b", "/a^", "/a`", "/{a}", "/é", "/a?b#c", "/a?b c", "/a?%", "/a?%4", "/a?é", #"/a?\"#, "/a\u{7f}",
            "/a?\u{1}",
        ]
    )
    func refusedCharacter(text: String) {
        #expect(throws: RequestDefect.targetCharacter) { try target(text) }
    }

    @Test(
        "an absolute target is taken when it names the host the request names",
        arguments: [
            ("http://t/v1/models?x", "t"), ("HTTPS://Api.Example:8080/v1/models?x", "api.example:8080"),
            ("http://[::1]:80/v1/models?x", "[::1]:80"),
        ]
    )
    func absolute(text: String, host: String) throws {
        let target = try target(text, host: host)
        #expect(part(text, target.path) == "/v1/models")
        #expect(part(text, target.query) == "x")
    }

    @Test(
        "any other form is refused",
        arguments: [
            ("http://169.254.169.254/v1/chat/completions", "t"), ("http://t", "t"), ("http://t?x", "t"),
            ("http://u@t/v1", "t"), ("http://t:80/v1", "t"), ("ftp://t/v1", "t"), ("http:///v1", "t"),
            ("v1/models", "t"), ("*", "t"), ("", "t"), ("t:443", "t"), ("file:///etc/passwd", "t"), ("?a", "t"),
        ]
    )
    func otherForms(text: String, host: String) {
        #expect(throws: RequestDefect.targetForm) { try target(text, host: host) }
    }

    @Test("a target may have 8 KiB and no more")
    func length() throws {
        let longest = "/" + String(repeating: "a", count: RequestTarget.byteLimit - 1)
        #expect(try target(longest).path.count == RequestTarget.byteLimit)
        #expect(throws: RequestDefect.targetTooLong) { try target(longest + "a") }
    }
}
