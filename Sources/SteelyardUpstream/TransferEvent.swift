public import NIOCore
public import SteelyardWire

/// Why a transfer ended without a whole answer.
public enum TransferFailure: Hashable, Sendable {
    /// Name lookup, connection, proxy tunnel or TLS failed: nothing was sent.
    case unreachable
    /// The request (or part of it) left and no whole answer head came: the outcome is unknown.
    case noAnswer
    /// The answer broke HTTP: see ``TransferEnd/detail``.
    case malformed
    /// The answer began and broke off.
    case truncated
    /// The owner cancelled it.
    case cancelled
    /// It was not sent: its opening could not be put on record.
    case unrecorded
}

/// How a transfer ended; the last event of every transfer.
public struct TransferEnd: Hashable, Sendable {
    /// Nil when the answer is complete.
    public var failure: TransferFailure?
    /// Whether any byte of the request may have reached the provider: it may have cost money.
    public var reachedProvider: Bool
    /// What happened, for the log: no URL, no header values.
    public var detail: String

    /// Makes an end.
    public init(failure: TransferFailure?, reachedProvider: Bool, detail: String = "") {
        self.failure = failure
        self.reachedProvider = reachedProvider
        self.detail = detail
    }
}

/// What happens to a transfer, in order: at most one `answered`, then pieces, among them at most one `undecodable`, then
/// exactly one `ended`.
public enum TransferEvent: Sendable {
    /// The request is about to leave on a connection: from here on it may cost money. Both instants are monotonic
    /// nanoseconds; between them lie name lookup, connection and TLS, which are not our own doing. When there was
    /// none of that, because a connection was used again, it may be told as late as the next event;
    /// ``TransferEnd/reachedProvider`` says it in any case.
    case departed(startedAtNanoseconds: UInt64, atNanoseconds: UInt64)
    /// Room for more of a streamed body.
    case wantsBody
    /// The validated head of the answer and when its first byte was seen (monotonic nanoseconds).
    case answered(ResponseHead, atNanoseconds: UInt64)
    /// A piece of the body as sent; `decoded` is the same piece without its content coding when that was gzip or
    /// deflate, which may be nothing yet, and nil when the piece is not coded (read `raw`).
    case piece(raw: ByteBuffer, decoded: ByteBuffer?)
    /// Decoding has failed, or the coded data ended too early.
    case undecodable
    /// The end.
    case ended(TransferEnd)
}

/// Who is told about a transfer, on its own event loop.
public protocol TransferObserver: AnyObject, Sendable {
    /// Takes all events of one worker round at once.
    func received(_ events: [TransferEvent])
}
