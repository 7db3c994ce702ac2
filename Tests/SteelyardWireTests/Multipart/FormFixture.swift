import Testing

@testable import SteelyardWire

/// A form and what is to be found in it.
struct FormFixture: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var contentTypes = ["multipart/form-data; boundary=b"]
    var body: String
    var verdict: MultipartPeek.Verdict
    var facts: @Sendable (inout FormFacts) -> Void = { _ in }

    var bytes: [UInt8] { Array(body.utf8) }
    var fields: HeaderFields { HeaderFields(lines: contentTypes.map { "Content-Type: " + $0 }) }

    /// All that a peek gives away.
    struct Reading: Equatable {
        var verdict: MultipartPeek.Verdict?
        var objection: MultipartPeek.Verdict?
        var facts: FormFacts
    }

    /// What a peek makes of a body that comes cut at these places.
    static func read(_ bytes: [UInt8], _ fields: HeaderFields, cutAt cuts: [Int] = []) -> Reading {
        var peek = MultipartPeek(fields)
        var start = 0
        for end in cuts + [bytes.count] {
            peek.received(bytes.span.extracting(start..<end))
            start = end
        }
        peek.receivedEnd()
        return Reading(verdict: peek.verdict, objection: peek.objection, facts: peek.facts)
    }

    /// What a peek makes of this one.
    func read(cutAt cuts: [Int] = []) -> Reading { Self.read(bytes, fields, cutAt: cuts) }

    /// A part that is a field.
    static func field(_ name: String, _ value: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    /// A part that is a file.
    static func file(_ content: String = "RIFF\r\n--\r\n\r\n") -> String {
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n"
            + "Content-Type: audio/wav\r\n\r\n\(content)\r\n"
    }

    /// A part with this head.
    static func part(_ head: String, _ content: String = "whisper-1") -> String {
        "--b\r\n\(head)\r\n\r\n\(content)\r\n"
    }

    static let end = "--b--\r\n"
    static let all = clients + fieldRows + grammarRows + ambiguous + mistyped + malformed + malformedTypes
}

