/// CRC-32 as in zlib, PNG and Ethernet (ISO/IEC 13239: polynomial 0x04C11DB7 reflected, all ones before and after).
enum CRC32 {
    /// The remainders for the sixteen half bytes. Keys are too short for larger tables to be worth it.
    private static let remainders: [16 of UInt32] = [
        0x0000_0000, 0x1db7_1064, 0x3b6e_20c8, 0x26d9_30ac, 0x76dc_4190, 0x6b6b_51f4, 0x4db2_6158, 0x5005_713c,
        0xedb8_8320, 0xf00f_9344, 0xd6d6_a3e8, 0xcb61_b38c, 0x9b64_c2b0, 0x86d3_d2d4, 0xa00a_e278, 0xbdbd_f21c,
    ]

    /// The checksum of some bytes.
    static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        var remainder: UInt32 = .max
        for index in bytes.indices {
            remainder ^= UInt32(bytes[index])
            remainder = remainder >> 4 ^ remainders[Int(remainder & 15)]
            remainder = remainder >> 4 ^ remainders[Int(remainder & 15)]
        }
        return ~remainder
    }
}
