/// JSON inside a header value, where a comma would end the directive: percent-encoded or base64.
enum EncodedJSON {
    /// The JSON object text; `nil` if neither coding gives one.
    static func decoded(_ value: String) -> String? {
        let bytes = percentDecoded(value) ?? []
        let plain = bytes.first == UInt8(ascii: "{") ? bytes : Base64.decoded(value) ?? []
        // A line break would end the `data:` line that contains the object.
        guard !plain.contains(where: { $0 < 0x20 }), let node = JSONNode(plain), node.isObject else { return nil }
        return node.raw
    }

    /// The bytes of a text in which `%xx` stands for any byte (RFC 3986 §2.1).
    static func percentDecoded(_ value: String) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = Substring(value).utf8
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard rest.count >= 2, let decoded = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { return nil }
            result.append(decoded)
            rest = rest.dropFirst(2)
        }
        return result
    }
}

/// Base64 (RFC 4648 §4) with padding, both ways.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// The text of some bytes.
    static func encoded(_ bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 {
                digits.append(index <= group.count ? alphabet[word >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The bytes of a text; `nil` when it has a character that is not a digit of base64.
    static func decoded(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (word, bitCount) = (0, 0)
        for digit in text.utf8.prefix(while: { $0 != UInt8(ascii: "=") }) {
            let value = values[Int(digit)]
            guard value < 64 else { return nil }
            word = (word << 6 | Int(value)) & 0xFFFF
            bitCount += 6
            guard bitCount >= 8 else { continue }
            bitCount -= 8
            bytes.append(UInt8(truncatingIfNeeded: word >> bitCount))
        }
        return bytes
    }
}
