public import NIOCore
public import SteelyardWire

/// Why a transfer ended without a whole answer.
public enum TransferFailure: Hashable, Sendable {
    /// Name lookup, connection, proxy tunnel or TLS failed: nothing was sent.
    case unreachable
    /// The request (or part of it) was sent, and no whole answer head came: the outcome is unknown.
    case noAnswer
    /// The answer broke HTTP: see ``TransferEnd/detail``.
    case malformed
    /// The answer began and broke off.
    case truncated
    /// The owner cancelled it.
    case cancelled
    /// It was not sent, because its opening could not be recorded.
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

/// What happens to a transfer, in this order: at most one `answered`; then pieces, with at most one `undecodable` among
/// them; then exactly one `ended`.
public enum TransferEvent: Sendable {
    /// The request is about to be sent on a connection: from here on it may cost money. Both instants are monotonic
    /// nanoseconds. Between them are name lookup, connection and TLS, whose time is not Steelyard's own. A reused
    /// connection needs none of these; then this event may come as late as the next one.
    /// ``TransferEnd/reachedProvider`` is right in any case.
    case departed(startedAtNanoseconds: UInt64, atNanoseconds: UInt64)
    /// There is room for more of a streamed body.
    case wantsBody
    /// The validated head of the answer and when its first byte was seen (monotonic nanoseconds).
    case answered(AnswerHead, atNanoseconds: UInt64)
    /// A piece of the body as the provider sent it. `decoded` is the same piece without its content coding, if
    /// Steelyard can decode that; it may be empty for now. It is nil if the piece is not coded (read `raw`).
    case piece(raw: ByteBuffer, decoded: ByteBuffer?)
    /// Decoding has failed, or the coded data ended too early.
    case undecodable
    /// The end.
    case ended(TransferEnd)
}

/// Receives the events of a transfer, on its own event loop.
public protocol TransferObserver: AnyObject, Sendable {
    /// Takes all events of one worker round at once.
    func received(_ events: [TransferEvent])
}
