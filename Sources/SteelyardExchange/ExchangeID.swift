public import SteelyardPolicy

/// Names one exchange: 128 random bits, shown to the client as `x-steelyard-request-id` and used as its charge's id.
public struct ExchangeID: Hashable, Sendable {
    /// The charge of the same name.
    public var charge: ChargeID

    /// Makes an id from random bits.
    public init(high: UInt64, low: UInt64) { charge = ChargeID(high: high, low: low) }

    /// The exchange that opened a charge.
    public init(_ charge: ChargeID) { self.charge = charge }

    /// `req_` and 32 hexadecimal digits.
    public var text: String {
        var bytes = Array("req_".utf8)
        bytes.reserveCapacity(36)
        for word in [charge.high, charge.low] { Self.append(word, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ word: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: (word >> UInt64(shift)) & 15)
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}
