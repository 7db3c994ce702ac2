/// Finds the wanted values of a JSON text that arrives in pieces split anywhere, with constant memory.
///
/// The caller takes tokens from a piece until there are none, then passes the next piece. Everything that no path names
/// is skipped without a copy: strings up to their closing quote, containers by counting brackets. So a base64 image of
/// 64 MiB costs a search but no memory.
///
/// This is a reader, not a validator. It stops where it can no longer tell where values start and end (a wrong bracket,
/// a missing colon), but accepts `nul`, `NaN` or a control character inside a string: the gateway forwards such bytes
/// anyway, so a meter should not stop at them.
///
/// Where members are watched for an edit, the scanner checks more and goes on all the same: `soundEnd` says up to where
/// the text is JSON, except that numbers and escapes may be misspelt. Containers that no path names are then read like
/// any other.
struct JSONScanner: Sendable {
    /// The deepest nesting in which members are watched.
    static let watchedDepth = 64
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
        /// Inside a key of a skipped container, where members are watched: `colon`, `passing`.
        case insidePassedKey
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
    /// What the table says about that node.
    private var entry: JSONPathTable.Node
    /// The depth at which the skipped container was opened; −1 if there is none.
    private var passedDepth = -1
    /// The node of the skipped container.
    private var passedNode = JSONPathTable.none
    private var text = JSONTextReader()
    private var takesVerbatim = false
    private var verbatimStart = 0
    private var openKeyStart = 0

    /// Whether the whole root was read, whatever came after it. `isComplete` becomes false at the next byte that is not
    /// white space.
    private(set) var rootHasEnded = false
    /// Why the scanner stopped; `nil` while it continues.
    private(set) var failure: JSONFailure?
    /// The last object that was kept verbatim. Whoever takes it may put another array in its place.
    var verbatim: [UInt8] = []
    /// Whether an object exceeded `verbatimLimit` and was not passed on.
    private(set) var hasOutgrownVerbatim = false

    /// Whether members are watched; the owner may stop that before the first byte.
    var watchesMembers: Bool
    /// Where in the stream the next piece begins.
    var base = 0
    /// The member at the first level that was read last, and the one before it. Only where members are watched.
    private(set) var member = JSONMember()
    private(set) var previousMember = JSONMember()
    /// The end of what is surely JSON, as an offset in the stream. Only where members are watched.
    private(set) var soundEnd = Int.max

    /// Makes a scanner for the positions of `table`. It watches the members at the first level if an edit asks for them.
    init(table: JSONPathTable, watchesMembers: Bool = false) {
        self.table = table
        self.watchesMembers = watchesMembers
        entry = table.nodes[Int(JSONPathTable.root)]
    }

    /// Whether to announce the text's first measured string where it begins.
    var announcesOpening = false

    /// Where the last scalar is in the piece; `nil` if it is in `scalarBytes`.
    var scalarRange: Range<Int>? { text.range }

    /// The last scalar, if it is not in the piece.
    var scalarBytes: [UInt8] { text.bytes }

    /// Whether a whole JSON text has been read.
    var isComplete: Bool { state == .finished }

    /// Whether anything except white space was read since the start or the last `reset()`.
    var hasBegun: Bool { state != .value || depth > 0 }

    /// Whether the root is a container that has begun and not ended.
    var isWithinRoot: Bool { depth > 0 }

    /// Whether a string or key has begun and not ended. No line end can be here (RFC 8259 §7).
    var isWithinText: Bool {
        switch state {
        case .insideKey, .insidePassedKey, .insidePassedString, .insideMeasured, .insideText: true
        default: false
        }
    }

    /// Whether a number or literal has begun that only another byte can end.
    var isWithinWord: Bool { state == .insideWord && depth > 0 }

    /// Whether a key at the first level is being read; its beginning is in `openKey`.
    var isWithinMemberKey: Bool { state == .insideKey && depth == 1 }

    /// The beginning of the key at the first level that is being read.
    private(set) var openKey = JSONKeyHead()

    /// Whether everything so far is JSON and is checked to be.
    private var isSound: Bool { watchesMembers && soundEnd == .max }

    /// Notes that the byte before `index` of this piece is not sound.
    private mutating func noteUnsound(before index: Int) { soundEnd = min(soundEnd, base &+ index &- 1) }

