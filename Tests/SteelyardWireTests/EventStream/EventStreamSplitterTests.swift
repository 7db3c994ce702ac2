import Testing

@testable import SteelyardWire

@Suite("The event stream splitter")
struct EventStreamSplitterTests {
    /// The events as `name|data`, read in pieces of `size` bytes; a last event without its blank line in brackets.
    private func events(_ text: String, pieces size: Int = .max) -> [String] {
        var splitter = EventStreamSplitter()
        var events: [String] = []
        var data: [UInt8] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = start + min(size, bytes.count - start)
            let piece = bytes.span.extracting(start..<end)
            var index = 0
            while let token = splitter.next(in: piece, at: &index) {
                switch token {
                case .data(let range): data += range.map { piece[$0] }
                case .dataLineFeed: data.append(UInt8(ascii: "\n"))
                case .dispatched: events.append(take(&data, &splitter))
                case .lineEnded, .comment, .lineFeed: break
                }
            }
            start = end
        }
        if splitter.hasData { events.append("[\(take(&data, &splitter))]") }
        return events.filter { $0 != "|" }
    }

    private func take(_ data: inout [UInt8], _ splitter: inout EventStreamSplitter) -> String {
        let event = String(decoding: splitter.eventName, as: UTF8.self) + "|" + String(decoding: data, as: UTF8.self)
        data = []
        splitter.beginEvent()
        return event
    }

    @Test(
        "splits as HTML §9.2.6 says, wherever the pieces end",
        arguments: [
            ("data: a\n\n", ["|a"]), ("data:a\n\n", ["|a"]), ("data:  a\n\n", ["| a"]), ("data: a \n\n", ["|a "]),
            ("data: a\r\n\r\n", ["|a"]), ("data: a\r\r", ["|a"]), ("data: a\r\n\n", ["|a"]), ("data: a\n\r\n", ["|a"]),
            ("data: a\r\ndata: b\rdata: c\n\ndata: d\n\n", ["|a\nb\nc", "|d"]),
            ("data\ndata\n\n", ["|\n"]), ("data:\n\n", []), ("data: a\ndata:\n\n", ["|a\n"]),
            (": comment\n\n:\n\ndata: a\n: in between\ndata: b\n\n", ["|a\nb"]),
            ("event: x\ndata: a\n\ndata: b\n\n", ["x|a", "|b"]), ("data: a\nevent:x\nevent: y\n\n", ["y|a"]),
            ("event: ping\n\n", ["ping|"]), ("id: 1\nretry: 5\nfoo: bar\ndata: a\n\n", ["|a"]),
            ("\u{FEFF}data: a\n\n", ["|a"]), ("\u{FEFF}event: x\ndata: a\n\n", ["x|a"]),
            ("\u{FEFF}: c\n\ndata: a\n\n", ["|a"]),
            ("\u{FEFF}\u{FEFF}data: a\n\n", []), ("\n\u{FEFF}data: a\n\n", []), ("\u{FEFF}\ndata: a\n\n", ["|a"]),
            ("Data: a\ndatax: b\nxdata: c\nxxxxdata: d\nxxxxxxxxdata: e\n data: f\n\n", []),
            ("data: a:b\n\n", ["|a:b"]), ("data: a", ["[|a]"]), ("data: a\n", ["[|a]"]), ("data: a\r", ["[|a]"]),
            ("data: é\u{2028}x\u{0B}y\n\n", ["|é\u{2028}x\u{0B}y"]), ("", []), ("\n\n\n", []),
        ]
    )
    func splits(_ text: String, _ expected: [String]) {
        #expect(events(text) == expected)
        for size in 1...9 { #expect(events(text, pieces: size) == expected, "pieces of \(size)") }
    }

    @Test("keeps names up to 64 bytes", arguments: [64, 65])
    func longNames(_ count: Int) {
        let name = String(repeating: "n", count: count)
        for size in [Int.max, 1] {
            #expect(events("event: \(name)\ndata: a\n\n", pieces: size) == [count <= 64 ? "\(name)|a" : "|a"])
        }
    }
}
