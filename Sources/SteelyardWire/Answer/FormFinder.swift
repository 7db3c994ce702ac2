/// Finds out how an answer is to be read where its label is missing or may be wrong: by its first bytes.
///
/// What begins with `{` or `[` is JSON, what begins with a colon or the name of a field (`data:`, `event:`, `id:`,
/// `retry:`) is an event stream, and everything else is what its label says. White space and a byte order mark in front
/// are passed over: they are nothing in either form. So at most the five bytes that may become a field's name wait.
struct FormFinder: Sendable {
    private static let fieldNames: [StaticString] = ["data:", "event:", "id:", "retry:"]

    private let label: AnswerForm
    /// How the answer is to be read; nil until that is known.
    private(set) var form: AnswerForm?
    /// The bytes of earlier pieces that have not decided it, and are to be read first when it is.
    private(set) var opening: [UInt8] = []

    /// Makes a finder for an answer with this label.
    init(label: AnswerForm) { self.label = label }

    /// Looks at the next piece. Gives how many bytes at its start are passed over; those behind them are to be read
    /// after the opening, once the form is known.
    mutating func read(_ piece: Span<UInt8>) -> Int {
        var start = 0
        while opening.isEmpty, start < piece.count, piece[start].isPassedOver { start &+= 1 }
        if opening.isEmpty, start < piece.count { form = form(beginningWith: piece[start]) }
        if form == nil { readName(piece, from: start) }
        return start
    }

    /// Whether the answer begins with the name of a field.
    private mutating func readName(_ piece: Span<UInt8>, from start: Int) {
        let earlierCount = opening.count
        for index in start..<piece.count {
            opening.append(piece[index])
            form = formByName
            guard form != nil else { continue }
            opening.removeSubrange(earlierCount...)
            return
        }
    }

    /// No more bytes come: the label is all there is to go by.
    mutating func finish() -> AnswerForm { form ?? label }

    /// What the first byte says by itself; it nearly always does.
    private func form(beginningWith byte: UInt8) -> AnswerForm? {
        switch byte {
        case UInt8(ascii: "{"), UInt8(ascii: "["): .json
        case UInt8(ascii: ":"): .eventStream
        case _ where label == .eventStream: label
        case UInt8(ascii: "d"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "r"): nil
        default: label
        }
    }

    private var formByName: AnswerForm? {
        guard let name = Self.fieldNames.first(where: isPrefix) else { return label }
        return opening.count == name.utf8CodeUnitCount ? .eventStream : nil
    }

    private func isPrefix(of name: StaticString) -> Bool {
        guard opening.count <= name.utf8CodeUnitCount else { return false }
        // In bounds: compared with the literal's own length first.
        return opening.indices.allSatisfy { opening[$0] == name.utf8Start[$0] }
    }
}

extension UInt8 {
    /// White space, or a byte of a byte order mark.
    fileprivate var isPassedOver: Bool { isJSONWhiteSpace || self == 0xEF || self == 0xBB || self == 0xBF }
}
