import SteelyardPolicy

/// The end of a client's input while its answer is outstanding.
///
/// A client that closes its connection and one that ends only its own direction look the same: both send a FIN (RFC
/// 9293 §3.6). Bytes that Steelyard sends show the difference, because a closed socket replies with a reset. So the
/// next bytes of the answer show it. If none are sent in time, Steelyard has to ask the client (docs/decisions/0024).
struct InputEnd: Sendable {
    /// Whether the client sends nothing more.
    private(set) var hasCome = false
    /// When to ask; nil when there is nothing to find out.
    private(set) var asksAt: Tick?

    /// A FIN has come; the client is asked at `instant`, or never if it is nil.
    mutating func came(asking instant: Tick?) {
        hasCome = true
        asksAt = instant
    }

    /// Bytes are sent to the client: if it is gone, it replies with a reset.
    mutating func wrote() { asksAt = nil }

    /// Whether the time to ask has come.
    func isDue(at now: Tick) -> Bool { asksAt.map { $0 <= now } ?? false }
}
