/// A short text of an answer, kept as bytes.
///
/// A chat stream repeats its id and model in every chunk. Setting the same bytes again costs a comparison, no
/// allocation.
struct AnswerText: Sendable, Equatable {
    private(set) var bytes: [UInt8] = []
    /// Whether the text was set since the last `clear()`. The bytes stay after `clear()`, for the comparison.
    private(set) var isSet = false

    /// Whether there is no text. An empty text (Azure's first chunk has `"model":""`) counts as none.
    var isEmpty: Bool { !isSet || bytes.isEmpty }

    /// The text; `nil` when empty. Bytes that are not UTF-8 are replaced.
    var string: String? { isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }

    /// Takes the text.
    mutating func set(_ text: Span<UInt8>) {
        isSet = true
        guard !ByteSearch.areEqual(bytes.span, text) else { return }
        bytes.removeAll(keepingCapacity: true)
        text.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }

    /// Takes the other text unless it is empty.
    mutating func update(from other: AnswerText) {
        if !other.isEmpty, bytes != other.bytes || !isSet { self = other }
    }

    /// Forgets the text.
    mutating func clear() { isSet = false }

    /// Takes the bytes of the last text again.
    mutating func setAgain() { isSet = true }

    /// Whether the text is `literal`, which is ASCII.
    func equals(_ literal: StaticString) -> Bool { isSet && Self.areEqual(bytes, literal) }

    /// Whether the text begins with `literal`, which is ASCII.
    func starts(with literal: StaticString) -> Bool {
        isSet && bytes.count >= literal.utf8CodeUnitCount && Self.isPrefix(literal, of: bytes)
    }

    /// Whether `bytes` spell `literal`, which is ASCII.
    static func areEqual(_ bytes: [UInt8], _ literal: StaticString) -> Bool {
        bytes.count == literal.utf8CodeUnitCount && isPrefix(literal, of: bytes)
    }

    private static func isPrefix(_ literal: StaticString, of bytes: [UInt8]) -> Bool {
        // In bounds: the loop ends at the literal's own length.
        for index in 0..<literal.utf8CodeUnitCount where bytes[index] != literal.utf8Start[index] { return false }
        return true
    }
}
