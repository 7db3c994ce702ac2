import CZlib
import CZstd

/// Decodes coded data: one step function for zlib and libzstd.
///
/// The data may consist of several gzip members (RFC 1952 §2.2) or zstd frames (RFC 8878 §3.1), one after another.
final class Decompressor {
    /// How the data is coded.
    enum Format {
        case gzip
        /// `deflate` as RFC 9110 §8.4.1.2 defines it, in zlib's format.
        case zlib
        /// `deflate` as some servers send it.
        case rawDeflate
        case zstd
    }

    /// The state after a step.
    enum Standing {
        /// Within a member or frame.
        case inside
        /// A member or frame has ended; another may follow, except with `deflate`.
        case atEnd
        case broken
    }

    /// The largest zstd window that gets memory: the largest that RFC 9659 §3 lets a sender use.
    static let zstdWindowLog: Int32 = 23

    let format: Format
    private var stream = z_stream()
    private var context: OpaquePointer?
    private var isOver = false

    /// Makes a decompressor; nil when there is no memory.
    init?(_ format: Format) {
        self.format = format
        switch format {
        case .gzip: guard start(windowBits: 16 + MAX_WBITS) else { return nil }
        case .zlib: guard start(windowBits: MAX_WBITS) else { return nil }
        case .rawDeflate: guard start(windowBits: -MAX_WBITS) else { return nil }
        case .zstd:
            context = ZSTD_createDCtx()
            guard context != nil else { return nil }
            ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.zstdWindowLog)
        }
    }

    deinit {
        // Both calls are harmless if nothing was started: zlib checks its state pointer, libzstd checks for null.
        inflateEnd(&stream)
        ZSTD_freeDCtx(context)
    }

    private func start(windowBits: Int32) -> Bool { czlib_inflate_start(&stream, windowBits) == Z_OK }

    /// Decodes as much as fits, and returns how many bytes were read and written.
    func step(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> (read: Int, written: Int, standing: Standing) {
        if isOver { return (0, 0, input.isEmpty ? .atEnd : .broken) }
        return format == .zstd ? decompress(input, into: output) : inflate(input, into: output)
    }

    private func inflate(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> (read: Int, written: Int, standing: Standing) {
        // zlib's `next_in` is not const for historical reasons; inflate only reads it.
        stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(clamping: output.count)
        let offered = (input: stream.avail_in, output: stream.avail_out)
        let result = CZlib.inflate(&stream, Z_NO_FLUSH)
        let (read, written) = (Int(offered.input - stream.avail_in), Int(offered.output - stream.avail_out))
        stream.next_in = nil
        stream.next_out = nil
        return (read, written, standing(after: result))
    }

    private func standing(after result: Int32) -> Standing {
        switch result {
        case Z_OK, Z_BUF_ERROR: return .inside
        case Z_STREAM_END:
            if format == .gzip { return inflateReset(&stream) == Z_OK ? .atEnd : .broken }
            isOver = true
            return .atEnd
        default: return .broken
        }
    }

    private func decompress(
        _ input: UnsafeRawBufferPointer,
        into output: UnsafeMutableRawBufferPointer
    ) -> (read: Int, written: Int, standing: Standing) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else { return (source.pos, target.pos, .broken) }
        return (source.pos, target.pos, result == 0 ? .atEnd : .inside)
    }
}