    /// Prepares for another text.
    mutating func reset() {
        state = .value
        depth = 0
        enter(JSONPathTable.root)
        passedDepth = -1
        takesVerbatim = false
        rootHasEnded = false
        failure = nil
        soundEnd = .max
        announcesOpening = false
        member = JSONMember()
        openKeyStart = 0
    }

    /// The next token in `piece` at or after `index`; `nil` if the piece is used up, with `index` at its end.
    ///
    /// After `nil`, do not pass the piece again: a verbatim object continues with the next piece.
    mutating func next(in piece: Span<UInt8>, at index: inout Int) -> JSONToken? {
        while index < piece.count {
            if let token = step(piece, &index) { return token }
        }
        keepVerbatim(piece, upTo: piece.count)
        return nil
    }

    private mutating func step(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        switch state {
        case .insideKey: return readKey(piece, &index)
        case .insidePassedKey, .insidePassedString: passString(piece, &index)
        case .passing: return pass(piece, &index)
        case .insideMeasured: return measure(piece, &index)
        case .insideText: return readText(piece, &index)
        case .insideWord: return readWord(piece, &index)
        case .failed: index = piece.count
        case .afterValue where isAtKey(piece, index):
            index &+= 2
            return readWholeKey(piece, &index)
        default: return readStructure(piece, &index)
        }
        return nil
    }

    /// Whether `,"` is next between two members. Nearly all JSON is compact, so this and the same shortcut in `endKey`
    /// save two steps of the state machine per member (callgrind, chat chunks: a tenth of all instructions).
    private func isAtKey(_ piece: Span<UInt8>, _ index: Int) -> Bool {
        isInObject && index &+ 2 < piece.count && piece[index] == UInt8(ascii: ",")
            && piece[index &+ 1] == UInt8(ascii: "\"")
    }

    private mutating func fail(_ reason: JSONFailure, before index: Int) {
        noteUnsound(before: index)
        state = .failed
        failure = reason
        takesVerbatim = false
    }

    /// Something at the byte before `index` is not JSON. In a skipped container, only brackets and strings matter.
    private mutating func stray(_ index: inout Int) {
        guard passedDepth >= 0 else { return fail(.invalid, before: index) }
        noteUnsound(before: index)
        state = .passing
        index &-= 1
    }
}

// MARK: - Openings

extension JSONScanner {
    /// Where the scanner is at the beginning of a measured string that is in no skipped container.
    struct Opening: Sendable {
        fileprivate var depth: Int
        fileprivate var kinds: UInt128
        fileprivate var nodes: InlineArray<16, UInt16>
        fileprivate var node: UInt16
        fileprivate var members: (last: JSONMember, previous: JSONMember)
        fileprivate var base: Int
    }

    /// The place after `.opening`; nil if it cannot be returned to.
    var opening: Opening? {
        guard soundEnd == .max, passedDepth < 0 else { return nil }
        return Opening(
            depth: depth,
            kinds: kinds,
            nodes: nodes,
            node: node,
            members: (member, previousMember),
            base: base
        )
    }

    /// Goes to a place that was reached before, by the same bytes from the same `base` on.
    mutating func skip(to opening: Opening) {
        depth = opening.depth
        kinds = opening.kinds
        nodes = opening.nodes
        enter(opening.node)
        beginString()
        guard watchesMembers else { return }
        member = opening.members.last.moved(by: base &- opening.base)
        previousMember = opening.members.previous.moved(by: base &- opening.base)
    }
}

// MARK: - Structure

extension JSONScanner {
    private var isInObject: Bool { kinds & 1 == 1 }

    private mutating func readStructure(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let byte = piece[index]
        index &+= 1
        if byte <= 0x20 {
            if !byte.isJSONWhiteSpace { stray(&index) }
            return nil
        }
        switch state {
        case .value: return beginValue(byte, piece, &index)
        case .firstElement:
            return byte == UInt8(ascii: "]") ? close(byte, piece, &index) : beginElement(byte, piece, &index)
        case .firstKey where byte == UInt8(ascii: "}"): return close(byte, piece, &index)
        case .firstKey, .key: beginKey(byte, &index)
        case .colon where byte == UInt8(ascii: ":"): return readColon(piece, &index)
        case .afterValue: return endValue(byte, piece, &index)
        default: stray(&index)
        }
        return nil
    }

