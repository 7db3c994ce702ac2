import SteelyardPolicy

/// The layout of a segment: a header, then records until the end of the file. Integers are little-endian.
///
///     header  "STYDJRNL" · format u32 · 0 u32 · run u64 u64 · number u64 · CRC-32C of the 40 bytes before it u32 · 0 u32
///     record  length u32 · CRC-32C of the payload u32 · payload
///     payload format u8 · kind u8 · fields
///
/// A field is a variable-length integer (LEB128, with zigzag for signed ones), or a length followed by that many bytes.
/// Names are written in full, never as numbers that another record explains: so each record can be read on its own, and
/// by later versions.
enum JournalFormat {
    /// The version that this program writes and reads.
    static let version: UInt8 = 1
    static let magic = Array("STYDJRNL".utf8)
    static let headerBytes = 48
    /// Length and checksum.
    static let frameBytes = 8
    /// Longer records count as damage: a `usage` object is a few hundred bytes.
    static let longestPayload = 16 << 20

    /// The kinds of record, as written.
    enum Kind: UInt8 {
        case opened = 1
        case deferred = 2
        case settled = 3
        case released = 4
        case grown = 5
    }
}

/// The id of one run of a process: random bits, which are in each of its segments.
public struct RunID: Hashable, Sendable {
    /// The upper half.
    public var high: UInt64
    /// The lower half.
    public var low: UInt64

    /// Makes an id from random bits.
    public init(high: UInt64 = .random(in: .min ... .max), low: UInt64 = .random(in: .min ... .max)) {
        self.high = high
        self.low = low
    }
}

/// The first bytes of a segment.
struct SegmentHeader: Hashable {
    var run: RunID
    var number: Int

    /// The result of reading the first bytes of a file.
    enum Reading: Hashable {
        case header(SegmentHeader)
        /// The file ended while its header was being written. It contains nothing.
        case incomplete
        /// A later version wrote the file.
        case newer(version: UInt32)
        /// No version wrote these bytes.
        case damaged
    }

    var bytes: [UInt8] {
        var bytes = JournalFormat.magic
        for word in [UInt64(JournalFormat.version), run.high, run.low, UInt64(number)] { append(word, to: &bytes) }
        append(UInt64(bytes.withUnsafeBytes(CRC32C.checksum)), to: &bytes)
        return bytes
    }

    private func append(_ word: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) }
    }

    static func read(_ file: [UInt8]) -> Reading {
        let isZero = file.allSatisfy { $0 == 0 }
        guard file.count >= JournalFormat.headerBytes, !isZero else {
            return isZero || JournalFormat.magic.starts(with: file.prefix(8)) ? .incomplete : .damaged
        }
        return file.withUnsafeBytes { bytes in
            func word(_ index: Int) -> UInt64 {
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
            }
            guard bytes.prefix(8).elementsEqual(JournalFormat.magic) else { return .damaged }
            guard word(1) <= JournalFormat.version else { return .newer(version: UInt32(truncatingIfNeeded: word(1))) }
            let checksum = CRC32C.checksum(UnsafeRawBufferPointer(rebasing: bytes.prefix(40)))
            guard word(5) == checksum, let number = Int(exactly: word(4)) else { return .damaged }
            return .header(SegmentHeader(run: RunID(high: word(2), low: word(3)), number: number))
        }
    }
}
