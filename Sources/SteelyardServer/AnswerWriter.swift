import NIOCore
import SteelyardExchange
import SteelyardWire

/// Frames one answer after another onto a client connection, in the bytes the provider chose for its head.
///
/// Small pieces of one tick are joined into one buffer, so that head and body of a plain answer leave in one `write`.
struct AnswerWriter {
    /// Where the answer stands.
    private enum State {
        /// No head written yet; exits: `open`.
        case fresh
        /// The head is out; exits: `fresh` at the end.
        case open(ClientFraming)
    }

    /// How the client learns where the body ends.
    enum ClientFraming {
        /// By `content-length`, or because there is none.
        case counted
        /// By chunks (RFC 9112 §7.1).
        case chunked
        /// By the end of the connection: HTTP/1.0 clients know no chunks.
        case untilClose
    }

    private static let joinLimitBytes = 16 * 1024
    private var state = State.fresh
    private(set) var pending: ByteBuffer
    private let allocator: ByteBufferAllocator

    init(allocator: ByteBufferAllocator) {
        self.allocator = allocator
        pending = allocator.buffer(capacity: 0)
    }

    /// Whether a head has been written for the current answer.
    var isOpen: Bool { if case .open = state { true } else { false } }

    /// Whether the end of the current answer can only be shown by closing.
    var endsByClosing: Bool { if case .open(.untilClose) = state { true } else { false } }

    /// Writes a head; `closes` announces that the connection ends after this answer.
    mutating func open(_ head: ClientHead, allowsChunks: Bool, closes: Bool) {
        let isDelimited = head.length == .delimited
        let framing: ClientFraming = isDelimited ? (allowsChunks ? .chunked : .untilClose) : .counted
        var bytes: [UInt8] = []
        ResponseHeadWriter.append(
            status: head.status,
            reason: head.reason,
            fields: head.fields,
            framing: head.length.written(allowsChunks: allowsChunks),
            additions: .init(requestID: head.requestID, closes: closes || (isDelimited && !allowsChunks)),
            to: &bytes
        )
        pending.writeBytes(bytes)
        state = .open(framing)
    }

    /// Adds a piece of body; returns buffers that are ready to be written as they are.
    mutating func send(_ piece: ByteBuffer, write: (ByteBuffer) -> Void) {
        guard piece.readableBytes > 0, case .open(let framing) = state else { return }
        if case .chunked = framing { pending.writeChunkSize(piece.readableBytes) }
        if piece.readableBytes < Self.joinLimitBytes {
            pending.writeImmutableBuffer(piece)
        } else {
            write(takePending())
            write(piece)
        }
        if case .chunked = framing { pending.writeStaticString("\r\n") }
    }

    /// Ends the answer; a `counted` one has said so already.
    mutating func end() {
        if case .open(.chunked) = state { pending.writeStaticString("0\r\n\r\n") }
        state = .fresh
    }

    /// Gives up the bytes waiting to be written.
    mutating func takePending() -> ByteBuffer {
        let taken = pending
        pending = allocator.buffer(capacity: 0)
        return taken
    }
}

extension ClientBodyLength {
    /// The framing field that says so.
    fileprivate func written(allowsChunks: Bool) -> ResponseHeadWriter.Framing {
        switch self {
        case .none: .none
        case .length(let length): .length(length)
        case .delimited: allowsChunks ? .chunked : .none
        }
    }
}

extension ByteBuffer {
    /// `chunk-size CRLF` in hexadecimal (RFC 9112 §7.1).
    fileprivate mutating func writeChunkSize(_ size: Int) {
        writeString(String(size, radix: 16))
        writeStaticString("\r\n")
    }
}
