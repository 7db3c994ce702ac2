/// What the splitter found in a piece of an event stream.
enum EventStreamToken: Equatable {
    /// Bytes of the event's data, in this range of the piece. The line feeds that join several data lines are not among
    /// them: see `.dataLineFeed`.
    case data(Range<Int>)
    /// A line feed between two lines of data.
    case dataLineFeed
    /// A line that is neither blank nor a comment ended; the line end is the byte before the index.
    case lineEnded(EventStreamField)
    /// A part of a comment, with its line end.
    case comment(Range<Int>)
    /// A blank line: the event is complete.
    case dispatched
    /// The line feed before the index is the second half of a line end.
    case lineFeed
}

/// What a line of an event stream says.
enum EventStreamField {
    case data, event, other
}

/// Splits the bytes of `text/event-stream`, which arrive in pieces split anywhere, into the data of events.
///
/// HTML Living Standard §9.2.6: lines end with LF, CRLF or a single CR; a byte order mark at the very start is ignored;
/// a line that starts with a colon is a comment; one space after the colon belongs to the syntax. The meter ignores
/// `id`, `retry` and unknown fields. Data is not copied, so a line of any length needs no memory.
struct EventStreamSplitter: Sendable {
    /// How many bytes of an event's name are kept; no known name is longer.
    static let nameLimit = 64

    private enum State {
        /// In a field name, or at the start of a line: `colon`, or the next line.
        case name
        /// Directly after the colon: `value`.
        case colon
        /// In the value: `lineEnd`.
        case value
        /// At a line's end: `name`.
        case lineEnd
        /// In a comment: `name`, at the line's end.
        case comment
    }

    private var state = State.name
    private var field = EventStreamField.other
    /// The last eight bytes of the field name; the latest is in the lowest bits.
    private var name: UInt64 = 0
    private var nameLength = 0
    private var isFirstLine = true
    /// Whether a line feed that comes next belongs to the carriage return before it.
    private var endsWithCarriageReturn = false
    private var dataLineCount = 0

    /// The name of the current event, from its `event:` line; empty if it has none or it is too long.
    private(set) var eventName: [UInt8] = []
    private var isNameTooLong = false

    /// Makes a splitter for the start of a stream.
    init() {}

    /// Whether the next byte begins a line.
    var isAtLineStart: Bool { state == .name && nameLength == 0 }

    /// Whether the line that has begun is data or a comment, or may become one.
    var mayBeInData: Bool {
        switch state {
        case .name: nameLength <= 4 && name == Self.data &>> UInt64(8 &* (4 &- nameLength))
        case .colon, .value, .lineEnd: field == .data
        case .comment: true
        }
    }

    /// Whether the current event has data.
    var hasData: Bool { dataLineCount > 0 }

    /// The next token in `piece` at or after `index`; `nil` when the piece is used up, with `index` at its end.
    mutating func next(in piece: Span<UInt8>, at index: inout Int) -> EventStreamToken? {
        while index < piece.count {
            if endsWithCarriageReturn {
                endsWithCarriageReturn = false
                if piece[index] == UInt8(ascii: "\n") {
                    index &+= 1
                    return .lineFeed
                }
            }
            if let token = step(piece, &index) { return token }
        }
        return nil
    }

    /// Starts the next event: the caller has handled `.dispatched`.
    mutating func beginEvent() {
        dataLineCount = 0
        eventName.removeAll(keepingCapacity: true)
        isNameTooLong = false
    }

    private mutating func step(_ piece: Span<UInt8>, _ index: inout Int) -> EventStreamToken? {
        switch state {
        case .name: return readName(piece, &index)
        case .colon:
            state = .value
            if piece[index] == UInt8(ascii: " ") { index &+= 1 }
            return nil
        case .value: return readValue(piece, &index)
        case .lineEnd: return endLine(piece, &index)
        case .comment: return readComment(piece, &index)
        }
    }
}

// MARK: - Lines

extension EventStreamSplitter {
    private static let data: UInt64 = 0x6461_7461
    private static let event: UInt64 = 0x65_7665_6E74
    private static let byteOrderMark: UInt64 = 0xEF_BBBF

    private mutating func readName(_ piece: Span<UInt8>, _ index: inout Int) -> EventStreamToken? {
        while index < piece.count {
            let byte = piece[index]
            switch byte {
            case UInt8(ascii: ":"): return endName(before: &index)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return endLineWithoutColon(piece, &index)
            default:
                name = name &<< 8 | UInt64(byte)
                nameLength &+= 1
                index &+= 1
            }
        }
        return nil
    }

    private mutating func endName(before index: inout Int) -> EventStreamToken? {
        dropByteOrderMark()
        index &+= 1
        guard nameLength > 0 else {
            state = .comment
            return .comment(index &- 1..<index)
        }
        state = .colon
        return knowField()
    }

    /// Recognises the field; a second line of data starts with the line feed that joins it to the first.
    private mutating func knowField() -> EventStreamToken? {
        switch (nameLength, name) {
        case (4, Self.data): field = .data
        case (5, Self.event):
            field = .event
            eventName.removeAll(keepingCapacity: true)
            isNameTooLong = false
        default: field = .other
        }
        guard field == .data else { return nil }
        dataLineCount &+= 1
        return dataLineCount > 1 ? .dataLineFeed : nil
    }

    private mutating func endLineWithoutColon(_ piece: Span<UInt8>, _ index: inout Int) -> EventStreamToken? {
        dropByteOrderMark()
        guard nameLength > 0 else {
            takeLineEnd(piece, &index)
            return .dispatched
        }
        state = .lineEnd
        return knowField()
    }

    private mutating func endLine(_ piece: Span<UInt8>, _ index: inout Int) -> EventStreamToken {
        takeLineEnd(piece, &index)
        return .lineEnded(field)
    }

    private mutating func takeLineEnd(_ piece: Span<UInt8>, _ index: inout Int) {
        endsWithCarriageReturn = piece[index] == UInt8(ascii: "\r")
        index &+= 1
        state = .name
        name = 0
        nameLength = 0
    }

    private mutating func readComment(_ piece: Span<UInt8>, _ index: inout Int) -> EventStreamToken {
        let start = index
        index = ByteSearch.lineEnd(in: piece, from: index)
        if index < piece.count { takeLineEnd(piece, &index) }
        return .comment(start..<index)
    }

    /// Removes the byte order mark, which was read as the start of the first line's name; with `event` it fills exactly
    /// eight bytes.
    private mutating func dropByteOrderMark() {
        guard isFirstLine else { return }
        isFirstLine = false
        guard (3...8).contains(nameLength) else { return }
        let restBits = UInt64(nameLength &- 3) &* 8
        guard name &>> restBits == Self.byteOrderMark else { return }
        name &= 1 &<< restBits &- 1
        nameLength &-= 3
    }

    private mutating func readValue(_ piece: Span<UInt8>, _ index: inout Int) -> EventStreamToken? {
        let start = index
        index = ByteSearch.lineEnd(in: piece, from: index)
        if index < piece.count { state = .lineEnd }
        switch field {
        case .data where start < index: return .data(start..<index)
        case .event: keepName(piece.extracting(start..<index))
        case .data, .other: break
        }
        return nil
    }

    private mutating func keepName(_ part: Span<UInt8>) {
        isNameTooLong = isNameTooLong || eventName.count &+ part.count > Self.nameLimit
        guard !isNameTooLong else { return eventName.removeAll(keepingCapacity: true) }
        for index in 0..<part.count { eventName.append(part[index]) }
    }
}
