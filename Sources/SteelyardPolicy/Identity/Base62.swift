/// Digits, capitals, small letters: what a double click selects as one word, and every header field may hold.
public enum Base62 {
    /// How many digits there are.
    public static let radix: UInt8 = 62

    /// The character of a digit; `value` is less than 62.
    public static func character(of value: UInt8) -> UInt8 {
        switch value {
        case 0..<10: UInt8(ascii: "0") &+ value
        case 10..<36: UInt8(ascii: "A") &+ (value &- 10)
        default: UInt8(ascii: "a") &+ (value &- 36)
        }
    }

    /// The digit of a character; nil when it is none.
    public static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character &- UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character &- UInt8(ascii: "A") &+ 10
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character &- UInt8(ascii: "a") &+ 36
        default: nil
        }
    }
}
