import NIOCore

/// The bytes of a streamed body between its owner and libcurl.
struct UploadQueue {
    /// The answer when libcurl asks for bytes.
    enum Answer: Equatable {
        /// This many bytes were copied.
        case copied(Int)
        /// None yet: libcurl is told to wait.
        case wait
        /// The body is complete.
        case end
        /// The body ended before its declared length: the request must not look complete (RFC 9112 §6.3).
        case broken
    }

    /// Below this many waiting bytes the owner is asked for more.
    static let lowWaterBytes = 64 * 1024

    private var waiting = ByteBuffer()
    private var hasEnded = false
    private var isAsking = false
    /// Bytes of the declared length that have not been appended; nil when no length was declared.
    private var missingByteCount: Int64?
    /// Whether libcurl was told to wait and has to be told when there is more.
    private(set) var isPaused = false

    init(length: Int64?) { missingByteCount = length }

    /// Takes a piece; false if the body is now longer than declared. libcurl 8 would not notice, because it reads only
    /// up to the declared length.
    mutating func append(_ piece: ByteBuffer) -> Bool {
        guard !hasEnded else { return true }
        isAsking = false
        if let missing = missingByteCount {
            guard piece.readableBytes <= missing else { return false }
            missingByteCount = missing - Int64(piece.readableBytes)
        }
        join(piece)
        return true
    }

    /// If a provider is slower than its client, the queue never becomes empty, and a buffer does not reuse the space of
    /// bytes that have been read. So once at least as many bytes have been read as still wait, the waiting bytes move
    /// to new memory. Otherwise the whole upload would stay in memory.
    private mutating func join(_ piece: ByteBuffer) {
        guard waiting.readableBytes > 0 else { return waiting = piece }
        if waiting.readerIndex >= waiting.readableBytes {
            var rest = ByteBuffer()
            rest.reserveCapacity(waiting.readableBytes + piece.readableBytes)
            rest.writeImmutableBuffer(waiting)
            waiting = rest
        }
        waiting.writeImmutableBuffer(piece)
    }

    /// The memory in use, including that of bytes that have been sent.
    var heldByteCount: Int { waiting.storageCapacity }

    mutating func end() { hasEnded = true }

    /// Whether the owner should be asked for a piece now; each true means one question.
    mutating func shouldAsk() -> Bool {
        guard !hasEnded, !isAsking, waiting.readableBytes < Self.lowWaterBytes else { return false }
        isAsking = true
        return true
    }

    /// Copies the waiting bytes to libcurl.
    mutating func read(into target: UnsafeMutableRawBufferPointer) -> Answer {
        isPaused = false
        let count = min(waiting.readableBytes, target.count)
        guard count > 0 else { return answerWithoutBytes() }
        waiting.readWithUnsafeReadableBytes { bytes in
            target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return count
        }
        return .copied(count)
    }

    private mutating func answerWithoutBytes() -> Answer {
        if hasEnded { return missingByteCount ?? 0 == 0 ? .end : .broken }
        isPaused = true
        return .wait
    }

    mutating func resumed() { isPaused = false }
}
