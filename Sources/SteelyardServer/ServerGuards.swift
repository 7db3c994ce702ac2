import NIOCore

/// What this side does against gaps of what it builds on; only tests switch any of it off.
///
/// Each has a test that fails without it. The decoder's gaps are those of swift-nio 2.101.2.
struct ServerGuards: OptionSet, Sendable {
    let rawValue: UInt8

    /// Raw bytes are counted, because the decoder's limits leave out request-line spacing and chunk extensions.
    static let byteCounts = ServerGuards(rawValue: 1 << 0)
    /// The decoder's buffer has a limit: it holds whatever it cannot parse, without end.
    static let decoderBufferLimit = ServerGuards(rawValue: 1 << 1)
    /// Nothing reaches the decoder after an upgrade request, after which it parses nothing and buffers everything.
    static let upgradeDeafness = ServerGuards(rawValue: 1 << 2)
    /// A connection that is refused while its client still sends is read on for a bounded while.
    static let lingeringClose = ServerGuards(rawValue: 1 << 3)

    /// Little waits unsent in the kernel. Its buffer grows to megabytes, and room is reported only when a third of it is
    /// free: a client that reads slowly and steadily would seem to take nothing at all.
    static let unsentLimit = ServerGuards(rawValue: 1 << 4)

    /// A listener that cannot accept pauses: NIO tries again at once and without end.
    static let acceptPause = ServerGuards(rawValue: 1 << 5)
    /// A client that sends nothing more is asked whether it waits: nothing else tells that it has left.
    static let presenceCheck = ServerGuards(rawValue: 1 << 6)
    /// The time of a whole request body is bounded, not only the silence within it.
    static let bodyPace = ServerGuards(rawValue: 1 << 7)

    /// Every guard: what production runs with.
    static let all: ServerGuards = [
        .byteCounts, .decoderBufferLimit, .upgradeDeafness, .lingeringClose, .unsentLimit, .acceptPause,
        .presenceCheck, .bodyPace,
    ]
}

/// How long a connection whose output is closed is still read, so that the answer on its way is not destroyed by the
/// reset that a close with unread bytes causes (RFC 9112 §9.6).
struct LingerLimits: Sendable {
    /// Bytes discarded before the connection is cut.
    var byteCount = 1 << 20
    /// Time before the connection is cut.
    var time = TimeAmount.seconds(5)
    /// How long a client that sends nothing more may be sent nothing before it is asked whether it waits. Half a second
    /// of a provider's work for nobody costs a fraction of a cent; most answers begin or go on within it.
    var presence = TimeAmount.milliseconds(500)
}
