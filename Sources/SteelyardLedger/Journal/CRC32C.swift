/// The Castagnoli checksum of RFC 3720 §B.4, computed eight bytes at a time. It detects every burst of up to 32 wrong
/// bits.
enum CRC32C {
    /// Row `n` has the remainder of each byte when `n` zero bytes follow it.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1 }
            tables[byte] = remainder
        }
        for index in 256..<tables.count {
            let before = tables[index - 256]
            tables[index] = tables[Int(before & 255)] ^ before >> 8
        }
        return tables
    }()

    /// The checksum of some bytes.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        tables.withUnsafeBufferPointer { tables in
            var remainder: UInt32 = ~0
            var offset = 0
            while offset + 8 <= bytes.count {
                remainder = step(remainder, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), tables)
                offset += 8
            }
            for byte in bytes[offset...] { remainder = tables[Int((remainder ^ UInt32(byte)) & 255)] ^ remainder >> 8 }
            return ~remainder
        }
    }

    private static func step(_ before: UInt32, _ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>) -> UInt32 {
        let mixed = UInt64(littleEndian: word) ^ UInt64(before)
        var remainder: UInt32 = 0
        for place in 0..<8 {
            remainder ^= tables[(7 - place) << 8 | Int(mixed >> UInt64(8 * place) & 255)]
        }
        return remainder
    }
}