    private mutating func readColon(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        state = .value
        guard index < piece.count, piece[index] > 0x20 else { return nil }
        index &+= 1
        return beginValue(piece[index &- 1], piece, &index)
    }

    private mutating func endValue(_ byte: UInt8, _ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        guard byte == UInt8(ascii: ",") else { return close(byte, piece, &index) }
        if isInObject {
            state = .key
        } else {
            enterElement()
            state = .value
        }
        return nil
    }

    private mutating func beginElement(_ byte: UInt8, _ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        if depth == 2 { member.elementStart = base &+ index }
        return beginValue(byte, piece, &index)
    }

    private mutating func beginValue(_ byte: UInt8, _ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        if watchesMembers { noteBegin(byte, before: index) }
        switch byte {
        case UInt8(ascii: "\""): return readWholeString(piece, &index)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return open(byte, before: index)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            return readWholeWord(piece, &index)
        // A byte order mark before the root is ignored (RFC 8259 §8.1 allows this).
        case 0xEF where depth == 0, 0xBB where depth == 0, 0xBF where depth == 0: break
        default: stray(&index)
        }
        return nil
    }

    /// Notes the first byte of a member's value. A root that is no object has no members.
    private mutating func noteBegin(_ byte: UInt8, before index: Int) {
        if depth == 1 { member.first = byte }
        if !byte.beginsJSONValue || depth == 0 && byte != UInt8(ascii: "{") { noteUnsound(before: index) }
    }

    private mutating func open(_ byte: UInt8, before index: Int) -> JSONToken? {
        let isObject = byte == UInt8(ascii: "{")
        push(byte, before: index)
        guard state != .failed else { return nil }
        guard isWanted(object: isObject) else {
            beginPassing(isObject, before: index)
            return nil
        }
        nodes[depth &- 1] = node
        return isObject ? openObject() : openArray()
    }

    private func isWanted(object: Bool) -> Bool {
        guard node != JSONPathTable.none, depth <= Self.pathLimit, !entry.role.contains(.verbatim) else { return false }
        return object ? entry.hasMembers : entry.element != JSONPathTable.none
    }

    private mutating func openObject() -> JSONToken? {
        state = .firstKey
        return entry.role.contains(.announced) ? .began(entry.position) : nil
    }

    private mutating func openArray() -> JSONToken? {
        enterElement()
        state = .firstElement
        return nil
    }

    private mutating func enterElement() {
        if passedDepth < 0 { enter(table.nodes[Int(nodes[depth &- 1])].element) }
    }

    private mutating func enter(_ next: UInt16) {
        node = next
        entry = next == JSONPathTable.none ? JSONPathTable.Node() : table.nodes[Int(next)]
    }

    private mutating func close(_ byte: UInt8, _ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let wasInObject = isInObject
        guard pop(byte, &index) else { return nil }
        if passedDepth >= 0 {
            if depth == passedDepth { return endPassing(piece, index) }
            endInnerValue()
            return nil
        }
        finishValue(before: index)
        let closed = table.nodes[Int(nodes[depth])]
        return wasInObject && closed.role.contains(.announced) ? .ended(closed.position) : nil
    }

    private mutating func push(_ bracket: UInt8, before index: Int) {
        guard depth < Self.depthLimit else { return fail(.tooDeep, before: index) }
        if depth < Self.kindLimit { kinds = kinds &<< 1 | (bracket == UInt8(ascii: "{") ? 1 : 0) }
        depth &+= 1
        if depth > Self.watchedDepth { noteUnsound(before: index) }
    }

    /// Takes a closing bracket; returns false if the byte is none, or not the right one.
    private mutating func pop(_ bracket: UInt8, _ index: inout Int) -> Bool {
        let isBracket = bracket == UInt8(ascii: "}") || bracket == UInt8(ascii: "]")
        if passedDepth >= 0, !isBracket {
            stray(&index)
            return false
        }
        if depth <= Self.kindLimit {
            guard depth > 0, bracket == UInt8(ascii: isInObject ? "}" : "]") else {
                fail(.invalid, before: index)
                return false
            }
            kinds = kinds &>> 1
        }
        depth &-= 1
        return true
    }

    /// Ends a value that is not within a skipped container.
    private mutating func finishValue(before index: Int) {
        state = depth == 0 ? .finished : .afterValue
        if depth == 0 { rootHasEnded = true }
        if depth == 1 { member.end = base &+ index }
    }
}

