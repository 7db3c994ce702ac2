public import NIOCore
public import SteelyardWire

/// Undoes the coding of a request's body, all of which is there, a slice at a time.
///
/// It is strict where an answer's reader is not: data that ends early or is followed by something else may be read
/// differently by its server, and so is nothing that a decision may rest on.
public final class BodyDecoder {
    /// How much is made at once: a millisecond or two.
    public static let sliceBytes = 256 * 1024
    /// So much is made of any body, however small; beyond, ``ratioLimit`` holds.
    public static let freeBytes = 1 << 20
    /// JSON shrinks to a tenth, repetitive JSON to a thirtieth; what shrinks further is a bomb.
    public static let ratioLimit = 100

    /// Where it stands after a slice.
    public enum Progress: Sendable {
        /// There is more.
        case more
        /// ``decoded`` is whole.
        case decoded
        /// It is larger than allowed, or than anything sensible would be.
        case tooLarge
        /// It is not what its label says.
        case broken
    }

    /// What has been made so far.
    public private(set) var decoded = ByteBuffer()
    /// The memory it works in beside that.
    public let workingBytes: Int

    private let coded: ByteBuffer
    private let limitBytes: Int
    private let decompressor: Decompressor
    private var position = 0

    /// Begins; nil for what is not coded, or not in a way that is known here.
    public init?(_ coding: ContentCoding, of coded: ByteBuffer, limitBytes: Int) {
        guard let format = coding.requestFormat, let decompressor = Decompressor(format) else { return nil }
        self.decompressor = decompressor
        self.coded = coded
        self.limitBytes = min(limitBytes, max(Self.freeBytes, coded.readableBytes * Self.ratioLimit))
        workingBytes = format == .zstd ? 1 << Decompressor.zstdWindowLog : 64 * 1024
    }

    /// Makes the next slice.
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
    /// The one format that every server reads under this name: raw data under the name `deflate` is read by some only.
    fileprivate var requestFormat: Decompressor.Format? {
        switch self {
        case .gzip: .gzip
        case .deflate: .zlib
        case .zstd: .zstd
        case .identity, .unreadable: nil
        }
    }
}
