import COpenSSL

/// SHA-256 (FIPS 180-4).
public enum Digest {
    /// The 32 bytes of a message's digest.
    public static func sha256(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(message, message.count, &digest)
        return digest
    }
}
