import COpenSSL

/// Comparisons whose duration reveals nothing about the secret.
public enum ConstantTime {
    /// Whether two byte strings are equal. It takes the same time wherever they differ (`CRYPTO_memcmp(3)`). Only a
    /// difference in length shows sooner: compare digests if the length is secret.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
