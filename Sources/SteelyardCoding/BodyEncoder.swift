import CZlib
import CZstd
public import NIOCore
public import SteelyardWire

/// Encodes a complete request body again, one slice at a time: an edited body is sent in the coding in which it came.
public final class BodyEncoder {
    /// Fast levels; the level that the client used is unknown.
    private static let zlibLevel: Int32 = 1
    private static let zstdLevel: Int32 = 1

    /// The output so far.
    public private(set) var coded = ByteBuffer()

    private let plain: ByteBuffer
    private var position = 0
    private var stream = z_stream()
    private var context: OpaquePointer?

    /// Makes an encoder; nil for a body that is not coded, or when there is no memory.
    public init?(_ coding: ContentCoding, of plain: ByteBuffer) {
        self.plain = plain
        switch coding {
        case .gzip: guard start(windowBits: 16 + MAX_WBITS) else { return nil }
        case .deflate: guard start(windowBits: MAX_WBITS) else { return nil }
        case .zstd:
            context = ZSTD_createCCtx()
            guard context != nil else { return nil }
            ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.zstdLevel)
        case .identity, .unreadable: return nil
        }
    }

    deinit {
        // Both calls are harmless if nothing was started.
        deflateEnd(&stream)
        ZSTD_freeCCtx(context)
    }

    private func start(windowBits: Int32) -> Bool {
        czlib_deflate_start(&stream, Self.zlibLevel, windowBits) == Z_OK
    }

    /// Encodes the next slice; false when ``coded`` is complete, nil when encoding fails.
    public func advance() -> Bool? {
        let end = min(position + BodyDecoder.sliceBytes, plain.readableBytes)
        let isLast = end == plain.readableBytes
        let outcome = plain.withUnsafeReadableBytes { bytes in
            let slice = UnsafeRawBufferPointer(rebasing: bytes[position..<end])
            return context == nil ? deflate(slice, isLast: isLast) : compress(slice, isLast: isLast)
        }
        guard let outcome else { return nil }
        position += outcome.read
        return !outcome.isWhole
    }

    /// More than the output of any slice.
    private static let room = BodyDecoder.sliceBytes + BodyDecoder.sliceBytes / 128 + 1024

    private func deflate(_ slice: UnsafeRawBufferPointer, isLast: Bool) -> (read: Int, isWhole: Bool)? {
        var result = Z_OK
        // zlib's `next_in` is not const for historical reasons; deflate only reads it.
        stream.next_in = UnsafeMutablePointer(mutating: slice.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: slice.count)
        coded.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.room) { target in
            stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(clamping: target.count)
            result = CZlib.deflate(&stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            return target.count - Int(stream.avail_out)
        }
        let read = slice.count - Int(stream.avail_in)
        stream.next_in = nil
        stream.next_out = nil
        return result == Z_OK || result == Z_BUF_ERROR || result == Z_STREAM_END ? (read, result == Z_STREAM_END) : nil
    }

    private func compress(_ slice: UnsafeRawBufferPointer, isLast: Bool) -> (read: Int, isWhole: Bool)? {
        var source = ZSTD_inBuffer(src: slice.baseAddress, size: slice.count, pos: 0)
        var result = 0
        coded.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.room) { target in
            var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
            result = ZSTD_compressStream2(context, &output, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
            return output.pos
        }
        return ZSTD_isError(result) == 0 ? (source.pos, isLast && result == 0) : nil
    }
}
