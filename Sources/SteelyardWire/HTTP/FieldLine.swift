/// Where name and value are in a field line (RFC 9112 §5).
struct FieldLine {
    /// The line without its CRLF.
    let text: Range<Int>
    /// Up to the colon.
    let name: Range<Int>
    /// Without the white space around it.
    let value: Range<Int>

    /// Reads a line that is not empty and has no control character but HTAB.
    init(_ text: Range<Int>, in bytes: Span<UInt8>) throws(SyntaxDefect) {
        guard !bytes[text.lowerBound].isOptionalSpace else { throw .foldedLine }
        var end = text.lowerBound
        while end < text.upperBound, bytes[end].isTokenCharacter { end &+= 1 }
        guard end < text.upperBound, bytes[end] == .colon else { throw Self.defect(of: bytes.extracting(text)) }
        guard end > text.lowerBound else { throw .emptyFieldName }
        self.text = text
        name = text.lowerBound..<end
        value = bytes.trimmingOptionalSpace(in: (end &+ 1)..<text.upperBound)
    }

    /// Whether the line is already what ``HeaderFields`` keeps: one space after the colon, and none at the end.
    func isVerbatim(in bytes: Span<UInt8>) -> Bool {
        value.lowerBound == name.upperBound &+ 2 && value.upperBound == text.upperBound
            && bytes[name.upperBound &+ 1] == .space
    }

    private static func defect(of text: Span<UInt8>) -> SyntaxDefect {
        text.firstIndex(of: .colon) == nil ? .missingColon : .fieldName
    }
}
