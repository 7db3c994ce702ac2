import NIOCore
import SteelyardExchange
import SteelyardWire

/// Writes one answer after another as HTTP/1.1, with the head as the provider sent it.
///
/// Small pieces of one tick are joined into one buffer, so that head and body of a plain answer are sent in one
/// `write`.
struct AnswerWriter {
    /// The state of the answer.
    private enum State {
        /// No head written yet; exits: `open`.
        case fresh
        /// The head is written; exits: `fresh` at the end.
        case open(ClientFraming)
    }

    /// How the client knows where the body ends.
    private enum ClientFraming {
        /// By `content-length`, or because there is none.
        case counted
        /// By chunks (RFC 9112 §7.1).
        case chunked
        /// By the end of the connection, because HTTP/1.0 clients do not know chunks.
        case untilClose
    }

    /// A piece of at least this size is not copied: the copy would cost more than another element in the `writev`.
    private static let joinLimitBytes = 16 * 1024
    /// At least the length of the size line and the line end of any chunk.
    private static let chunkFramingBytes = 32
    private var state = State.fresh
    private var pending = ByteBuffer()
    private var chunkSize: [UInt8] = []

    /// Whether a head has been written for the current answer.
    var isOpen: Bool { if case .open = state { true } else { false } }

    /// Whether only closing the connection can show the end of the current answer.
    var endsByClosing: Bool { if case .open(.untilClose) = state { true } else { false } }

    /// Whether there are bytes to take and write.
    var hasPending: Bool { pending.readableBytes > 0 }

    /// Writes a head; `closes` announces that the connection ends after this answer.
    mutating func open(_ clientHead: ClientHead, allowsChunks: Bool, closes: Bool) {
        let isDelimited = clientHead.length == .delimited
        let framing: ClientFraming = isDelimited ? (allowsChunks ? .chunked : .untilClose) : .counted
        // The buffer is not kept: a connection has one head, and then pieces for minutes.
        var head: [UInt8] = []
        AnswerHeadWriter.append(
            status: clientHead.status,
            reason: clientHead.reason,
            fields: clientHead.fields,
            framing: clientHead.length.written(allowsChunks: allowsChunks),
            additions: .init(requestID: clientHead.requestID, closes: closes || (isDelimited && !allowsChunks)),
            to: &head
        )
        pending.writeBytes(head)
        state = .open(framing)
    }

    /// Adds a piece of body. A large one is passed to `write` at once, after the pending bytes.
    mutating func send(_ piece: ByteBuffer, write: (ByteBuffer) -> Void) {
        guard case .open(let framing) = state else { return }
        guard piece.readableBytes >= Self.joinLimitBytes else { return join(piece.readableBytesUInt8Span, framing) }
        beginPiece(piece.readableBytes, joinedBytes: 0, framing)
        if hasPending { write(takePending()) }
        write(piece)
        endPiece(framing)
    }

    /// Adds a piece of body by copying it, whatever its size.
    mutating func send(copying piece: Span<UInt8>) {
        if case .open(let framing) = state { join(piece, framing) }
    }

    private mutating func join(_ piece: Span<UInt8>, _ framing: ClientFraming) {
        guard !piece.isEmpty else { return }
        beginPiece(piece.count, joinedBytes: piece.count, framing)
        _ = piece.withUnsafeBufferPointer { pending.writeBytes($0) }
        endPiece(framing)
    }

    private mutating func beginPiece(_ size: Int, joinedBytes: Int, _ framing: ClientFraming) {
        // One allocation instead of one for each part of a chunk.
        pending.reserveCapacity(minimumWritableBytes: Self.chunkFramingBytes + joinedBytes)
        if case .chunked = framing { writeChunkSize(size) }
    }

    private mutating func endPiece(_ framing: ClientFraming) {
        if case .chunked = framing { pending.writeStaticString("\r\n") }
    }

    private mutating func writeChunkSize(_ size: Int) {
        chunkSize.removeAll(keepingCapacity: true)
        ChunkFraming.appendSize(size, to: &chunkSize)
        pending.writeBytes(chunkSize)
    }

    /// Ends the answer. A `counted` answer needs no mark for its end.
    mutating func end() {
        if case .open(.chunked) = state { pending.writeStaticString("0\r\n\r\n") }
        state = .fresh
    }

    /// Returns the bytes that wait to be written.
    mutating func takePending() -> ByteBuffer {
        let taken = pending
        pending = ByteBuffer()
        return taken
    }
}

extension ClientBodyLength {
    /// The header field for the framing.
    fileprivate func written(allowsChunks: Bool) -> AnswerHeadWriter.Framing {
        switch self {
        case .none: .none
        case .length(let length): .length(length)
        case .delimited: allowsChunks ? .chunked : .none
        }
    }
}
