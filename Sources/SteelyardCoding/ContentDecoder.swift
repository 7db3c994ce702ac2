public import NIOCore
public import SteelyardWire

/// Decodes a copy of an answer from its content coding (RFC 9110 §8.4.1), piece by piece, within limits.
///
/// It never fails a transfer: from the first error on, it returns no bytes.
public final class ContentDecoder {
    /// If the decoded data is larger than this in total, it counts as a decompression bomb: no answer worth metering
    /// comes near it.
    public static let totalLimitBytes = 256 * 1024 * 1024
    /// If one piece decodes to more than this, it counts as a bomb as well. This limits the memory of one round.
    public static let pieceLimitBytes = 4 * 1024 * 1024

    private enum State {
        /// Before the first two bytes of `deflate`, which distinguish zlib's format from raw deflate. Exits: running,
        /// failed.
        case probing
        /// Exits: finished, failed.
        case running(Decompressor)
        /// The coded data is complete; what follows is ignored.
        case finished
        case failed

        static func starting(_ format: Decompressor.Format) -> State {
            Decompressor(format).map { .running($0) } ?? .failed
        }
    }

    private var state: State
    private var probe = ByteBuffer()
    private var totalBytes = 0
    /// Whether a member or frame has ended and the next one has not begun.
    private var isBetween = false
    private var hasBegun = false

    /// Makes a decoder for an answer in this coding; nil if the answer is not coded. For a coding that cannot be
    /// decoded, the decoder has failed from the start (``hasFailed``).
    public init?(_ coding: ContentCoding) {
        switch coding {
        case .identity: return nil
        case .gzip: state = .starting(.gzip)
        case .zstd: state = .starting(.zstd)
        case .deflate: state = .probing
        case .unreadable: state = .failed
        }
    }

    /// Whether decoding has failed: the coding is not supported, or the data was broken from some point on.
    public var hasFailed: Bool { if case .failed = state { true } else { false } }

    /// Whether the coded data that has come so far is complete.
    public var isWhole: Bool {
        switch state {
        case .probing: probe.readableBytes == 0
        case .running: isBetween || !hasBegun
        case .finished, .failed: true
        }
    }

    /// Decodes the next piece.
    public func decode(_ piece: ByteBuffer) -> ByteBuffer {
        var output = ByteBuffer()
        switch state {
        case .probing: probed(piece, into: &output)
        case .running(let decompressor): decode(piece, with: decompressor, into: &output)
        case .finished, .failed: break
        }
        if hasFailed { output.clear() }
        return output
    }

    /// Servers send either format under the name `deflate` (RFC 9110 §8.4.1.2, note). zlib's format begins with 0x?8
    /// and a check of two bytes (RFC 1950 §2.2).
    private func probed(_ piece: ByteBuffer, into output: inout ByteBuffer) {
        probe.writeImmutableBuffer(piece)
        guard let header: UInt16 = probe.getInteger(at: probe.readerIndex) else { return }
        state = .starting(header >> 8 & 0x0F == 8 && header % 31 == 0 ? .zlib : .rawDeflate)
        if case .running(let decompressor) = state { decode(probe, with: decompressor, into: &output) }
        probe = ByteBuffer()
    }

    private func decode(_ piece: ByteBuffer, with decompressor: Decompressor, into output: inout ByteBuffer) {
        let room = min(max(piece.readableBytes * 4, 1024), 16 * 1024)
        piece.withUnsafeReadableBytes { bytes in
            var rest = bytes[...]
            while case .running = state, step(&rest, with: decompressor, into: &output, room: room) {}
        }
        totalBytes += output.readableBytes
    }

    /// Decodes at least `room` more bytes if there are as many; false when it needs more input.
    private func step(
        _ rest: inout Slice<UnsafeRawBufferPointer>,
        with decompressor: Decompressor,
        into output: inout ByteBuffer,
        room: Int
    ) -> Bool {
        var outcome = (read: 0, written: 0, standing: Decompressor.Standing.broken)
        var isFull = false
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
            outcome = decompressor.step(UnsafeRawBufferPointer(rebasing: rest), into: target)
            isFull = outcome.written == target.count
            return outcome.written
        }
        rest = rest.dropFirst(outcome.read)
        hasBegun = hasBegun || outcome.read > 0
        guard isWithinBounds(output.readableBytes) else { return false }
        return note(outcome.standing, written: outcome.written)
            && (!rest.isEmpty || isFull && outcome.standing == .inside)
    }

    private func isWithinBounds(_ pieceBytes: Int) -> Bool {
        if pieceBytes <= Self.pieceLimitBytes, totalBytes + pieceBytes <= Self.totalLimitBytes { return true }
        state = .failed
        return false
    }

    /// Whether there is more to decode.
    private func note(_ standing: Decompressor.Standing, written: Int) -> Bool {
        switch standing {
        case .inside: isBetween = isBetween && written == 0
        case .atEnd: isBetween = true
        // Padding after a complete member is ignored, as gzip(1) does.
        case .broken:
            state = isBetween && written == 0 ? .finished : .failed
            return false
        }
        return true
    }
}
