/// The id of one charge and of the exchange that opens it: an instant and random bits. It is never a client's or a
/// provider's id.
public struct ChargeID: Hashable, Sendable {
    /// The upper half.
    public var high: UInt64
    /// The lower half.
    public var low: UInt64

    /// Makes an id from its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `req_` and 32 hexadecimal digits, as the client sees it in `x-steelyard-request-id`.
    public var text: String {
        // The closure writes the 36 bytes that it says it has written.
        String(unsafeUninitializedCapacity: 36) { bytes in
            for index in 0..<4 { bytes[index] = Self.characters.utf8Start[index] }
            Self.write(high, to: bytes, at: 4)
            Self.write(low, to: bytes, at: 20)
            return 36
        }
    }

    private static let characters: StaticString = "req_0123456789abcdef"

    private static func write(_ word: UInt64, to bytes: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
        for offset in 0..<16 {
            bytes[start + offset] = characters.utf8Start[4 + Int((word >> UInt64(60 - 4 * offset)) & 15)]
        }
    }
}
