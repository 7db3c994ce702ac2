public import NIOCore
public import SteelyardExchange
public import SteelyardPolicy
public import SteelyardWire

/// What happens to a transfer, in this order: at most one `answered`; then pieces, with at most one `undecodable` among
/// them; then exactly one `ended`.
public enum TransferEvent: Sendable {
    /// The request is about to be sent on a connection: from here on it may cost money. Between the two
    /// instants are name lookup, connection and TLS, whose time is not Steelyard's own. A reused connection needs none
    /// of these; then this event may come as late as the next one. ``TransferEnd/reachedProvider`` is right in any case.
    case departed(startedAt: Tick, at: Tick)
    /// There is room for more of a streamed body.
    case wantsBody
    /// The validated head of the answer and when its first byte was seen.
    case answered(AnswerHead, firstByteAt: Tick)
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
