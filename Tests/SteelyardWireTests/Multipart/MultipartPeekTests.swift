import Testing

@testable import SteelyardWire

@Suite("A look into a form")
struct MultipartPeekTests {
    private typealias Form = FormFixture

    @Test("finds what decides the cost, or says why not", arguments: FormFixture.all)
    func table(_ form: FormFixture) {
        var facts = FormFacts()
        form.facts(&facts)
        let reading = form.read()
        #expect(reading.verdict == form.verdict)
        #expect(reading.objection == nil)
        #expect(reading.facts == facts)
    }

    @Test("finds the same however the form is cut", arguments: FormFixture.all)
    func everySplit(_ form: FormFixture) {
        let (whole, count) = (form.read(), form.bytes.count)
        for cut in 0...count where form.read(cutAt: [cut]) != whole {
            Issue.record("cut at \(cut): \(form.read(cutAt: [cut]))\nwhole: \(whole)")
            return
        }
        #expect(form.read(cutAt: (0..<count).flatMap { [$0, $0] }) == whole)
    }

    @Test(
        "reads every boundary that may be",
        arguments: [
            ("boundary=b", "b"), ("boundary=\"b\"", "b"), ("charset=utf-8; BOUNDARY=b;", "b"),
            (" boundary=\"a b\"", "a b"), ("boundary=----=_Part_0:1/2?(3),'+._-", "----=_Part_0:1/2?(3),'+._-"),
            ("boundary=" + String(repeating: "-", count: 70), String(repeating: "-", count: 70)),
        ]
    )
    func boundaries(parameters: String, boundary: String) {
        let body = "--\(boundary)\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n--\(boundary)--"
        let fields = HeaderFields(lines: ["content-type: Multipart/Form-Data;\(parameters)"])
        #expect(Form.read(Array(body.utf8), fields).facts.model == "m")
    }

    /// The model, then a file that ends `distance` bytes before the bound.
    private static func form(endingBeforeBound distance: Int, then rest: String) -> [UInt8] {
        let start = Form.field("model", "m")
        let size = MultipartPeek.boundBytes - distance - start.utf8.count - Form.file("").utf8.count
        return Array((start + Form.file(String(repeating: "x", count: size)) + rest).utf8)
    }

    private static let fields = HeaderFields(lines: ["content-type: multipart/form-data; boundary=b"])

    @Test("has its verdict at the bound, not a byte later")
    func bound() {
        let bytes = Self.form(endingBeforeBound: -10, then: Form.end)
        var peek = MultipartPeek(Self.fields)
        peek.received(bytes.span.extracting(0..<MultipartPeek.boundBytes - 1))
        #expect(peek.verdict == nil)
        peek.received(bytes.span.extracting(MultipartPeek.boundBytes - 1..<MultipartPeek.boundBytes))
        #expect(peek.verdict == .known)
        #expect(!peek.facts.isWhole)
    }

    @Test("does not count what lies behind the bound, in the same piece or not", arguments: [true, false])
    func behindBound(inOnePiece: Bool) {
        let bytes = Array((Form.file(String(repeating: "x", count: 70_000)) + Form.field("model", "m") + Form.end).utf8)
        let reading = Form.read(bytes, Self.fields, cutAt: inOnePiece ? [] : [100, 65_536, 65_537])
        #expect(reading.verdict == .notFound)
        #expect(reading.facts.model == "m", "in time for the price of the answer")
        #expect(reading.facts.isWhole)
    }

    @Test("refuses a second model before the bound, objects to one behind it")
    func secondModel() {
        let second = Form.field("model", "other")
        let before = Form.read(Self.form(endingBeforeBound: second.utf8.count + 3, then: second + "--b--"), Self.fields)
        #expect(before.verdict == .ambiguous(.model))
        let behind = Form.read(Self.form(endingBeforeBound: 2, then: second + Form.end), Self.fields)
        #expect(behind.verdict == .known)
        #expect(behind.objection == .ambiguous(.model))
        #expect(behind.facts.model == "m")
    }

    @Test("objects to bytes behind the bound that have two readings")
    func lateDefect() {
        let reading = Form.read(Self.form(endingBeforeBound: 0, then: "--b\n"), Self.fields)
        #expect(reading.verdict == .known)
        #expect(reading.objection == .malformed(.delimiter))
    }

    @Test("ends with the first look at a body that has more after the closing delimiter")
    func epilogueIsNotRead() {
        var peek = MultipartPeek(Self.fields)
        let bytes = Array((Form.field("model", "m") + Form.end).utf8)
        peek.received(bytes.span)
        #expect(peek.verdict == .known, "without waiting for the end of the request")
        peek.received(Array(Form.field("model", "other").utf8).span)
        peek.receivedEnd()
        #expect(peek.objection == nil)
    }

    @Test(
        "keeps little, whatever is sent",
        arguments: [
            (Form.field("model", String(repeating: "m", count: 40_000)), nil),
            (Form.field("prompt", String(repeating: "p", count: 40_000)), nil),
            ((0..<500).map { Form.field("other\($0)", "m") }.joined(), nil),
            ("--b\r\nX: " + String(repeating: "x", count: 40_000), .malformed(.partHead)),
            ("--b\r\n" + String(repeating: "X: y\r\n", count: 8_000), .malformed(.partHead)),
            ("--b" + String(repeating: " ", count: 40_000), .malformed(.delimiter)),
        ] as [(String, MultipartPeek.Verdict?)]
    )
    func memory(start: String, verdict: MultipartPeek.Verdict?) {
        var peek = MultipartPeek(Self.fields)
        let bytes = Array(start.utf8)
        for start in stride(from: 0, to: bytes.count, by: 61) {
            peek.received(bytes.span.extracting(start..<min(start + 61, bytes.count)))
            #expect(peek.keptByteCount <= MultipartPeek.headLimitBytes + 8 * (FormField.valueLimit + 1))
        }
        #expect(peek.verdict == verdict)
    }

    @Test("its facts are a request's facts")
    func requestFacts() {
        let body =
            Form.field("model", "m") + Form.field("n", "3") + Form.field("prompt", "abc") + Form.file() + Form.end
        let facts = RequestFacts(Form.read(Array(body.utf8), Self.fields).facts)
        #expect(facts.model == "m")
        #expect(facts.choiceCount == 3)
        #expect(facts.textByteCount == 3)
        #expect(facts.fileCount == 1)
        #expect(facts.usageAsk == .notStreaming)
    }
}
