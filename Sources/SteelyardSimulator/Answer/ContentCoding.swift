import NIOCore

/// gzip (RFC 1952) and deflate (the zlib format, RFC 1950, as RFC 9110 §8.4.1.2 defines it) with stored blocks (RFC
/// 1951 §3.2.4): every decoder accepts them, and nothing needs to be compressed.
///
/// Each piece is a separate block, so that a stream stays a stream.
struct ContentCoding {
    private static let endBlock: [UInt8] = [1, 0, 0, 0xFF, 0xFF]

    let isGzip: Bool
    private var checksum: Checksum

    private init(isGzip: Bool) {
        self.isGzip = isGzip
        checksum = isGzip ? .crc32 : .adler32
    }

    /// The answer in a coding, with the matching header field.
    static func applied(_ coding: Directives.Coding, to answer: Answer) -> Answer {
        guard coding != .identity else { return answer }
        var answer = answer
        var coder = ContentCoding(isGzip: coding == .gzip)
        for index in answer.pieces.indices {
            let isLast = index == answer.pieces.count - 1
            answer.pieces[index] = coder.coded(answer.pieces[index], isFirst: index == 0, isLast: isLast)
        }
        answer.headers.append(("content-encoding", coding == .gzip ? "gzip" : "deflate"))
        return answer
    }

    private mutating func coded(_ piece: ByteBuffer, isFirst: Bool, isLast: Bool) -> ByteBuffer {
        var result = ByteBufferAllocator().buffer(capacity: piece.readableBytes + 64)
        if isFirst { result.writeBytes(isGzip ? [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] : [0x78, 0x01]) }
        checksum.add(piece.readableBytesView)
        var rest = piece
        while rest.readableBytes > 0, let block = rest.readSlice(length: min(rest.readableBytes, 0xFFFF)) {
            let length = UInt16(truncatingIfNeeded: block.readableBytes)
            result.writeMultipleIntegers(UInt8(0), length, ~length, endianness: .little)
            result.writeImmutableBuffer(block)
        }
        if isLast { writeEnd(to: &result) }
        return result
    }

    private func writeEnd(to result: inout ByteBuffer) {
        result.writeBytes(Self.endBlock)
        result.writeInteger(checksum.value, endianness: isGzip ? .little : .big)
        if isGzip { result.writeInteger(checksum.byteCount, endianness: .little) }
    }
}

/// The checksum at the end of a coded body.
private struct Checksum {
    private enum Kind {
        case crc32, adler32
    }

    private let kind: Kind
    private var state: UInt32
    /// The length modulo 2³², as gzip writes it.
    private(set) var byteCount: UInt32 = 0

    static var crc32: Checksum { Checksum(kind: .crc32, state: .max) }
    static var adler32: Checksum { Checksum(kind: .adler32, state: 1) }

    private init(kind: Kind, state: UInt32) {
        self.kind = kind
        self.state = state
    }

    var value: UInt32 { kind == .crc32 ? ~state : state }

    mutating func add(_ bytes: ByteBufferView) {
        byteCount &+= UInt32(truncatingIfNeeded: bytes.count)
        for byte in bytes { state = kind == .crc32 ? Self.crc(state, byte) : Self.adler(state, byte) }
    }

    private static func crc(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ state >> 8
    }

    private static func adler(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        let low = ((state & 0xFFFF) + UInt32(byte)) % 65_521
        let high = ((state >> 16) + low) % 65_521
        return (high << 16) | low
    }

    /// The CRC of each byte (RFC 1952 §8).
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ crc >> 1 : crc >> 1 }
    }
}
