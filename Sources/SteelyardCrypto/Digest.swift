import COpenSSL
public import SteelyardPolicy

/// SHA-256 (FIPS 180-4).
public enum Digest {
    /// The 32 bytes of a message's digest.
    public static func sha256(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(message, message.count, &digest)
        return digest
    }

    /// The digest of a key, for a look-up; allocates nothing.
    public static func sha256(_ key: Span<UInt8>) -> KeyDigest {
        var words: [4 of UInt64] = [0, 0, 0, 0]
        key.withUnsafeBytes { bytes in
            var mutableWords = words.mutableSpan
            mutableWords.withUnsafeMutableBufferPointer {
                steelyard_sha256(bytes.baseAddress, bytes.count, $0.baseAddress)
            }
        }
        return KeyDigest(bigEndianWords: words)
    }
}
