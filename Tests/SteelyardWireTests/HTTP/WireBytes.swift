/// The bytes of a text in which one character stands for one byte: bytes beyond ASCII are meant as they are, not as
/// UTF-8.
func wireBytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }

/// The text of bytes, one character for each.
func wireText(_ bytes: some Sequence<UInt8>) -> String { String(String.UnicodeScalarView(bytes.map { .init($0) })) }

extension [UInt8] {
    /// The bytes in pieces, cut before each of these positions.
    func pieces(cutAt cuts: [Int]) -> [[UInt8]] {
        let bounds = [0] + cuts + [count]
        return zip(bounds, bounds.dropFirst()).map { Array(self[$0..<$1]) }
    }

    /// The bytes one by one.
    var singly: [[UInt8]] { map { [$0] } }
}
