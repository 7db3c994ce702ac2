/// A text that is compared as the bytes that it is. To Swift two texts are equal when they look the same ("é" in one
/// scalar or in two), to SQLite, JSON and providers they are two.
public struct ByteText: Hashable, Sendable {
    /// The text.
    public let text: String

    /// Takes any text.
    public init(_ text: String) { self.text = text }

    /// Whether both have the same bytes.
    public static func == (left: ByteText, right: ByteText) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // So that several texts behind each other do not run together.
        hasher.combine(UInt8(0xff))
    }
}
