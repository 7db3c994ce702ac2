public import SteelyardWire

/// What the owner of a client connection must do next.
public enum ClientStep: Sendable {
    /// A request begins: decide who answers it.
    indirect case begin(RequestHead)
    /// Bytes of its body, as positions in the bytes that were passed.
    case body(Range<Int>)
    /// It is complete.
    case requestEnd
    /// It is broken, or comes too slowly: answer this if no answer has begun, else break the answer off.
    indirect case fail(Refusal)
    /// Ask the client whether it still waits, by `100 Continue`.
    case askPresence
    /// The exchange's own time limit may have passed.
    case timePassed
    /// The end of the connection.
    case leave(ConnectionEnding)
}

/// The ways in which Steelyard ends a client connection.
public enum ConnectionEnding: Hashable, Sendable {
    /// Sends what was written, then closes.
    case close
    /// Sends what was written, then only its own end, and discards what still comes until the client closes or a limit
    /// is reached.
    case linger
    /// Closes now; the kernel still sends what it has taken.
    case closeNow
    /// Closes now by a reset; what waits to be sent is lost.
    case cut
}
