/// Digits, capital letters and small letters: characters that a double click selects as one word, and that every header
/// field may contain.
public enum Base62 {
    /// The number of digits.
    public static let radix: UInt8 = 62

    /// The character of a digit; `value` is less than 62.
    public static func character(of value: UInt8) -> UInt8 {
        switch value {
        case 0..<10: UInt8(ascii: "0") &+ value
        case 10..<36: UInt8(ascii: "A") &+ (value &- 10)
        default: UInt8(ascii: "a") &+ (value &- 36)
        }
    }

    /// The digit of a character; nil if the character is no digit.
    public static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character &- UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character &- UInt8(ascii: "A") &+ 10
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character &- UInt8(ascii: "a") &+ 36
        default: nil
        }
    }
}
