import COpenSSL

/// Comparisons whose duration tells nothing about the secret.
public enum ConstantTime {
    /// Whether two byte strings are equal; takes as long for a near miss as for a far one (`CRYPTO_memcmp(3)`).
    /// Only a difference in length is seen sooner: compare digests where the length is secret.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
