/// A text that is compared by its bytes. Swift treats two texts as equal when they look the same ("é" as one scalar or
/// as two); SQLite, JSON and providers treat them as different.
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
        // A separator, so that several texts hashed one after another do not run together.
        hasher.combine(UInt8(0xff))
    }
}
