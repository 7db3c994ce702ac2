import NIOCore
import Testing

@testable import SteelyardSimulator

@Suite("Reading requests")
struct ReadingTests {
    @Test(
        "a member is found whatever stands around it",
        arguments: [
            #"{"a":1}"#, #"{ "b" : {"a":2} , "a" : 1 }"#, #"{"c":"}\"","a":1,"a":3}"#, "{\"x\":[[],{}],\n\"a\":1\t}",
            #"{"":null,"a":1}"#,
        ]
    )
    func member(text: String) throws {
        let object = try #require(JSONObject(Array(text.utf8)))
        #expect(object["a"]?.integer == 1)
        #expect(object["absent"] == nil)
    }

    @Test(
        "what is not one whole object is none",
        arguments: ["", " ", "[]", "1", "{", #"{"a":1"#, #"{"a":1} x"#, #"{"a":"b}"#, #"{"a"}"#, "\"\\"]
    )
    func notObject(text: String) {
        #expect(JSONObject(Array(text.utf8)) == nil)
    }

    @Test(
        "strings lose their escapes",
        arguments: [
            (#""a\n\"\\\/""#, "a\n\"\\/"), (#""\u00e9\ud83d\ude00é""#, "é😀é"), (#""\ud83d""#, "\u{FFFD}"),
            (#""\u12""#, "\u{12}"), (#""a\\""#, "a\\"),
        ]
    )
    func string(text: String, expected: String) {
        #expect(JSONNode(Array(text.utf8))?.string == expected)
    }

    @Test(
        "base64 goes both ways",
        arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
    )
    func base64(text: String, coded: String) {
        #expect(Base64.encoded(Array(text.utf8)) == coded)
        #expect(Base64.decoded(coded) == Array(text.utf8))
        #expect(Base64.decoded("a b") == nil)
    }

    /// The check values of RFC 1952 and RFC 1950 for the text, from another implementation.
    @Test(
        "a coded body is valid gzip and zlib of stored blocks",
        arguments: [
            (
                Directives.Coding.gzip, [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] as [UInt8],
                [0x58, 0x4C, 0x8C, 0x1A, 96, 0, 0, 0] as [UInt8]
            ),
            (.deflate, [0x78, 0x01], [0x7C, 0x16, 0x21, 0x96]),
        ]
    )
    func coding(coding: Directives.Coding, start: [UInt8], end: [UInt8]) throws {
        var line = ByteBuffer()
        line.append(AnswerText.line)
        let answer = ContentCoding.applied(coding, to: Answer(contentType: "text/plain", pieces: [line]))
        let bytes = Array(try #require(answer.pieces.first).readableBytesView)
        #expect(bytes == start + [0, 96, 0, 0x9F, 0xFF] + Array(line.readableBytesView) + [1, 0, 0, 0xFF, 0xFF] + end)
        #expect(answer.headers.map(\.name) == ["content-encoding"])
    }

    @Test(
        "a made-up call fits its schema",
        arguments: [
            (
                #"{"properties":{"a":{"type":"string","enum":["x","y"]},"b":{"anyOf":[{"type":"integer","minimum":3},{"type":"null"}]}}}"#,
                #"{"a":"x","b":3}"#
            ),
            (
                #"{"properties":{"a":{"type":"array"},"b":{"type":"object","properties":{"c":{"type":"boolean"}}},"d":{"default":2.5}}}"#,
                #"{"a":[],"b":{"c":true},"d":2.5}"#
            ),
            ("{}", "{}"),
        ]
    )
    func example(schema: String, expected: String) {
        #expect(ExampleJSON.object(for: JSONNode(Array(schema.utf8))) == expected)
    }

    @Test(
        "the pieces of a text are the text",
        arguments: [(nil, nil), (1000, nil), (nil, 7), (10, 3), (3, 10), (0, nil)] as [(Int?, Int?)]
    )
    func pieces(bytes: Int?, events: Int?) {
        let text = AnswerText(bytes: bytes, events: events, capTokens: nil)
        var (whole, joined) = (ByteBuffer(), ByteBuffer())
        text.write(to: &whole)
        for index in 0..<text.pieceCount { text.write(text.piece(index), to: &joined) }
        #expect(whole == joined)
        #expect(whole.readableBytes == bytes ?? events.map { $0 * 4 } ?? 96)
    }
}
