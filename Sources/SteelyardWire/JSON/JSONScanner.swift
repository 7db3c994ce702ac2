/// Finds the wanted values of a JSON text that arrives in pieces split anywhere, with constant memory.
///
/// The caller takes tokens from a piece until there are none, then passes the next piece. Everything that no path names
/// is skipped without a copy: strings up to their closing quote, containers by counting brackets. So a base64 image of
/// 64 MiB costs a search but no memory.
///
/// This is a reader, not a validator. It stops where it can no longer tell where values start and end (a wrong bracket,
/// a missing colon), but accepts `nul`, `NaN` or a control character inside a string: the gateway forwards such bytes
/// anyway, so a meter should not stop at them.
struct JSONScanner: Sendable {
    /// The length of the longest scalar that is passed on; a longer one is skipped.
    static let scalarLimit = 256
    /// The length of the longest verbatim object that is passed on; a longer one is skipped.
    static let verbatimLimit = 16 * 1024
    /// How many containers may be open at once.
    static let depthLimit = 1024
    /// The kinds (object or array) of this many open containers are known. Deeper ones are skipped by counting brackets
    /// alone. An answer repeats the tools of its request a level or two deeper than they came.
    private static let kindLimit = 128
    /// No path of any table is longer; deeper containers are skipped.
    private static let pathLimit = 16

    /// The position in the text, with the states that can follow; `failed` can follow each.
    private enum State: UInt8 {
        /// A value must come next; before the root also a byte order mark. Next: `firstElement`, `firstKey`, `passing`
        /// or one of the `inside…` states.
        case value
        /// The first element of an array (as `value`), or its end (`afterValue`, `finished`).
        case firstElement
        /// The first key of an object (`insideKey`), or its end (`afterValue`, `finished`).
        case firstKey
        /// A key must come next: `insideKey`.
        case key
        /// Inside a key: `colon`.
        case insideKey
        /// The colon after a key: `value`.
        case colon
        /// After a value in a container: a comma (`key`, `value`) or the end (`afterValue`, `finished`).
        case afterValue
        /// Inside a skipped string: `afterValue`, `finished`, or back to `passing`.
        case insidePassedString
        /// Inside a string whose bytes are counted: `afterValue`, `finished`.
        case insideMeasured
        /// Inside a string that is passed on: `afterValue`, `finished`.
        case insideText
        /// Inside a number or literal: `afterValue`, `finished`.
        case insideWord
        /// Inside a skipped container, outside its strings: `insidePassedString`, `afterValue`, `finished`.
        case passing
        /// After the root: only `reset()`, or `failed` if anything except white space follows.
        case finished
        /// Broken: only `reset()`.
        case failed
    }

    private let table: JSONPathTable
    private var state = State.value
    private var depth = 0
    /// The kinds of the open containers, the innermost in the lowest bit; 1 means an object.
    private var kinds: UInt128 = 0
    private var nodes = InlineArray<16, UInt16>(repeating: JSONPathTable.none)
    /// The node of the current or next value.
    private var node = JSONPathTable.root
    private var role: JSONPathTable.Role = .announced
    /// The depth at which the skipped container was opened; −1 if there is none.
    private var passedDepth = -1
    private var text = JSONTextReader()
    private var takesVerbatim = false
    private var verbatimStart = 0

    /// Whether the whole root was read, whatever came after it. `isComplete` becomes false at the next byte that is not
    /// white space.
    private(set) var rootHasEnded = false
    /// Why the scanner stopped; `nil` while it continues.
    private(set) var failure: JSONFailure?
    /// The last object that was kept verbatim. Whoever takes it may put another array in its place.
    var verbatim: [UInt8] = []
    /// Whether an object exceeded `verbatimLimit` and was not passed on.
    private(set) var hasOutgrownVerbatim = false

    /// Makes a scanner for the positions of `table`.
    init(table: JSONPathTable) { self.table = table }

    /// Where the last scalar is in the piece; `nil` if it is in `scalarBytes`.
    var scalarRange: Range<Int>? { text.range }

    /// The last scalar, if it is not in the piece.
    var scalarBytes: [UInt8] { text.bytes }

    /// Whether a whole JSON text has been read.
    var isComplete: Bool { state == .finished }

    /// Whether anything except white space was read since the start or the last `reset()`.
    var hasBegun: Bool { state != .value || depth > 0 }

    /// Prepares for another text.
    mutating func reset() {
        state = .value
        depth = 0
        node = JSONPathTable.root
        role = .announced
        passedDepth = -1
        takesVerbatim = false
        rootHasEnded = false
        failure = nil
    }

    /// The next token in `piece` at or after `index`; `nil` if the piece is used up, with `index` at its end.
    ///
    /// After `nil`, do not pass the piece again: a verbatim object continues with the next piece.
    mutating func next(in piece: Span<UInt8>, at index: inout Int) -> JSONToken? {
        while index < piece.count {
            skipToKey(piece, &index)
            // The key may have been the last of the piece.
            guard index < piece.count else { break }
            if let token = step(piece, &index) { return token }
        }
        keepVerbatim(piece, upTo: piece.count)
        return nil
    }

