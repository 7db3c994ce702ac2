import Testing

@testable import SteelyardWire

@Suite("The JSON scanner")
struct JSONScannerTests {
    private static let table = JSONPathTable(
        root: 0,
        paths: [
            ("a", 1, .scalar), ("list[]", 2, .announced), ("list[].b", 3, .scalar), ("text", 4, .measured),
            ("text.inner", 5, .scalar), ("raw", 6, .verbatim), ("a_long_member_name", 7, .scalar),
            ("deep.er.b", 8, .scalar), ("raw2[]", 9, .verbatim), ("é", 10, .scalar),
        ]
    )

    /// The tokens of `text` as lines, read in pieces of `size` bytes.
    private func transcript(_ text: String, pieces size: Int = .max) -> [String] {
        var scanner = JSONScanner(table: Self.table)
        var lines: [String] = []
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = start + min(size, bytes.count - start)
            read(bytes.span.extracting(start..<end), &scanner, &lines)
            start = end
        }
        if let failure = scanner.failure { lines.append("\(failure)") }
        if scanner.isComplete { lines.append("complete") }
        return lines
    }

    private func read(_ piece: Span<UInt8>, _ scanner: inout JSONScanner, _ lines: inout [String]) {
        var index = 0
        while let token = scanner.next(in: piece, at: &index) {
            switch token {
            case .began(let position): lines.append("began \(position)")
            case .ended(let position): lines.append("ended \(position)")
            case .scalar(let position): lines.append("\(position) = \(scalar(of: scanner, piece))")
            case .verbatim(let position):
                lines.append("\(position) : \(String(decoding: scanner.verbatim, as: UTF8.self))")
            case .measured(let position, let count): add(count, at: position, to: &lines)
            case .member, .opening: break
            }
        }
    }

    private func scalar(of scanner: JSONScanner, _ piece: Span<UInt8>) -> String {
        guard let range = scanner.scalarRange else { return String(decoding: scanner.scalarBytes, as: UTF8.self) }
        return String(decoding: range.map { piece[$0] }, as: UTF8.self)
    }

    /// Measured bytes come in as many parts as there are pieces; the transcript adds them up.
    private func add(_ count: Int, at position: UInt8, to lines: inout [String]) {
        let prefix = "\(position) # "
        if let last = lines.last, last.hasPrefix(prefix), let known = Int(last.dropFirst(prefix.count)) {
            lines[lines.count - 1] = "\(prefix)\(known + count)"
        } else {
            lines.append("\(prefix)\(count)")
        }
    }

    @Test(
        "finds the wanted values and passes over the rest",
        arguments: [
            (#"{"a":"x","z":"y"}"#, ["began 0", "1 = x", "ended 0", "complete"]),
            (" \n\t\r{ \"a\" : 1 , \"a\" : -2.5e3 } \n", ["began 0", "1 = 1", "1 = -2.5e3", "ended 0", "complete"]),
            (#"{"a":null,"a":true,"a":false,"a":NaN}"#, ["began 0", "ended 0", "complete"]),
            (
                #"{"list":[{"b":"1"},{"c":{"b":"no"}},7,[{"b":"no"}],{"b":"2"}]}"#,
                [
                    "began 0", "began 2", "3 = 1", "ended 2", "began 2", "ended 2", "began 2", "3 = 2", "ended 2",
                    "ended 0", "complete",
                ]
            ),
            (#"{"text":"abc","text":{"inner":"i"},"text":""}"#, ["began 0", "4 # 3", "5 = i", "ended 0", "complete"]),
            (
                #"{"raw":{ "x":[{}, "}\"{"] },"raw":[1],"raw":3}"#,
                ["began 0", #"6 : { "x":[{}, "}\"{"] }"#, "ended 0", "complete"]
            ),
            (#"{"raw2":[{"q":1},{}]}"#, ["began 0", #"9 : {"q":1}"#, "9 : {}", "ended 0", "complete"]),
            (
                #"{"a_long_member_name":"y","a_long_member_namX":"n","a_long_member_name_":"n"}"#,
                ["began 0", "7 = y", "ended 0", "complete"]
            ),
            (
                #"{"z":{"a":"no","deep":{"er":{"b":1}}},"deep":{"er":{"b":2},"a":3}}"#,
                ["began 0", "8 = 2", "ended 0", "complete"]
            ),
            (
                #"[{"a":1},[{"a":2}],{}]"#,
                ["began 0", "1 = 1", "ended 0", "began 0", "1 = 2", "ended 0", "began 0", "ended 0", "complete"]
            ),
            (#""root""#, ["complete"]), ("{}", ["began 0", "ended 0", "complete"]), ("[]", ["complete"]),
            ("\u{FEFF}{}", ["began 0", "ended 0", "complete"]), ("", []), ("{", ["began 0"]),
        ]
    )
    func values(_ text: String, _ lines: [String]) {
        #expect(transcript(text) == lines)
        for size in 1...9 { #expect(transcript(text, pieces: size) == lines, "pieces of \(size)") }
    }

    @Test(
        "resolves escapes in names and values",
        arguments: [
            (#"{"\u0061":"x"}"#, "1 = x"), (#"{"a":"\u0061\n\"\\\/"}"#, "1 = a\n\"\\/"),
            (#"{"a_long\u005fmember_name":1}"#, "7 = 1"), (#"{"\u00e9":1}"#, "10 = 1"), (#"{"é":1}"#, "10 = 1"),
            (#"{"a":"\ud83d\ude00!"}"#, "1 = 😀!"), (#"{"a":"\ud83dx"}"#, "1 = \u{FFFD}x"),
            (#"{"a":"\ud83d\ud83d\ude00"}"#, "1 = \u{FFFD}😀"), (#"{"a":"\ude00"}"#, "1 = \u{FFFD}"),
            (#"{"a":"\ud83d"}"#, "1 = \u{FFFD}"),
            (#"{"text":"\n\u0041\u00e9\u20ac\ud83d\ude00é"}"#, "4 # \("\nAé€😀é".utf8.count)"),
        ]
    )
    func escapes(_ text: String, _ line: String) {
        for size in [Int.max, 1, 2, 3, 5] {
            #expect(transcript(text, pieces: size) == ["began 0", line, "ended 0", "complete"], "pieces of \(size)")
        }
    }

    @Test(
        "gives up on what is no JSON",
        arguments: [
            "x}", "]", "}", "{]", "[}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,}"#, #"{1:2}"#, "[,]", "[1,]",
            #"{"a":1 "a":2}"#,
            #"{"z":[}"#, #"{"z":{"y":[1}}"#, "{}{}", "{} x", #"{"a":"\x"}"#, #"{"a":"\u00g0"}"#, "{\u{01}}", "{'a':1}",
            #"[1"# + "\u{01}",
        ]
    )
    func invalid(_ text: String) {
        for size in [Int.max, 1, 2, 3] { #expect(transcript(text, pieces: size).last == "invalid") }
    }

    @Test("nests 128 containers and no more", arguments: ["[", #"{"z":"#])
    func depth(_ opening: String) {
        #expect(transcript(String(repeating: opening, count: 1024)).last != "tooDeep")
        #expect(transcript(String(repeating: opening, count: 1025)).last == "tooDeep")
    }

    @Test("hands over texts up to their limits", arguments: [255, 256, 257])
    func limits(_ count: Int) {
        let isKept = count <= JSONScanner.scalarLimit
        for text in [String(repeating: "x", count: count), String(repeating: #"\u0078"#, count: count)] {
            let lines = transcript(#"{"a":"\#(text)"}"#)
            #expect(lines.contains("1 = " + String(repeating: "x", count: count)) == isKept)
            #expect(lines.last == "complete")
        }
    }

    @Test("hands over objects up to 16 KiB", arguments: [0, 1])
    func verbatimLimit(_ excess: Int) {
        let filler = String(repeating: "x", count: JSONScanner.verbatimLimit - #"{"":0}"#.utf8.count + excess)
        for size in [Int.max, 1000] {
            let lines = transcript(#"{"raw":{"\#(filler)":0}}"#, pieces: size)
            #expect(lines.count == (excess == 0 ? 4 : 3))
            #expect(lines.last == "complete")
        }
    }

    @Test("begins anew after a reset, whatever it was in")
    func reset() {
        for broken in [#"{"a":"\u00"#, #"{"raw":{"x":"#, #"{"z":["\"#, "]", #"{"list":[{"b":1"#, "{}"] {
            var scanner = JSONScanner(table: Self.table)
            var lines: [String] = []
            read(broken.utf8Span.span, &scanner, &lines)
            scanner.reset()
            lines = []
            read(#"{"a":"x","raw":{}}"#.utf8Span.span, &scanner, &lines)
            #expect(lines == ["began 0", "1 = x", "6 : {}", "ended 0"], "after \(broken)")
        }
    }
}
