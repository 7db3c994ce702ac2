/// Finds anything that looks like a Steelyard key, anywhere in a text and in any of several encodings.
///
/// A key looks like this: `sy_` in either case, an id, `_`, and letters and digits. The checksum need not be right, and
/// the secret need not be complete: if only a few characters of a key are missing, the rest could be guessed.
public enum KeySearch {
    /// How many characters of the secret must be there: nobody guesses the 60 bits of ten missing ones. A name that
    /// happens to end in `sy_` and continues with an id and an MD5 (32 digits) is not a key.
    private static let secretCount = 33
    private static let idEnd = KeyID.byteCount
    /// The length of what follows `sy_`.
    private static let restCount = idEnd + 1 + secretCount

    /// A shorter text cannot contain a key.
    public static let leastByteCount = 3 + restCount

    /// Whether a text contains a key: as plain text, as hexadecimal digits or as base64 (as in `Basic`), each of them
    /// also inside one or two layers of escapes (`%73`, `%2573`, `\s`, `\u0073`).
    public static func finds(in text: Span<UInt8>) -> Bool {
        guard text.count >= leastByteCount else { return false }
        if holdsKey(text) { return true }
        guard let once = unescaped(text) else { return false }
        if holdsKey(once.span) { return true }
        guard let twice = unescaped(once.span) else { return false }
        return holdsKey(twice.span)
    }

    private static func holdsKey(_ text: Span<UInt8>) -> Bool {
        if holdsKey(text, digitBits: 8, digit: { $0 }) { return true }
        guard text.count * 6 >= leastByteCount * 8 else { return false }
        return holdsKey(text, digitBits: 6, digit: Base64.value)
            || holdsKey(text, digitBits: 4, digit: Hexadecimal.value)
    }

    /// Searches a text whose characters are digits of this many bits each; plain text has digits of eight bits.
    ///
    /// The latest bits are in a window, which is compared with `sy_` after each digit. So it does not matter where
    /// base64 begins, and nothing is decoded unless `sy_` is found.
    @inline(__always)
    private static func holdsKey(_ text: Span<UInt8>, digitBits: Int, digit: (UInt8) -> UInt8?) -> Bool {
        var window: UInt64 = 0
        for index in text.indices {
            guard let value = digit(text[index]) else {
                window = 0
                continue
            }
            window = window << UInt64(digitBits) | UInt64(value)
            // Only in base64 can a byte end in the middle of a digit: 0, 2 or 4 bits before the digit's end.
            for surplus in stride(from: 0, to: digitBits == 6 ? 6 : 1, by: 2) {
                guard isPrefix(window >> UInt64(surplus)) else { continue }
                var rest = DigitReader(window: window, bits: surplus, next: index + 1)
                if goesOnAsKey({ rest.nextByte(of: text, digitBits: digitBits, digit) }) { return true }
            }
        }
        return false
    }

    /// Whether the last 24 bits are `sy_`.
    private static func isPrefix(_ window: UInt64) -> Bool { (window | 0x20_20_00) & 0xFF_FF_FF == 0x73_79_5F }

    private static func goesOnAsKey(_ nextByte: () -> UInt8?) -> Bool {
        for position in 0..<restCount {
            guard let byte = nextByte() else { return false }
            guard position == idEnd ? byte == UInt8(ascii: "_") : Base62.value(of: byte) != nil else { return false }
        }
        return true
    }
}

/// Joins digits into bytes.
private struct DigitReader {
    /// The latest bits that were read.
    var window: UInt64
    /// How many of these bits belong to the next byte.
    var bits: Int
    /// The position of the next digit.
    var next: Int

    /// The next byte; nil if something else than a digit comes.
    mutating func nextByte(of text: Span<UInt8>, digitBits: Int, _ digit: (UInt8) -> UInt8?) -> UInt8? {
        while bits < 8 {
            guard next < text.count, let value = digit(text[next]) else { return nil }
            window = window << UInt64(digitBits) | UInt64(value)
            (bits, next) = (bits + digitBits, next + 1)
        }
        bits -= 8
        return UInt8(truncatingIfNeeded: window >> UInt64(bits))
    }
}

extension KeySearch {
    /// The text with one layer of escapes removed: escapes of URLs and cookies (`%5F`), of quoted strings (`\_`, RFC
    /// 9110 §5.6.4) and of JSON (`\u005f`). Nil if there are none.
    private static func unescaped(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.indices.contains(where: { text[$0].beginsEscape }) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let (byte, length) = text[index].beginsEscape ? escape(text, at: index) : (text[index], 1)
            bytes.append(byte)
            index += length
        }
        return bytes
    }

    /// The character that an escape stands for, and the escape's length. Something that is not an escape stands for
    /// itself.
    private static func escape(_ text: Span<UInt8>, at index: Int) -> (UInt8, length: Int) {
        if text[index] == UInt8(ascii: "%") {
            return hexadecimal(text, index + 1).map { ($0, 3) } ?? (text[index], 1)
        }
        guard index + 1 < text.count else { return (text[index], 1) }
        if text[index + 1] | 0x20 == UInt8(ascii: "u"), hexadecimal(text, index + 2) == 0,
            let byte = hexadecimal(text, index + 4)
        {
            return (byte, 6)
        }
        return (text[index + 1], 2)
    }

    private static func hexadecimal(_ text: Span<UInt8>, _ index: Int) -> UInt8? {
        guard index + 1 < text.count, let high = Hexadecimal.value(of: text[index]),
            let low = Hexadecimal.value(of: text[index + 1])
        else { return nil }
        return high << 4 | low
    }
}

extension UInt8 {
    fileprivate var beginsEscape: Bool { self == UInt8(ascii: "%") || self == UInt8(ascii: "\\") }
}

/// The digits of base 16, in either case.
private enum Hexadecimal {
    static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character &- UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character &- UInt8(ascii: "A") &+ 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character &- UInt8(ascii: "a") &+ 10
        default: nil
        }
    }
}

/// The digits of base64, in both alphabets, which differ in the last two (RFC 4648 §4, §5).
private enum Base64 {
    static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character &- UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character &- UInt8(ascii: "a") &+ 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character &- UInt8(ascii: "0") &+ 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