// MARK: - Keys and scalars

extension JSONScanner {
    private mutating func beginKey(_ byte: UInt8, _ index: inout Int) {
        guard byte == UInt8(ascii: "\"") else { return stray(&index) }
        text.begin()
        state = passedDepth < 0 ? .insideKey : .insidePassedKey
        openKey = JSONKeyHead()
        openKeyStart = base &+ index &- 1
    }

    /// Reads a key that is whole in the piece and has no escapes, from its first byte; nearly every key is like this.
    /// Any other key is only begun.
    private mutating func readWholeKey(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let start = index
        let end = ByteSearch.endOfPlainText(in: piece, from: start)
        guard passedDepth < 0, end < piece.count, piece[end] == UInt8(ascii: "\"") else {
            beginKey(UInt8(ascii: "\""), &index)
            return nil
        }
        let key = piece.extracting(start..<end)
        let head = JSONPathTable.head(of: key)
        enter(table.child(of: nodes[depth &- 1], key: key, head: head))
        index = end &+ 1
        guard watchesMembers, depth == 1 else { return endKey(piece, &index) }
        (openKey, openKeyStart) = (JSONKeyHead(word: head, count: key.count), base &+ start &- 1)
        return endMemberKey(before: index)
    }

    private mutating func readKey(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let start = index
        let progress = text.read(piece, &index, limit: table.longestName)
        if watchesMembers, depth == 1 { openKey.take(piece.extracting(start..<min(index, piece.count))) }
        guard hasEnded(progress, before: index) else { return nil }
        let parent = nodes[depth &- 1]
        if let range = text.range {
            enter(table.child(of: parent, key: piece.extracting(range)))
        } else {
            enter(text.isTooLong ? JSONPathTable.none : table.child(of: parent, key: text.bytes.span))
        }
        return watchesMembers && depth == 1 ? endMemberKey(before: index) : endKey(piece, &index)
    }

    private mutating func endMemberKey(before index: Int) -> JSONToken {
        state = .colon
        previousMember = member
        member = JSONMember(
            position: entry.position,
            role: entry.role,
            head: openKey,
            key: openKeyStart..<(base &+ index)
        )
        return .member
    }

    private mutating func endKey(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        state = .colon
        // The same shortcut as `isAtKey`.
        guard index &+ 1 < piece.count, piece[index] == UInt8(ascii: ":") else { return nil }
        index &+= 1
        return readColon(piece, &index)
    }

    /// Reads a string that is whole in the piece and has no escapes, from its first byte; nearly every short string is
    /// like this. Any other string is only begun.
    private mutating func readWholeString(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        if announcesOpening, entry.role.contains(.measured) {
            announcesOpening = false
            beginString()
            return .opening
        }
        let start = index
        let end = ByteSearch.endOfPlainText(in: piece, from: start)
        guard end < piece.count, piece[end] == UInt8(ascii: "\"") else {
            beginString()
            return nil
        }
        index = end &+ 1
        if passedDepth >= 0 {
            endInnerValue()
            return nil
        }
        finishValue(before: index)
        return whole(start..<end)
    }

    /// What a whole string means.
    private mutating func whole(_ string: Range<Int>) -> JSONToken? {
        if entry.role.contains(.measured) {
            return string.isEmpty ? nil : .measured(entry.position, byteCount: string.count)
        }
        guard entry.role.contains(.scalar) else { return nil }
        text.take(whole: string, limit: Self.scalarLimit)
        return text.isTooLong ? nil : .scalar(entry.position)
    }

    private mutating func beginString() {
        text.begin()
        if entry.role.contains(.measured) {
            state = .insideMeasured
        } else {
            state = entry.role.contains(.scalar) ? .insideText : .insidePassedString
        }
    }

    private mutating func readText(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        guard hasEnded(text.read(piece, &index, limit: Self.scalarLimit), before: index) else { return nil }
        finishValue(before: index)
        return text.isTooLong ? nil : .scalar(entry.position)
    }

