/// The members of one JSON object, found in a single pass.
///
/// The simulator looks up about ten members of a request's body, most of them absent. Without the index, each look-up
/// would read the whole prompt again.
struct JSONObject {
    private let text: [UInt8]
    private var found: [(key: Range<Int>, value: Range<Int>)] = []

    /// The object that is the only value of a text; `nil` if there is none.
    init?(_ text: [UInt8]) {
        let start = JSONScanner.skippingSpace(text, from: 0)
        guard start < text.count, text[start] == UInt8(ascii: "{") else { return nil }
        self.init(text: text)
        let end = index(after: start)
        guard end < text.count, text[end] == UInt8(ascii: "}"),
            JSONScanner.skippingSpace(text, from: end + 1) == text.count
        else { return nil }
    }

    /// The object whose opening bracket is at `open`.
    init(text: [UInt8], after open: Int) {
        self.init(text: text)
        index(after: open)
    }

    private init(text: [UInt8]) {
        self.text = text
        found.reserveCapacity(8)
    }

    /// Finds all members; returns the position of anything that is not a member.
    @discardableResult
    private mutating func index(after open: Int) -> Int {
        var cursor = JSONCursor(text, after: open)
        while let key = cursor.nextKey(), let value = cursor.nextValue() { found.append((key, value)) }
        return cursor.position
    }

    /// The first member with this name; names with escapes are compared as written.
    subscript(name: StaticString) -> JSONNode? {
        found.first { JSONScanner.equals(text, $0.key, name) }.map { JSONNode(text: text, range: $0.value) }
    }

    /// The members in order.
    var members: [(name: String, value: JSONNode)] {
        found.map { (JSONScanner.unescaped(text[$0.key]), JSONNode(text: text, range: $0.value)) }
    }
}

/// Walks through one object or array.
struct JSONCursor {
    let text: [UInt8]
    private(set) var position: Int

    init(_ text: [UInt8], after open: Int) {
        self.text = text
        position = open + 1
    }

    /// The bytes between the quotes of the next member's name, with the colon consumed; nil, consuming nothing, if
    /// there is none.
    mutating func nextKey() -> Range<Int>? {
        let start = self
        guard let key = nextValue(), text[key.lowerBound] == UInt8(ascii: "\"") else { return nil }
        position = JSONScanner.skippingSpace(text, from: position)
        guard position < text.count, text[position] == UInt8(ascii: ":") else {
            self = start
            return nil
        }
        position += 1
        return key.lowerBound + 1..<key.upperBound - 1
    }

    mutating func nextValue() -> Range<Int>? {
        position = JSONScanner.skippingSpace(text, from: position)
        if position < text.count, text[position] == UInt8(ascii: ",") {
            position = JSONScanner.skippingSpace(text, from: position + 1)
        }
        guard let end = JSONScanner.endOfValue(text, from: position) else { return nil }
        defer { position = end }
        return position..<end
    }
}