/// What clients send; recorded from openai 2.54 and 3.52 for Python, curl 7.88.1 and undici 6.
extension FormFixture {
    static let clients = [
        FormFixture(
            testDescription: "openai for Python, a transcription",
            contentTypes: ["multipart/form-data; boundary=c4f829cce9a8e9b8e4198809dcb9557e"],
            body: """
                --c4f829cce9a8e9b8e4198809dcb9557e\r
                Content-Disposition: form-data; name="model"\r
                \r
                gpt-4o-transcribe\r
                --c4f829cce9a8e9b8e4198809dcb9557e\r
                Content-Disposition: form-data; name="response_format"\r
                \r
                json\r
                --c4f829cce9a8e9b8e4198809dcb9557e\r
                Content-Disposition: form-data; name="timestamp_granularities[]"\r
                \r
                word\r
                --c4f829cce9a8e9b8e4198809dcb9557e\r
                Content-Disposition: form-data; name="timestamp_granularities[]"\r
                \r
                segment\r
                --c4f829cce9a8e9b8e4198809dcb9557e\r
                Content-Disposition: form-data; name="stream"\r
                \r
                true\r
                --c4f829cce9a8e9b8e4198809dcb9557e\r
                Content-Disposition: form-data; name="file"; filename="speech.mp3"\r
                Content-Type: audio/mpeg\r
                \r
                RIFF\u{0}\u{1}\r\n\u{2} !"#$%&'\r
                --c4f829cce9a8e9b8e4198809dcb9557e--\r\n
                """,
            verdict: .known,
            facts: {
                ($0.model, $0.responseFormat, $0.streams) = ("gpt-4o-transcribe", "json", true)
                ($0.fileCount, $0.isWhole) = (1, true)
            }
        ),
        FormFixture(
            testDescription: "openai for Python, pictures edited",
            contentTypes: ["multipart/form-data; boundary=bd0e677d49b67724d0f907213fa488c5"],
            body: """
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="prompt"\r
                \r
                hi "x"\r
                line\r
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="model"\r
                \r
                gpt-image-1\r
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="n"\r
                \r
                2\r
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="quality"\r
                \r
                high\r
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="size"\r
                \r
                1024x1024\r
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="image[]"; filename="a.png"\r
                Content-Type: image/png\r
                \r
                \u{89}PNG1\r
                --bd0e677d49b67724d0f907213fa488c5\r
                Content-Disposition: form-data; name="image[]"; filename="ü%22.png"\r
                Content-Type: image/png\r
                \r
                \u{89}PNG2\r
                --bd0e677d49b67724d0f907213fa488c5--\r\n
                """,
            verdict: .known,
            facts: {
                ($0.model, $0.choiceCount, $0.quality, $0.size) = ("gpt-image-1", 2, "high", "1024x1024")
                ($0.promptByteCount, $0.fileCount, $0.isWhole) = (12, 2, true)
            }
        ),
        FormFixture(
            testDescription: "curl, the file first",
            contentTypes: ["multipart/form-data; boundary=------------------------4c59a32c508d8599"],
            body: """
                --------------------------4c59a32c508d8599\r
                Content-Disposition: form-data; name="file"; filename="a.wav"\r
                Content-Type: application/octet-stream\r
                \r
                RIFF----------RIFF\r
                --------------------------4c59a32c508d8599\r
                Content-Disposition: form-data; name="model"\r
                Content-Type: text/plain;charset=utf-8\r
                \r
                whisper-1\r
                --------------------------4c59a32c508d8599\r
                Content-Disposition: form-data; name="name%22q"\r
                \r
                1\r
                --------------------------4c59a32c508d8599--\r\n
                """,
            verdict: .known,
            facts: { ($0.model, $0.fileCount, $0.isWhole) = ("whisper-1", 1, true) }
        ),
        FormFixture(
            testDescription: "undici, as Node's fetch",
            contentTypes: ["multipart/form-data; boundary=----formdata-undici-034637196571"],
            body: """
                ------formdata-undici-034637196571\r
                Content-Disposition: form-data; name="model"\r
                \r
                whisper-1\r
                ------formdata-undici-034637196571\r
                Content-Disposition: form-data; name="file"; filename="a%22b%0D%0Ac.wav"\r
                Content-Type: application/octet-stream\r
                \r
                abc\r
                ------formdata-undici-034637196571--\r\n
                """,
            verdict: .known,
            facts: { ($0.model, $0.fileCount, $0.isWhole) = ("whisper-1", 1, true) }
        ),
    ]
}

extension FormFixture {
    /// A row of the table: a body whose boundary is `b`.
    init(
        _ name: String,
        _ body: String,
        _ verdict: MultipartPeek.Verdict,
        _ facts: @escaping @Sendable (inout FormFacts) -> Void = { _ in }
    ) {
        self.init(testDescription: name, body: body, verdict: verdict, facts: facts)
    }

    static let fieldRows = [
        FormFixture("no field", end, .notFound) { $0.isWhole = true },
        FormFixture("no model", field("n", "1") + file() + end, .notFound) {
            ($0.choiceCount, $0.fileCount, $0.isWhole) = (1, 1, true)
        },
        FormFixture("an empty model", field("model", "") + end, .known) { ($0.model, $0.isWhole) = ("", true) },
        FormFixture("the same model twice", field("model", "m") + file() + field("model", "m") + end, .known) {
            ($0.model, $0.fileCount, $0.isWhole) = ("m", 1, true)
        },
        FormFixture("a model of 256 bytes", field("model", String(repeating: "m", count: 256)) + end, .known) {
            ($0.model, $0.isWhole) = (String(repeating: "m", count: 256), true)
        },
        FormFixture("a model of 257 bytes", field("model", String(repeating: "m", count: 257)) + end, .notFound) {
            ($0.hasOversizedModel, $0.isWhole) = (true, true)
        },
        FormFixture("a model with lines like a boundary's", field("model", "a\r\n--\r\n-b\r\r\n--a") + end, .known) {
            ($0.model, $0.isWhole) = ("a\r\n--\r\n-b\r\r\n--a", true)
        },
        FormFixture("names in another case are others", field("Model", "m") + end, .notFound) { $0.isWhole = true },
        FormFixture("names that go on are others", field("model[]", "m") + field("mode", "m") + end, .notFound) {
            $0.isWhole = true
        },
        FormFixture("video", field("model", "sora-2") + field("seconds", "8") + end, .known) {
            ($0.model, $0.seconds, $0.isWhole) = ("sora-2", "8", true)
        },
        FormFixture("stream is not true", field("stream", "False") + field("n", "") + end, .notFound) {
            $0.isWhole = true
        },
        FormFixture("truth and counts in other spellings", field("stream", "ON") + field("n", "2.0") + end, .notFound) {
            ($0.streams, $0.choiceCount, $0.isWhole) = (true, 2, true)
        },
        FormFixture("a prompt in two parts", field("prompt", "abc") + field("prompt", "de") + end, .notFound) {
            ($0.promptByteCount, $0.isWhole) = (5, true)
        },
    ]

