import CZlib
import NIOCore
import SteelyardWire

/// Undoes `gzip` and `deflate` (RFC 9110 §8.4.1) on a copy of an answer, piece by piece, within bounds.
///
/// It never fails a transfer: what cannot be undone is empty, from the first fault on.
final class ContentDecoder {
    /// More than this in total is taken for a bomb: no answer worth metering comes near it.
    static let totalLimitBytes = 256 * 1024 * 1024
    /// More than this from one piece is taken for a bomb as well; it bounds the memory of a round.
    static let pieceLimitBytes = 4 * 1024 * 1024

    private enum State {
        /// `deflate` before its first two bytes, which tell zlib's format from raw deflate. Exits: running, failed.
        case probing
        /// Exits: finished, failed.
        case running
        /// The coded data is complete; what follows is ignored.
        case finished
        case failed
    }

    private var stream = z_stream()
    private var state: State
    private let isGzip: Bool
    private var probe = ByteBuffer()
    private var totalBytes = 0
    private var completedMembers = 0

    /// Makes a decoder for an answer in this coding; nil when it has none.
    init?(_ coding: ContentCoding) {
        guard coding != .identity else { return nil }
        isGzip = coding == .gzip
        state = coding == .unreadable ? .failed : .probing
        if isGzip { start(windowBits: 16 + MAX_WBITS) }
    }

    /// Whether decoding has failed, or the coding is not supported.
    var hasFailed: Bool { if case .failed = state { true } else { false } }

    /// Whether the coded data could end here.
    var isWhole: Bool {
        switch state {
        case .probing: probe.readableBytes == 0
        // True between two members of a gzip file.
        case .running: stream.total_in == 0
        case .finished, .failed: true
        }
    }

    deinit {
        // Harmless on a stream that never started: zlib checks its state pointer.
        inflateEnd(&stream)
    }

    /// Decodes the next piece.
    func decode(_ piece: ByteBuffer) -> ByteBuffer {
        var output = ByteBuffer()
        switch state {
        case .probing: probed(piece, into: &output)
        case .running: inflate(piece, into: &output)
        case .finished, .failed: break
        }
        if case .failed = state { output.clear() }
        return output
    }

    private func start(windowBits: Int32) {
        state = czlib_inflate_start(&stream, windowBits) == Z_OK ? .running : .failed
    }

    /// Servers send either format under the name `deflate` (RFC 9110 §8.4.1.2, note); zlib's begins with 0x?8 and a
    /// check of two bytes (RFC 1950 §2.2).
    private func probed(_ piece: ByteBuffer, into output: inout ByteBuffer) {
        probe.writeImmutableBuffer(piece)
        guard let header: UInt16 = probe.getInteger(at: probe.readerIndex) else { return }
        let isZlibFormat = header >> 8 & 0x0F == 8 && header % 31 == 0
        start(windowBits: isZlibFormat ? MAX_WBITS : -MAX_WBITS)
        if case .running = state { inflate(probe, into: &output) }
        probe = ByteBuffer()
    }

    private func inflate(_ piece: ByteBuffer, into output: inout ByteBuffer) {
        piece.withUnsafeReadableBytes { bytes in
            // zlib's `next_in` is not const for historical reasons; inflate only reads it.
            stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.avail_in = UInt32(clamping: bytes.count)
            let room = min(max(bytes.count * 4, 1024), 16 * 1024)
            while case .running = state, step(into: &output, room: room) {}
            stream.next_in = nil
            stream.avail_in = 0
        }
    }

    /// Runs zlib once into at least `room` bytes more of `output`; false when it needs more input.
    private func step(into output: inout ByteBuffer, room: Int) -> Bool {
        var result = Z_OK
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            stream.next_out = target.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(clamping: target.count)
            result = CZlib.inflate(&stream, Z_NO_FLUSH)
            return target.count - Int(stream.avail_out)
        }
        let isFull = stream.avail_out == 0
        stream.next_out = nil
        return continues(after: result, isFull: isFull, pieceBytes: output.readableBytes)
    }

    private func continues(after result: Int32, isFull: Bool, pieceBytes: Int) -> Bool {
        guard pieceBytes <= Self.pieceLimitBytes, totalBytes + pieceBytes <= Self.totalLimitBytes else {
            state = .failed
            return false
        }
        switch result {
        case Z_OK where isFull || stream.avail_in > 0: return true
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: if finishedMember() { return true }
        // Padding after a complete member is ignored, as gzip(1) does.
        default: state = completedMembers > 0 && stream.total_out == 0 ? .finished : .failed
        }
        totalBytes += pieceBytes
        return false
    }

    /// A gzip file may have several members (RFC 1952 §2.2); true when another one seems to follow at once.
    private func finishedMember() -> Bool {
        guard isGzip, inflateReset(&stream) == Z_OK else {
            state = .finished
            return false
        }
        completedMembers += 1
        return stream.avail_in > 0
    }
}
