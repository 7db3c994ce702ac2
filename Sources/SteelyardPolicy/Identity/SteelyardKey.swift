/// The form of a Steelyard key: `sy_`, a public id of 8 characters, `_`, 43 random characters, and 6 of a checksum.
///
/// 43 base62 characters hold 256 bits. The prefix tells people and secret scanners what they have found. The checksum
/// distinguishes a typo from an unknown key before anything is looked up. With underscores, a double click still
/// selects the whole key (as GitHub argues for its own:
/// https://github.blog/engineering/behind-githubs-new-authentication-token-formats/).
public enum SteelyardKey {
    /// The length of every key.
    public static let byteCount = checkedCount + checksumCount
    /// The number of random characters in a key, besides its id.
    public static let secretCount = 43

    private static let prefixCount = 3
    private static let checkedCount = prefixCount + KeyID.byteCount + 1 + secretCount
    private static let checksumCount = 6

    /// Whether a key claims to be a Steelyard key, well formed or not. Such a key is never sent to a provider.
    ///
    /// People who type a key may type `SY_`. No provider's key begins with either.
    public static func isClaimed(by key: Span<UInt8>) -> Bool {
        key.count >= prefixCount && key[0] | 0x20 == UInt8(ascii: "s") && key[1] | 0x20 == UInt8(ascii: "y")
            && key[2] == UInt8(ascii: "_")
    }

    /// The public id of a correctly spelt key. This does not tell whether the key is configured.
    ///
    /// - Throws: how the key differs from the form.
    public static func id(of key: Span<UInt8>) throws(KeyTypo) -> KeyID {
        guard key.count == byteCount else { throw .length }
        guard key[0] == UInt8(ascii: "s"), isClaimed(by: key), key[1] == UInt8(ascii: "y"),
            key[prefixCount + KeyID.byteCount] == UInt8(ascii: "_"),
            let id = KeyID(key.extracting(prefixCount..<prefixCount + KeyID.byteCount)),
            isBase62(key.extracting(prefixCount + KeyID.byteCount + 1..<byteCount))
        else { throw .character }
        let checksum = checksum(of: key.extracting(first: checkedCount))
        for (offset, character) in checksum.enumerated() where key[checkedCount + offset] != character {
            throw .checksum
        }
        return id
    }

    /// Builds a key from its parts.
    ///
    /// - Parameter secret: ``secretCount`` random base62 characters.
    /// - Returns: the key; nil if the secret does not have that form.
    public static func assembled(id: KeyID, secret: [UInt8]) -> [UInt8]? {
        guard secret.count == secretCount, isBase62(secret.span) else { return nil }
        let key = Array("sy_".utf8) + id.bytes + [UInt8(ascii: "_")] + secret
        return key + checksum(of: key.span)
    }

    private static func isBase62(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where Base62.value(of: text[index]) == nil { return false }
        return true
    }

    /// The CRC-32 of the bytes as six digits, the most significant first; 62⁶ is more than 2³².
    private static func checksum(of bytes: Span<UInt8>) -> [UInt8] {
        var rest = CRC32.checksum(of: bytes)
        var digits = [UInt8](repeating: UInt8(ascii: "0"), count: checksumCount)
        for position in digits.indices.reversed() {
            digits[position] = Base62.character(of: UInt8(truncatingIfNeeded: rest % UInt32(Base62.radix)))
            rest /= UInt32(Base62.radix)
        }
        return digits
    }
}

/// Why a text that claims to be a Steelyard key cannot be one.
public enum KeyTypo: Error, Hashable, Sendable, CaseIterable {
    /// It is longer or shorter than every key.
    case length
    /// A character that cannot be at its place.
    case character
    /// The checksum does not match: a letter is wrong, or two have changed places.
    case checksum
}