    private static let model: @Sendable (inout FormFacts) -> Void = { ($0.model, $0.isWhole) = ("whisper-1", true) }

    static let grammarRows = [
        FormFixture("a preamble", "to\r\nbe ignored\r\n" + field("model", "whisper-1") + end, .known, model),
        FormFixture("an epilogue", field("model", "whisper-1") + end + "\r\n" + field("model", "x"), .known, model),
        FormFixture("no line end at the end", field("model", "whisper-1") + "--b--", .known, model),
        FormFixture(
            "padding behind boundaries",
            "--b \t\r\nContent-Disposition: form-data; name=model\r\n\r\nwhisper-1\r\n--b-- \r\n",
            .known,
            model
        ),
        FormFixture(
            "names in any case, other fields, no quotes",
            part("X-Other: x\r\ncontent-DISPOSITION:  FORM-data ;NAME=model; ; other=\"a;b\";") + end,
            .known,
            model
        ),
        FormFixture(
            "an encoding that changes nothing",
            part("Content-Transfer-Encoding: 8bit\r\nContent-Disposition: form-data; name=\"model\"") + end,
            .known,
            model
        ),
        FormFixture(
            "Go's mime/multipart, quotes in a file's name",
            field("model", "whisper-1")
                + part(#"Content-Disposition: form-data; name="file"; filename="take \"2\" \\.wav""#, "RIFF") + end,
            .known
        ) { ($0.model, $0.fileCount, $0.isWhole) = ("whisper-1", 1, true) },
        FormFixture(
            "backslashes in names that are no field's in either reading",
            field("model", "whisper-1")
                + part(#"Content-Disposition: form-data; filename="C:\dir\a.wav"; name="fi\"le\\""#, "RIFF") + end,
            .known
        ) { ($0.model, $0.fileCount, $0.isWhole) = ("whisper-1", 1, true) },
        FormFixture(
            "a file with a name as RFC 5987 spells it",
            field("model", "whisper-1")
                + part("Content-Disposition: form-data; name=\"file\"; filename*=utf-8''%C3%BC.wav", "RIFF") + end,
            .known
        ) { ($0.model, $0.fileCount, $0.isWhole) = ("whisper-1", 1, true) },
    ]

    static let ambiguous = [
        FormFixture("two models", field("model", "a") + file() + field("model", "b") + end, .ambiguous(.model)) {
            ($0.model, $0.fileCount) = ("a", 1)
        },
        FormFixture("two streams", field("stream", "true") + field("stream", "1") + end, .ambiguous(.stream)) {
            $0.streams = true
        },
        FormFixture("two sizes", field("size", "a") + field("size", "b") + end, .ambiguous(.size)) { $0.size = "a" },
    ]

    static let mistyped =
        ["-1", " 2", "+2", "1_0", "1.5", "\u{0662}", "two", "true"].map {
            FormFixture("n is \($0)", field("n", $0) + end, .mistyped(.n))
        }
        + ["maybe", " true", "2"].map { FormFixture("stream is \($0)", field("stream", $0) + end, .mistyped(.stream)) }

    static let malformed =
        [
            FormFixture("nothing", "", .malformed(.truncated)),
            FormFixture("JSON", #"{"model":"m"}"#, .malformed(.truncated)),
            FormFixture("another boundary", "--c\r\n\r\n--c--\r\n", .malformed(.truncated)),
            FormFixture("no end", field("model", "m"), .malformed(.truncated)),
            FormFixture("half an end", field("n", "1") + "--b-", .malformed(.truncated)) { $0.choiceCount = 1 },
            FormFixture("line feeds alone", "--b\nContent-Disposition: form-data", .malformed(.delimiter)),
            FormFixture("a preamble with a line feed alone", "x\n" + field("model", "m") + end, .malformed(.delimiter)),
            FormFixture("a boundary that goes on", "--bb\r\n", .malformed(.delimiter)),
            FormFixture("a boundary and a dash", "--b-\r\n", .malformed(.delimiter)),
            FormFixture("an end that goes on", "--b--x", .malformed(.delimiter)),
            FormFixture("a boundary and a carriage return", "--b\r\r\n", .malformed(.delimiter)),
            FormFixture("endless padding", "--b" + String(repeating: " ", count: 129), .malformed(.delimiter)),
            FormFixture(
                "a delimiter where a value begins",
                "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n--b--\r\n",
                .malformed(.delimiter)
            ),
        ]
        + [
            "", "X: y", "Content-Disposition: form-data", "Content-Disposition form-data; name=\"n\"",
            "Content-Disposition : form-data; name=\"n\"", "Content-Disposition: attachment; name=\"n\"",
            "Content-Disposition: form-data; name=\"n", "Content-Disposition: form-data; name=",
            "Content-Disposition: form-data; name", "Content-Disposition: form-data; name = \"n\"",
            "Content-Disposition: form-data name=\"n\"", "Content-Disposition: form-data; name=\"n\"x",
            "Content-Disposition: form-data; name=\"x\" y=\"z\"",
            "Content-Disposition: form-data; name=\"n\"; name=\"model\"",
            "Content-Disposition: form-data; name=\"n\"\r\nContent-Disposition: form-data; name=\"model\"",
            "Content-Disposition: form-data;\r\n name=\"model\"",
            "Content-Disposition: form-data; name=\"x\"\r\n X: folded",
            "Content-Disposition: form-data; name=\"x\"\r\nContent-Disposition : form-data; name=\"model\"",
            "Content-Disposition: form-data; name=\"x\";\n",
            "Content-Disposition: form-data; name=\"n\"\rX: y", "Content-Disposition: form-data; name=\"n\u{0}\"",
            "Content-Disposition: form-data; name=\"mo\\del\"",
            "Content-Disposition: form-data; name=\"x\"; filename=\"a\\\"; name=model; y=\"",
            "Content-Disposition: form-data; name=\"x\"; filename=\"a\\\"; y=\"z\"",
            #"Content-Disposition: form-data; name="x"; filename="a\" name="model"; y=\"""#,
            #"Content-Disposition: form-data; name="\n""#,
            #"Content-Disposition: form-data; name="x"; filename="C:\""#,
            #"Content-Disposition: form-data; name="x"; filename="C:\"; name="model""#,
            "Content-Disposition: form-data; name=\"n\"; name*=utf-8''model",
            "Content-Disposition: form-data; name=\"model\"; filename=\"m\"",
            "Content-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=\"model\"",
        ].map { FormFixture("a part's head: " + $0, part($0) + end, .malformed(.partHead)) }

    static let malformedTypes = [
        [], ["application/json"], ["multipart/form-data"], ["multipart/form-data; boundary="],
        ["multipart/form-data; boundary=\"\""], ["multipart/form-data; boundary=\"b"],
        ["multipart/form-data; boundary=b; boundary=b"], ["multipart/form-data; boundary=\"b \""],
        ["multipart/form-data; boundary=b@"], ["multipart/form-data; boundary=\"\\b\""],
        ["multipart/mixed; boundary=b"], ["multipart/form-data; boundary=" + String(repeating: "b", count: 71)],
        ["multipart/form-data; boundary=b", "multipart/form-data; boundary=b"],
        ["multipart/form-data; boundary=b", "text/plain"],
    ].map {
        FormFixture(
            testDescription: "content types \($0)",
            contentTypes: $0,
            body: field("model", "m") + end,
            verdict: .malformed(.boundary)
        )
    }
}
