/// Walks over a whole JSON object and returns every number and string with its place.
///
/// The object has been read once already, so its brackets match. The walker only has to end without a trap on any
/// bytes.
struct UsageWalker {
    /// A number or string.
    struct Leaf {
        /// The leaf's position in the table; `nil` when no path names it.
        var position: UInt8?
        /// The number; `nil` for a string.
        var number: JSONNumber?
        /// A string's bytes between the quotes; empty for a number.
        var text: Range<Int>
        /// Which object of the text the leaf is a member of; objects are counted in the order in which they open.
        var object: Int
    }

    private struct Frame {
        var isObject: Bool
        var node: UInt16
        var object: Int
        /// The key of the member being read, between its quotes; empty for an array.
        var key = 0..<0
        var elementCount = 0
    }

    private let bytes: [UInt8]
    private let table: JSONPathTable?
    private var index = 0
    private var frames: [Frame] = []
    private var objectCount = 0
    private var awaitsKey = false
    private var node: UInt16

    /// Makes a walker over `bytes`; positions come from `table`, if any.
    init(_ bytes: [UInt8], table: JSONPathTable?) {
        self.bytes = bytes
        self.table = table
        node = table == nil ? JSONPathTable.none : JSONPathTable.root
    }

    /// The next number or string; `nil` at the end.
    mutating func next() -> Leaf? {
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["): open(isObject: byte == UInt8(ascii: "{"))
            case UInt8(ascii: "}"), UInt8(ascii: "]"): close()
            case UInt8(ascii: ","): nextMember()
            case UInt8(ascii: "\""):
                let range = string()
                if awaitsKey { enter(key: range) } else { return leaf(text: range) }
            case _ where byte.isJSONWord:
                if let leaf = word() { return leaf }
            default: index &+= 1
            }
        }
        return nil
    }

    private mutating func open(isObject: Bool) {
        index &+= 1
        enterElement()
        objectCount &+= isObject ? 1 : 0
        frames.append(Frame(isObject: isObject, node: node, object: objectCount))
        awaitsKey = isObject
    }

    private mutating func close() {
        index &+= 1
        _ = frames.popLast()
        awaitsKey = false
    }

    private mutating func nextMember() {
        index &+= 1
        guard let last = frames.indices.last else { return }
        awaitsKey = frames[last].isObject
        frames[last].elementCount &+= 1
    }

    /// Moves to the element that begins, if it is an element of an array.
    private mutating func enterElement() {
        guard let frame = frames.last, !frame.isObject else { return }
        node = frame.node == JSONPathTable.none ? frame.node : table?.nodes[Int(frame.node)].element ?? frame.node
    }

    private mutating func enter(key range: Range<Int>) {
        awaitsKey = false
        guard let last = frames.indices.last else { return }
        frames[last].key = range
        guard let table, frames[last].node != JSONPathTable.none else { return node = JSONPathTable.none }
        node = Self.child(of: frames[last].node, key: bytes.span.extracting(range), in: table)
    }

    /// Static, because calling a method would copy the walker (callgrind: 360 instructions a key).
    private static func child(of parent: UInt16, key: Span<UInt8>, in table: JSONPathTable) -> UInt16 {
        let isEscaped = key.firstIndex(of: UInt8(ascii: "\\")) != nil
        return isEscaped ? table.child(of: parent, key: unescaped(key).span) : table.child(of: parent, key: key)
    }

    /// The path of the last leaf: names joined by dots, array elements as `[0]`. It is built at each call, because
    /// nobody asks for the path of a number that has a field.
    var path: [UInt8] {
        var path: [UInt8] = []
        for frame in frames {
            if frame.isObject {
                if !path.isEmpty { path.append(UInt8(ascii: ".")) }
                path.append(contentsOf: Self.unescaped(bytes.span.extracting(frame.key)))
            } else {
                path.append(contentsOf: "[\(frame.elementCount)]".utf8)
            }
        }
        return path
    }

    private static func unescaped(_ key: Span<UInt8>) -> [UInt8] {
        var text = JSONTextBuffer()
        text.begin(limit: key.count)
        var escape = JSONEscape()
        for index in 0..<key.count {
            if escape.isOpen {
                if case .unit(let unit) = escape.take(key[index]) { text.append(unit: unit) }
            } else if key[index] == UInt8(ascii: "\\") {
                escape.begin()
            } else {
                text.append(byte: key[index])
            }
        }
        text.finish()
        return text.bytes
    }

    /// The bytes of the string that begins here.
    private mutating func string() -> Range<Int> {
        let start = index &+ 1
        var end = start
        while true {
            end = ByteSearch.quoteOrBackslash(in: bytes.span, from: min(end, bytes.count))
            if end >= bytes.count || bytes[end] == UInt8(ascii: "\"") { break }
            end &+= 2
        }
        end = min(end, bytes.count)
        index = min(end &+ 1, bytes.count)
        return start..<end
    }

    private mutating func word() -> Leaf? {
        let start = index
        while index < bytes.count, bytes[index].isJSONWord { index &+= 1 }
        guard bytes[start].isJSONNumberStart else { return nil }
        guard let number = JSONNumber(bytes.span.extracting(start..<index)) else { return nil }
        return leaf(number: number)
    }

    private mutating func leaf(number: JSONNumber? = nil, text: Range<Int> = 0..<0) -> Leaf {
        enterElement()
        return Leaf(position: position, number: number, text: text, object: frames.last?.object ?? 0)
    }

    private var position: UInt8? {
        guard let table, node != JSONPathTable.none else { return nil }
        let entry = table.nodes[Int(node)]
        return entry.role.contains(.scalar) ? entry.position : nil
    }
}
