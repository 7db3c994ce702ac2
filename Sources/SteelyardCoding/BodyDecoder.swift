public import NIOCore
public import SteelyardWire

/// Decodes a complete request body, one slice at a time.
///
/// It is stricter than the decoder for answers. If the data ends early or is followed by something else, the server may
/// read it differently, so no decision may be based on it.
public final class BodyDecoder {
    /// The output of one slice, which takes a millisecond or two.
    public static let sliceBytes = 256 * 1024
    /// Any body may decode to this size, however small it is; above it, ``ratioLimit`` applies.
    public static let freeBytes = 1 << 20
    /// JSON shrinks to a tenth, repetitive JSON to a thirtieth. Data that shrinks much further is a bomb.
    public static let ratioLimit = 100

    /// The state after a slice.
    public enum Progress: Sendable {
        /// There is more to decode.
        case more
        /// ``decoded`` is complete.
        case decoded
        /// The decoded body is larger than allowed, or larger than any sensible body.
        case tooLarge
        /// The data is not in the coding that its label names.
        case broken
    }

    /// The output so far.
    public private(set) var decoded = ByteBuffer()
    /// The memory that the decoder uses in addition to the output.
    public let workingBytes: Int

    private let coded: ByteBuffer
    private let limitBytes: Int
    private let decompressor: Decompressor
    private var position = 0

    /// Makes a decoder; nil for a body that is not coded, for a coding that is not supported, or when there is no
    /// memory.
    public init?(_ coding: ContentCoding, of coded: ByteBuffer, limitBytes: Int) {
        guard let format = coding.requestFormat, let decompressor = Decompressor(format) else { return nil }
        self.decompressor = decompressor
        self.coded = coded
        self.limitBytes = min(limitBytes, max(Self.freeBytes, coded.readableBytes * Self.ratioLimit))
        workingBytes = format == .zstd ? 1 << Decompressor.zstdWindowLog : 64 * 1024
    }

    /// Decodes the next slice.
    public func advance() -> Progress {
        let room = min(Self.sliceBytes, max(4096, coded.readableBytes * 4))
        let (written, standing) = step(room: room)
        guard standing != .broken else { return .broken }
        guard decoded.readableBytes <= limitBytes else { return .tooLarge }
        if position == coded.readableBytes {
            if standing == .atEnd { return .decoded }
            if written < room { return .broken }
        }
        return .more
    }

    private func step(room: Int) -> (written: Int, standing: Decompressor.Standing) {
        coded.withUnsafeReadableBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position..<min(position + Self.sliceBytes, bytes.count)])
            var outcome = (read: 0, written: 0, standing: Decompressor.Standing.broken)
            decoded.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { target in
                outcome = decompressor.step(rest, into: UnsafeMutableRawBufferPointer(rebasing: target[..<room]))
                return outcome.written
            }
            position += outcome.read
            let isStuck = outcome.read == 0 && outcome.written == 0 && !rest.isEmpty
            return (outcome.written, isStuck ? .broken : outcome.standing)
        }
    }
}

extension ContentCoding {
    /// The one format that every server reads under this name. Raw data under the name `deflate` is read by some
    /// servers only.
    fileprivate var requestFormat: Decompressor.Format? {
        switch self {
        case .gzip: .gzip
        case .deflate: .zlib
        case .zstd: .zstd
        case .identity, .unreadable: nil
        }
    }
}
