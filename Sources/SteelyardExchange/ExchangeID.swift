public import SteelyardPolicy

/// Names one exchange: an instant and random bits, shown to the client as `x-steelyard-request-id` and used as its
/// charge's id.
public struct ExchangeID: Hashable, Sendable {
    /// The charge of the same name.
    public var charge: ChargeID

    /// Makes an id from two words, which distinguish it from every other id.
    public init(high: UInt64, low: UInt64) { charge = ChargeID(high: high, low: low) }

    /// The exchange that opened a charge.
    public init(_ charge: ChargeID) { self.charge = charge }

    /// `req_` and 32 hexadecimal digits.
    public var text: String {
        // The closure writes the 36 bytes that it says it has written.
        String(unsafeUninitializedCapacity: 36) { bytes in
            for index in 0..<4 { bytes[index] = Self.characters.utf8Start[index] }
            Self.write(charge.high, to: bytes, at: 4)
            Self.write(charge.low, to: bytes, at: 20)
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
