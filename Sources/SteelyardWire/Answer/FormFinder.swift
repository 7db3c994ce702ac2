/// Decides from an answer's first bytes how to read it, since labels can be missing or wrong.
///
/// An answer that begins with `{` or `[` is JSON. One that begins with a colon or a field name (`data:`, `event:`,
/// `id:`, `retry:`) is an event stream. Any other has the form that its label says. White space and a byte order mark
/// at the start mean nothing in either form, so the finder skips them. At most five bytes wait: the beginning of a
/// field name.
struct FormFinder: Sendable {
    private static let fieldNames: [StaticString] = ["data:", "event:", "id:", "retry:"]

    private let label: AnswerForm
    /// How the answer is to be read; nil until that is known.
    private(set) var form: AnswerForm?
    /// Bytes of earlier pieces that wait for the decision; they are read first.
    private(set) var opening: [UInt8] = []

    /// Makes a finder for an answer with this label.
    init(label: AnswerForm) { self.label = label }

    /// Looks at the next piece, and returns how many bytes it skipped at the start of the piece. Once the form is
    /// known, the caller reads the opening and then the rest of the piece.
    mutating func read(_ piece: Span<UInt8>) -> Int {
        var start = 0
        while opening.isEmpty, start < piece.count, piece[start].isPassedOver { start &+= 1 }
        if opening.isEmpty, start < piece.count { form = form(beginningWith: piece[start]) }
        if form == nil { readName(piece, from: start) }
        return start
    }

    /// Adds bytes to the opening until they show whether the answer begins with a field name.
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

    /// Notes that the answer is over. If its bytes have not decided the form, the label does.
    mutating func finish() -> AnswerForm { form ?? label }

    /// The form, if the first byte alone decides; it nearly always does.
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
