import SeededRandom
import SteelyardWire
import Testing

/// Forms made at random: valid ones, whose facts are known as they are made, and broken ones.
@Suite("A look into forms made at random")
struct MultipartRandomTests {
    private let seed = UInt64.random(in: .min ... .max)
    private static let fields = HeaderFields(lines: ["content-type: multipart/form-data; boundary=b"])

    @Test("finds the model of a valid form")
    func valid() {
        print("random forms: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let (body, model) = random.form()
            let reading = FormFixture.read(body, Self.fields, cutAt: random.formCuts(in: body.count))
            #expect(reading.verdict == (model == nil ? .notFound : .known), "seed \(seed)")
            #expect(reading.facts.model == model, "seed \(seed)")
            #expect(reading.facts.isWhole, "seed \(seed)")
        }
    }

    @Test("takes any bytes, and the same way however they are cut")
    func junk() {
        print("random form junk: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<5_000 {
            let body = random.below(2) == 0 ? random.formJunk() : random.brokenForm()
            let whole = FormFixture.read(body, Self.fields)
            #expect(whole.verdict != nil, "seed \(seed): \(body)")
            let cut = FormFixture.read(body, Self.fields, cutAt: random.formCuts(in: body.count))
            #expect(cut == whole, "seed \(seed): \(body)")
        }
    }
}

extension SeededRandom {
    private static let marks = [
        "\r\n", "\r", "\n", "-", "--", "--b", "--b--", "\r\n--b", "\r\n--b\r\n", "\r\n--b--\r\n", " ", "\"", ";", "=",
        "\\", ":", "Content-Disposition: form-data; name=\"model\"", "; filename=\"x\"", "\r\n\r\n", "model", "\u{0}",
    ].map { Array($0.utf8) }

    /// Bytes that mean something to a form, and some that do not.
    mutating func formJunk() -> [UInt8] {
        (0..<below(40)).flatMap { _ in
            below(4) == 0 ? [UInt8(truncatingIfNeeded: next())] : Self.marks[below(Self.marks.count)]
        }
    }

    /// Content that comes near a delimiter without being one.
    private mutating func formContent() -> [UInt8] {
        let near = ["\r", "\n", "\r\n", "\r\n-", "\r\n--", "\r\n--a", "-b", "--b", "x", "\r\r\n"].map { Array($0.utf8) }
        // A part that begins with its own boundary has two readings.
        let bytes: [UInt8] = (0..<below(12)).flatMap { _ in near[below(near.count)] }
        return [UInt8(ascii: "x")] + bytes.withoutDelimiter
    }

    /// A form and the model that it asks for.
    mutating func form() -> (body: [UInt8], model: String?) {
        var (body, model): ([UInt8], String?) = ([], nil)
        for index in 0..<below(8) {
            var value = formContent()
            switch below(3) {
            case 0 where model == nil:
                model = String(decoding: value, as: UTF8.self)
                body += FormFixture.field("model", model ?? "").utf8
            case 0:
                value = Array((model ?? "").utf8)
                body += FormFixture.field("model", String(decoding: value, as: UTF8.self)).utf8
            case 1: body += FormFixture.file(String(decoding: value, as: UTF8.self)).utf8
            default: body += FormFixture.field("other\(index)", String(decoding: value, as: UTF8.self)).utf8
            }
        }
        return (body + FormFixture.end.utf8, model)
    }

    /// A form in which a few bytes are others, missing or twice.
    mutating func brokenForm() -> [UInt8] {
        var body = form().body
        for _ in 0...below(4) {
            let index = below(body.count)
            switch below(3) {
            case 0: body[index] = byte()
            case 1 where body.count > 1: body.remove(at: index)
            default: body.insert(contentsOf: formJunk().prefix(9), at: index)
            }
        }
        return body
    }

    /// Up to four places to cut, in order.
    mutating func formCuts(in count: Int) -> [Int] { (0..<below(5)).map { _ in below(count + 1) }.sorted() }
}

extension [UInt8] {
    /// Without the two bytes that would make it a delimiter.
    fileprivate var withoutDelimiter: [UInt8] {
        var bytes = self
        while let range = bytes.firstRange(of: Array("\r\n--b".utf8)) {
            bytes.removeSubrange(range.lowerBound..<range.lowerBound + 2)
        }
        return bytes
    }
}
