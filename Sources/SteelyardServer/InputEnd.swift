import NIOCore

/// The end of what a client sends, while it has an answer to come.
///
/// A client that closes its connection and one that ends only its own direction look alike: both are a FIN (RFC 9293
/// §3.6). Bytes that we send tell them apart, because a closed socket answers them by a reset. So the next bytes of the
/// answer tell; where none leave in time, the client has to be asked (docs/decisions/0024).
struct InputEnd {
    /// Whether the client sends nothing more.
    private(set) var hasCome = false
    /// When to ask; nil when there is nothing to find out.
    private(set) var asksAt: NIODeadline?

    /// A FIN has come; the client is asked at `instant`, or never.
    mutating func came(asking instant: NIODeadline?) {
        hasCome = true
        asksAt = instant
    }

    /// Bytes leave for the client: if it is gone, its reset says so.
    mutating func wrote() { asksAt = nil }

    /// Whether the time to ask has come.
    func isDue(at now: NIODeadline) -> Bool { asksAt.map { $0 <= now } ?? false }
}
