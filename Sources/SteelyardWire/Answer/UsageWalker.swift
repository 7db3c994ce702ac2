/// Walks over a whole JSON object and returns every number and string with its place.
///
/// The object has been read once already, so its brackets match. Where it is no JSON all the same, the walk ends.
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
        /// The key of the member being read; empty for an array.
        var key = QuotedText(range: 0..<0, isEscaped: false)
        /// The index of the element being read.
        var element = -1
    }

    private let bytes: [UInt8]
    private let table: JSONPathTable?
    private var cursor = JSONCursor()
    private var frames: [Frame] = []
    private var objectCount = 0
    private var node: UInt16

    /// Makes a walker over `bytes`; positions come from `table`, if any.
    init(_ bytes: [UInt8], table: JSONPathTable?) {
        self.bytes = bytes
        self.table = table
        node = table == nil ? JSONPathTable.none : JSONPathTable.root
    }

    /// The next number or string; `nil` at the end, or where the text is not JSON.
    mutating func next() -> Leaf? {
        // A span of a member would keep the cursor from moving.
        let bytes = bytes
        while let event = try? cursor.next(bytes.span) {
            switch event {
            case .key(let key): enter(key)
            case .opened(_, let isObject): open(isObject: isObject)
            case .closed: _ = frames.popLast()
            case .string(let text): return leaf(text: text.range)
            case .word(let range): if let leaf = leaf(word: range) { return leaf }
            }
        }
        return nil
    }

    private mutating func open(isObject: Bool) {
        enterElement()
        objectCount &+= isObject ? 1 : 0
        frames.append(Frame(isObject: isObject, node: node, object: objectCount))
    }

    /// Moves to the element that begins, if it is an element of an array.
    private mutating func enterElement() {
        guard let last = frames.indices.last, !frames[last].isObject else { return }
        frames[last].element &+= 1
        let parent = frames[last].node
        node = parent == JSONPathTable.none ? parent : table?.nodes[Int(parent)].element ?? parent
    }

    private mutating func enter(_ key: QuotedText) {
        guard let last = frames.indices.last else { return }
        frames[last].key = key
        guard let table, frames[last].node != JSONPathTable.none else { return node = JSONPathTable.none }
        node = Self.child(of: frames[last].node, key, bytes.span, in: table)
    }

    /// Static, because calling a method would copy the walker (callgrind: 360 instructions a key).
    private static func child(
        of parent: UInt16,
        _ key: QuotedText,
        _ bytes: Span<UInt8>,
        in table: JSONPathTable
    ) -> UInt16 {
        guard key.isEscaped else { return table.child(of: parent, key: bytes.extracting(key.range)) }
        return table.child(of: parent, key: bytes.unescaped(key.range).span)
    }

    /// The path of the last leaf: names joined by dots, array elements as `[0]`. It is built at each call, because
    /// nobody asks for the path of a number that has a field.
    var path: [UInt8] {
        var path: [UInt8] = []
        for frame in frames {
            if frame.isObject {
                if !path.isEmpty { path.append(UInt8(ascii: ".")) }
                path.append(contentsOf: bytes.span.unescaped(frame.key.range))
            } else {
                path.append(contentsOf: "[\(frame.element)]".utf8)
            }
        }
        return path
    }

    private mutating func leaf(word: Range<Int>) -> Leaf? {
        enterElement()
        guard bytes[word.lowerBound].isJSONNumberStart else { return nil }
        guard let number = JSONNumber(bytes.span.extracting(word)) else { return nil }
        return Leaf(position: position, number: number, text: 0..<0, object: frames.last?.object ?? 0)
    }

    private mutating func leaf(text: Range<Int>) -> Leaf {
        enterElement()
        return Leaf(position: position, number: nil, text: text, object: frames.last?.object ?? 0)
    }

    private var position: UInt8? {
        guard let table, node != JSONPathTable.none else { return nil }
        let entry = table.nodes[Int(node)]
        return entry.role.contains(.scalar) ? entry.position : nil
    }
}
