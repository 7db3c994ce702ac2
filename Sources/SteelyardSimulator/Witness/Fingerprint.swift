/// 64-bit FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): compares bytes in tests; it is no protection.
enum Fingerprint {
    static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