    /// Reads a number or literal from the byte before `index`, if it is whole in the piece. Any other is only begun.
    private mutating func readWholeWord(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let start = index &- 1
        while index < piece.count, piece[index].isJSONWord { index &+= 1 }
        guard index < piece.count else {
            text.begin()
            (state, index) = (.insideWord, start)
            return nil
        }
        text.take(whole: start..<index, limit: Self.scalarLimit)
        return endWord(piece, before: index)
    }

    /// Reads a number or literal; only a number is passed on.
    private mutating func readWord(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        let isWanted = entry.role.contains(.scalar)
        let limit = isWanted || isSound ? Self.scalarLimit : 0
        guard hasEnded(text.readWord(piece, &index, limit: limit), before: index) else { return nil }
        return endWord(piece, before: index)
    }

    /// Ends the number or literal that ends with its line; no byte of the text shows it. `base` is the line's end.
    mutating func endWord() -> JSONToken? {
        let none: [UInt8] = []
        text.endWord()
        return endWord(none.span, before: 0)
    }

    private mutating func endWord(_ piece: Span<UInt8>, before index: Int) -> JSONToken? {
        let isWanted = entry.role.contains(.scalar)
        if isSound, text.isTooLong || !isWord(piece) { noteUnsound(before: index) }
        if passedDepth >= 0 {
            endInnerValue()
            return nil
        }
        finishValue(before: index)
        guard isWanted, !text.isTooLong, text.first(in: piece)?.isJSONNumberStart == true else { return nil }
        return .scalar(entry.position)
    }

    /// Whether the word just read is a literal, or may be a number.
    private func isWord(_ piece: Span<UInt8>) -> Bool {
        if let range = text.range { return piece.extracting(range).isLiteralOrNumber }
        return text.bytes.span.isLiteralOrNumber
    }

    private mutating func measure(_ piece: Span<UInt8>, _ index: inout Int) -> JSONToken? {
        var count = 0
        if hasEnded(text.measure(piece, &index, count: &count), before: index) { finishValue(before: index) }
        return count == 0 ? nil : .measured(entry.position, byteCount: count)
    }

    private mutating func passString(_ piece: Span<UInt8>, _ index: inout Int) {
        guard hasEnded(text.pass(piece, &index), before: index) else { return }
        if passedDepth < 0 {
            finishValue(before: index)
        } else if state == .insidePassedKey, isSound {
            state = .colon
        } else {
            endInnerValue()
        }
    }

    private mutating func hasEnded(_ progress: JSONTextReader.Progress, before index: Int) -> Bool {
        if text.hasControl { noteUnsound(before: index) }
        if progress == .invalid { fail(.invalid, before: index) }
        return progress == .ended
    }
}

// MARK: - Skipped values

extension JSONScanner {
    private mutating func beginPassing(_ isObject: Bool, before index: Int) {
        state = !isSound ? .passing : isObject ? .firstKey : .firstElement
        guard passedDepth < 0 else { return }
        passedDepth = depth &- 1
        passedNode = node
        takesVerbatim = isObject && entry.role.contains(.verbatim)
        verbatimStart = index &- 1
        if takesVerbatim { verbatim.removeAll(keepingCapacity: true) }
        enter(JSONPathTable.none)
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
            case UInt8(ascii: "{"), UInt8(ascii: "["): push(byte, before: index)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if pop(byte, &index), depth == passedDepth { return endPassing(piece, index) }
            default: break
            }
            if state != .passing { return nil }
        }
        return nil
    }

    /// A value within the skipped container ended.
    private mutating func endInnerValue() { state = isSound ? .afterValue : .passing }

    private mutating func endPassing(_ piece: Span<UInt8>, _ index: Int) -> JSONToken? {
        passedDepth = -1
        finishValue(before: index)
        guard takesVerbatim else { return nil }
        keepVerbatim(piece, upTo: index)
        guard takesVerbatim else { return nil }
        takesVerbatim = false
        return .verbatim(table.nodes[Int(passedNode)].position)
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

extension Span<UInt8> {
    /// Whether this run of word characters is a JSON literal, or begins as a number does and has only a number's bytes.
    fileprivate var isLiteralOrNumber: Bool {
        guard !isEmpty, !self[0].isJSONNumberStart else { return extracting(isEmpty ? 0... : 1...).hasNumberBytes }
        return isExactly("null") || isExactly("true") || isExactly("false")
    }

    private var hasNumberBytes: Bool {
        for index in indices where !self[index].isNumberByte { return false }
        return true
    }
}