    private mutating func step(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        switch state {
        case .insideKey: readKey(piece, &index)
        case .insidePassedString: passString(piece, &index)
        case .passing: return pass(piece, &index)
        case .insideMeasured: return measure(piece, &index)
        case .insideText: return readText(piece, &index)
        case .insideWord: return readWord(piece, &index)
        case .failed: index = piece.count
        default: return readStructure(piece, &index)
        }
        return nil
    }

    /// Takes `,"` between two members at once. Nearly all JSON is compact, so this and the same shortcut in `readKey`
    /// save two steps of the state machine per member (callgrind, chat chunks: a tenth of all instructions).
    private mutating func skipToKey(_ piece: Span<UInt8>, _ index: inout Int) {
        guard state == .afterValue, isInObject, index &+ 2 < piece.count else { return }
        guard piece[index] == UInt8(ascii: ","), piece[index &+ 1] == UInt8(ascii: "\"") else { return }
        index &+= 2
        if !readWholeKey(piece, &index) { beginKey(UInt8(ascii: "\"")) }
    }

    private mutating func fail(_ reason: JSONFailure) {
        state = .failed
        failure = reason
        takesVerbatim = false
    }
}

// MARK: - Structure

extension JSONScanner {
    private var isInObject: Bool { kinds & 1 == 1 }

    private mutating func readStructure(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let byte = piece[index]
        index &+= 1
        if byte <= 0x20 {
            if !byte.isJSONWhiteSpace { fail(.invalid) }
            return nil
        }
        switch state {
        case .value: return beginValue(byte, &index)
        case .firstElement: return byte == UInt8(ascii: "]") ? close(byte) : beginValue(byte, &index)
        case .firstKey where byte == UInt8(ascii: "}"): return close(byte)
        case .firstKey, .key: beginKey(byte)
        case .colon where byte == UInt8(ascii: ":"): state = .value
        case .afterValue: return endValue(byte)
        default: fail(.invalid)
        }
        return nil
    }

    private mutating func endValue(_ byte: UInt8) -> JSONToken? {
        guard byte == UInt8(ascii: ",") else { return close(byte) }
        if isInObject {
            state = .key
        } else {
            enterElement()
            state = .value
        }
        return nil
    }

    private mutating func beginValue(_ byte: UInt8, _ index: inout Int) -> JSONToken? {
        switch byte {
        case UInt8(ascii: "\""): beginString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): return open(byte, at: index &- 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            state = .insideWord
            text.begin()
            // The word is read from its first byte.
            index &-= 1
        // A byte order mark before the root is ignored (RFC 8259 §8.1 allows this).
        case 0xEF where depth == 0, 0xBB where depth == 0, 0xBF where depth == 0: break
        default: fail(.invalid)
        }
        return nil
    }

    private mutating func open(_ byte: UInt8, at index: Int) -> JSONToken? {
        let isObject = byte == UInt8(ascii: "{")
        push(byte)
        guard state != .failed else { return nil }
        guard isWanted(object: isObject) else {
            beginPassing(verbatim: isObject && role.contains(.verbatim), at: index)
            return nil
        }
        nodes[depth &- 1] = node
        return isObject ? openObject() : openArray()
    }

    private func isWanted(object: Bool) -> Bool {
        guard node != JSONPathTable.none, depth <= Self.pathLimit, !role.contains(.verbatim) else { return false }
        let entry = table.nodes[Int(node)]
        return object ? entry.hasMembers : entry.element != JSONPathTable.none
    }

    private mutating func openObject() -> JSONToken? {
        state = .firstKey
        return role.contains(.announced) ? .began(table.nodes[Int(node)].position) : nil
    }

    private mutating func openArray() -> JSONToken? {
        enterElement()
        state = .firstElement
        return nil
    }

    private mutating func enterElement() {
        enter(table.nodes[Int(nodes[depth &- 1])].element)
    }

    private mutating func enter(_ next: UInt16) {
        node = next
        role = next == JSONPathTable.none ? [] : table.nodes[Int(next)].role
    }

    private mutating func close(_ byte: UInt8) -> JSONToken? {
        let wasInObject = isInObject
        pop(byte)
        guard state != .failed else { return nil }
        finishValue()
        let closed = table.nodes[Int(nodes[depth])]
        return wasInObject && closed.role.contains(.announced) ? .ended(closed.position) : nil
    }

    private mutating func push(_ bracket: UInt8) {
        guard depth < Self.depthLimit else { return fail(.tooDeep) }
        if depth < Self.kindLimit { kinds = kinds &<< 1 | (bracket == UInt8(ascii: "{") ? 1 : 0) }
        depth &+= 1
    }

    private mutating func pop(_ bracket: UInt8) {
        if depth <= Self.kindLimit {
            guard depth > 0, bracket == UInt8(ascii: isInObject ? "}" : "]") else { return fail(.invalid) }
            kinds = kinds &>> 1
        }
        depth &-= 1
    }

    private mutating func finishValue() {
        state = depth == 0 ? .finished : .afterValue
        if depth == 0 { rootHasEnded = true }
    }
}

