import NIOCore

/// What the server does against gaps in the libraries it uses; only tests switch any of it off.
///
/// Each has a test that fails without it. The decoder's gaps are those of swift-nio 2.101.2.
struct ServerGuards: OptionSet, Sendable {
    let rawValue: UInt8

    /// Raw bytes are counted, because the decoder's limits do not count request-line spacing and chunk extensions.
    static let byteCounts = ServerGuards(rawValue: 1 << 0)
    /// The decoder's buffer has a limit; without one it buffers everything that it cannot parse.
    static let decoderBufferLimit = ServerGuards(rawValue: 1 << 1)
    /// Nothing reaches the decoder after an upgrade request: it would parse nothing and buffer everything.
    static let upgradeDeafness = ServerGuards(rawValue: 1 << 2)
    /// If a connection is refused while its client still sends, Steelyard reads on for a limited time.
    static let lingeringClose = ServerGuards(rawValue: 1 << 3)

    /// Few unsent bytes wait in the kernel. Its buffer would grow to megabytes, and it reports room only when a third
    /// of it is free: a client that reads slowly and steadily would seem to take nothing.
    static let unsentLimit = ServerGuards(rawValue: 1 << 4)

    /// A listener that cannot accept pauses; NIO would try again at once, without end.
    static let acceptPause = ServerGuards(rawValue: 1 << 5)
    /// A client that sends nothing more is asked whether it still waits; nothing else shows that it has left.
    static let presenceCheck = ServerGuards(rawValue: 1 << 6)
    /// The time of a whole request body is limited, not only the silence within it.
    static let bodyPace = ServerGuards(rawValue: 1 << 7)

    /// Every guard: what production runs with.
    static let all: ServerGuards = [
        .byteCounts, .decoderBufferLimit, .upgradeDeafness, .lingeringClose, .unsentLimit, .acceptPause,
        .presenceCheck, .bodyPace,
    ]
}

/// How long Steelyard reads on after it has stopped sending. A close with unread bytes would cause a reset, which could
/// destroy the answer on its way (RFC 9112 §9.6).
struct LingerLimits: Sendable {
    /// The most bytes that are discarded before the connection is cut.
    var byteCount = 1 << 20
    /// The time until the connection is cut.
    var time = TimeAmount.seconds(5)
    /// If a client has ended its input and no bytes are sent to it for this long, it is asked whether it still waits.
    /// Half a second of a provider's work for nobody costs a fraction of a cent; most answers begin or continue within
    /// it.
    var presence = TimeAmount.milliseconds(500)
}
