/// A secret as bytes. It can be used and compared, but never printed.
public struct Secret: Hashable, Sendable {
    /// The secret itself, without the line break at the end of its file.
    public let bytes: [UInt8]

    /// Wraps the bytes of a secret.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Compares every byte, wherever the first difference is, so that the time reveals only the length.
    public static func == (left: Secret, right: Secret) -> Bool {
        guard left.bytes.count == right.bytes.count else { return false }
        return zip(left.bytes, right.bytes).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The same text for every secret.
    public var description: String { "<secret>" }

    /// The same text for every secret.
    public var debugDescription: String { description }

    /// No children: otherwise `dump` and `String(reflecting:)` of a surrounding value would show the bytes.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