// MARK: - Keys and scalars

extension JSONScanner {
    private mutating func beginKey(_ byte: UInt8) {
        guard byte == UInt8(ascii: "\"") else { return fail(.invalid) }
        state = .insideKey
        text.begin()
    }

    /// Reads a key that is whole in the piece and has no escapes, from its first byte; nearly every key is like this.
    /// Returns false, and takes nothing, if `readKey` must read the key.
    private mutating func readWholeKey(_ piece: Span<UInt8>, _ index: inout Int) -> Bool {
        let end = ByteSearch.quoteOrBackslash(in: piece, from: index)
        guard end < piece.count, piece[end] == UInt8(ascii: "\"") else { return false }
        enter(table.child(of: nodes[depth &- 1], key: piece.extracting(index..<end)))
        index = end &+ 1
        endKey(piece, &index)
        return true
    }

    private mutating func readKey(_ piece: Span<UInt8>, _ index: inout Int) {
        guard hasEnded(text.read(piece, &index, limit: table.longestName)) else { return }
        let parent = nodes[depth &- 1]
        if let range = text.range {
            enter(table.child(of: parent, key: piece.extracting(range)))
        } else {
            enter(text.isTooLong ? JSONPathTable.none : table.child(of: parent, key: text.bytes.span))
        }
        endKey(piece, &index)
    }

    private mutating func endKey(_ piece: Span<UInt8>, _ index: inout Int) {
        state = .colon
        // The same shortcut as `skipToKey`.
        if index &+ 1 < piece.count, piece[index] == UInt8(ascii: ":"), piece[index &+ 1] == UInt8(ascii: "\"") {
            index &+= 2
            beginString()
        }
    }

    private mutating func beginString() {
        text.begin()
        if role.contains(.measured) {
            state = .insideMeasured
        } else {
            state = role.contains(.scalar) ? .insideText : .insidePassedString
        }
    }

    private mutating func readText(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        guard hasEnded(text.read(piece, &index, limit: Self.scalarLimit)) else { return nil }
        finishValue()
        return text.isTooLong ? nil : .scalar(table.nodes[Int(node)].position)
    }

    /// Reads a number or literal; only a number is passed on.
    private mutating func readWord(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let isWanted = role.contains(.scalar)
        guard hasEnded(text.readWord(piece, &index, limit: isWanted ? Self.scalarLimit : 0)) else { return nil }
        finishValue()
        guard isWanted, !text.isTooLong, text.first(in: piece)?.isJSONNumberStart == true else { return nil }
        return .scalar(table.nodes[Int(node)].position)
    }

    private mutating func measure(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        var count = 0
        if hasEnded(text.measure(piece, &index, count: &count)) { finishValue() }
        return count == 0 ? nil : .measured(table.nodes[Int(node)].position, byteCount: count)
    }

    private mutating func passString(_ piece: Span<UInt8>, _ index: inout Int) {
        guard hasEnded(text.pass(piece, &index)) else { return }
        if passedDepth < 0 { finishValue() } else { state = .passing }
    }

    private mutating func hasEnded(_ progress: JSONTextReader.Progress) -> Bool {
        if progress == .invalid { fail(.invalid) }
        return progress == .ended
    }
}

// MARK: - Skipped values

extension JSONScanner {
    private mutating func beginPassing(verbatim isVerbatim: Bool, at index: Int) {
        state = .passing
        passedDepth = depth &- 1
        guard isVerbatim else { return }
        takesVerbatim = true
        verbatimStart = index
        verbatim.removeAll(keepingCapacity: true)
    }

    private mutating func pass(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        while index < piece.count {
            index = ByteSearch.quoteOrBracket(in: piece, from: index)
            guard index < piece.count else { break }
            let byte = piece[index]
            index &+= 1
            switch byte {
            case UInt8(ascii: "\""):
                state = .insidePassedString
                text.begin()
                passString(piece, &index)
            case UInt8(ascii: "{"), UInt8(ascii: "["): push(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                pop(byte)
                if depth == passedDepth, state == .passing { return endPassing(piece, index) }
            default: break
            }
            if state != .passing { return nil }
        }
        return nil
    }

    private mutating func endPassing(_ piece: Span<UInt8>, _ index: Int) -> JSONToken? {
        passedDepth = -1
        finishValue()
        guard takesVerbatim else { return nil }
        keepVerbatim(piece, upTo: index)
        guard takesVerbatim else { return nil }
        takesVerbatim = false
        return .verbatim(table.nodes[Int(node)].position)
    }

    /// Keeps the part of this piece that belongs to the verbatim object. In the next piece, the object continues at the
    /// first byte.
    private mutating func keepVerbatim(_ piece: Span<UInt8>, upTo end: Int) {
        guard takesVerbatim else { return }
        let part = piece.extracting(verbatimStart..<end)
        verbatimStart = 0
        guard verbatim.count &+ part.count <= Self.verbatimLimit else {
            takesVerbatim = false
            hasOutgrownVerbatim = true
            return
        }
        part.withUnsafeBufferPointer { verbatim.append(contentsOf: $0) }
    }
}
