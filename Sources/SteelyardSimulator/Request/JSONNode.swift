/// A value inside a JSON text, and where it is.
///
/// The text never becomes a tree: a request needs five members out of a kilobyte, and skipping is cheaper than
/// building. The reader is lenient inside values that nobody needs. It shares no code with the gateway's reader, so
/// that both cannot make the same mistake.
struct JSONNode {
    let text: [UInt8]
    let range: Range<Int>

    /// The only value of a text; `nil` if brackets or quotes do not close, or if something follows the value.
    init?(_ text: [UInt8]) {
        let start = JSONScanner.skippingSpace(text, from: 0)
        guard let end = JSONScanner.endOfValue(text, from: start),
            JSONScanner.skippingSpace(text, from: end) == text.count
        else { return nil }
        self.init(text: text, range: start..<end)
    }

    init(text: [UInt8], range: Range<Int>) {
        self.text = text
        self.range = range
    }

    private var first: UInt8 { text[range.lowerBound] }

    var isObject: Bool { first == UInt8(ascii: "{") }
    var isArray: Bool { first == UInt8(ascii: "[") }
    var isString: Bool { first == UInt8(ascii: "\"") }
    var isTrue: Bool { text[range].elementsEqual("true".utf8) }
    var byteCount: Int { range.count }

    var string: String? {
        guard isString else { return nil }
        return JSONScanner.unescaped(text[range.lowerBound + 1..<range.upperBound - 1])
    }

    var integer: Int? { Int(raw) }

    /// The value as it was sent.
    var raw: String { String(decoding: text[range], as: UTF8.self) }

    /// The first member with this name; names with escapes are compared as written.
    subscript(name: StaticString) -> JSONNode? {
        isObject ? JSONObject(text: text, after: range.lowerBound)[name] : nil
    }

    /// The members of an object in order.
    var members: [(name: String, value: JSONNode)] {
        isObject ? JSONObject(text: text, after: range.lowerBound).members : []
    }

    /// The elements of an array in order.
    var elements: [JSONNode] {
        guard isArray else { return [] }
        var found: [JSONNode] = []
        var cursor = JSONCursor(text, after: range.lowerBound)
        while let value = cursor.nextValue() { found.append(JSONNode(text: text, range: value)) }
        return found
    }
}
