import Logging
import Testing

@testable import SteelyardTelemetry

@Suite("A log line")
struct LogLineTests {
    private static func line(_ format: LogLineFormat, _ value: String) -> String {
        var line = LogLine(format: format, atMilliseconds: 0, level: "info", message: "m")
        line.add("name", value)
        return String(decoding: line.finished(), as: UTF8.self)
    }

    @Test("is one JSON object")
    func json() {
        var line = LogLine(format: .json, atMilliseconds: 1_795_219_200_123, level: "info", message: "request")
        line.add("text", "plain")
        line.add("number", 42)
        line.add("money", 1_234_567, places: 12)
        line.add("truth", true)
        line.add("absent", nil as String?)
        line.add("missing", nil as Int64?)
        let text =
            #"{"time":"2026-11-21T00:00:00.123Z","level":"info","message":"request","text":"plain","#
            + #""number":42,"money":0.000001234567,"truth":true}"# + "\n"
        #expect(String(decoding: line.finished(), as: UTF8.self) == text)
    }

    @Test("is pairs for people")
    func text() {
        var line = LogLine(format: .text, atMilliseconds: 0, level: "warning", message: "disk \"full\"")
        line.add("path", "/a b")
        line.add("count", 3)
        #expect(
            String(decoding: line.finished(), as: UTF8.self)
                == #"1970-01-01T00:00:00.000Z warning disk \"full\" path="/a b" count=3"# + "\n"
        )
    }

    /// Units, how many decimal places they have, and their text.
    static let amounts: [(Int64, Int, String)] = [
        (0, 12, "0"), (1, 12, "0.000000000001"), (1_500, 3, "1.5"), (2_000_000_000_000, 12, "2"),
        (-1, 12, "-0.000000000001"),
        (-2_500, 3, "-2.5"), (.max, 12, "9223372.036854775807"), (.min, 12, "-9223372.036854775808"),
        (.max, 18, "9.223372036854775807"), (.min, 0, "-9223372036854775808"), (10, 0, "10"),
    ]

    @Test("writes amounts exactly", arguments: amounts)
    func amount(units: Int64, places: Int, text: String) {
        var line = LogLine(format: .text, atMilliseconds: 0, level: "info", message: "m")
        line.add("amount", units, places: places)
        #expect(String(decoding: line.finished(), as: UTF8.self).hasSuffix(" amount=\(text)\n"))
    }

    /// What a peer may send, and how the log shows it.
    static let escapes: [(String, String)] = [
        ("plain ~", "plain ~"), ("\"", #"\""#), ("\\", #"\\"#), ("\n", #"\u000a"#), ("\r\n", #"\u000d\u000a"#),
        ("\t", #"\u0009"#), ("\u{0}", #"\u0000"#), ("\u{1B}[31m", #"\u001b[31m"#), ("\u{7F}", #"\u007f"#),
        ("\u{9B}31m", #"\u009b31m"#), ("\u{85}", #"\u0085"#), ("\u{2028}\u{2029}", #"\u2028\u2029"#),
        ("a\u{202E}b", #"a\u202eb"#), ("\u{FEFF}", #"\ufeff"#), ("\u{E0001}", #"\udb40\udc01"#),
        ("é, 東京, 🙂", "é, 東京, 🙂"), ("\"}\n{\"level\":\"x", #"\"}\u000a{\"level\":\"x"#),
    ]

    @Test("stays one line and one value, whatever is in it", arguments: escapes)
    func escaping(value: String, written: String) {
        let begin = #"{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"m","name":""#
        #expect(Self.line(.json, value) == begin + written + "\"}\n")
        #expect(Self.line(.text, value) == "1970-01-01T00:00:00.000Z info m name=\"\(written)\"\n")
    }

    @Test("escapes a byte wherever it stands, and no other", arguments: 0..<20)
    func everyPosition(position: Int) {
        let plain = [UInt8](repeating: UInt8(ascii: "~"), count: 20)
        let plainCount = Self.line(.json, String(decoding: plain, as: UTF8.self)).utf8.count
        for byte in UInt8.min...0x7F {
            var bytes = plain
            bytes[position] = byte
            let isLonger = Self.line(.json, String(decoding: bytes, as: UTF8.self)).utf8.count > plainCount
            let needsEscape = byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            #expect(isLonger == needsEscape, "byte \(byte)")
        }
    }

    @Test("has one line feed, at its end, whatever bytes come")
    func oneLine() {
        let seed = UInt64.random(in: 0..<1 << 40)
        for number in seed..<seed + 500 {
            var state = number
            let bytes = (0..<64).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 56)
            }
            let line = Self.line(.json, String(decoding: bytes, as: UTF8.self))
            #expect(line.utf8.count { $0 < 0x20 } == 1 && line.hasSuffix("\"}\n"), "seed \(number)")
        }
    }
}

@Suite("A logger")
struct LineLogHandlerTests {
    /// The lines that a logger writes, without their time.
    private static func lines(
        _ format: LogLineFormat = .json,
        level: Logger.Level = .info,
        _ log: (Logger) -> Void
    ) throws -> [String] {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing, format: format)
        log(Logger(label: "test") { _ in LineLogHandler(writer: writer, format: format, level: level) })
        #expect(writer.flush(within: 60))
        return pipe.closeAndRead().split(separator: "\n").map { String($0.dropFirst(format == .json ? 35 : 25)) }
    }

    @Test("writes its metadata as members, in the order of their names")
    func metadata() throws {
        let lines = try Self.lines { logger in
            var logger = logger
            logger[metadataKey: "z"] = "last"
            logger.notice("m", metadata: ["b": "2", "a": ["y": "1", "x": ["1", "two"]], "c": "line\nfeed"])
        }
        #expect(
            lines == [
                #""level":"notice","message":"m","a":"{x: [1, two], y: 1}","b":"2","c":"line\u000afeed","z":"last"}"#
            ]
        )
    }

    @Test("keeps its own names to itself")
    func collision() throws {
        let lines = try Self.lines { $0.error("m", metadata: ["level": "trace", "message": "forged", "a\"b": "c"]) }
        #expect(lines == [#""level":"error","message":"m","a\"b":"c","level_":"trace","message_":"forged"}"#])
    }

    @Test("leaves out what is less severe than its level", arguments: Logger.Level.allCases)
    func levels(level: Logger.Level) throws {
        let lines = try Self.lines(.text, level: level) { logger in
            for severity in Logger.Level.allCases { logger.log(level: severity, "m") }
        }
        #expect(lines == Logger.Level.allCases.filter { $0 >= level }.map { "\($0) m" })
    }
}
