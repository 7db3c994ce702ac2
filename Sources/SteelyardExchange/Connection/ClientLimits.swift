import SteelyardPolicy

/// Limits on time and size for clients; from `server.limits` and `server.timeouts`.
public struct ClientLimits: Sendable {
    /// Client connections open at once.
    public var connections = 10_000
    /// This many clients beyond ``connections`` get an answer that says that there are too many; further ones are only
    /// closed.
    public var surplusConnections = 256
    /// TLS handshakes in progress; they count separately from ``connections``.
    public var handshakes = 1024
    /// Request line and fields.
    public var headerBytes = 32 * 1024
    /// From the first byte of a request to the end of its head; and from the start of a connection to the end of its
    /// TLS handshake.
    public var headerTimeout = Duration.seconds(10)
    /// The longest silence within a request body; ``BodyPace`` derives from it the limit for the whole body.
    public var bodyTimeout = Duration.seconds(60)
    /// Between requests.
    public var idleTimeout = Duration.seconds(75)
    /// The longest time in which a client takes none of the bytes that wait for it.
    public var writeStallTimeout = Duration.seconds(60)

    /// The defaults of proxy.yaml.
    public init() {}
}

/// How long Steelyard reads on after it has stopped sending. A close with unread bytes would cause a reset, which could
/// destroy the answer on its way (RFC 9112 §9.6).
public struct LingerLimits: Sendable {
    /// The most bytes that are discarded before the connection is cut.
    public var byteCount = 1 << 20
    /// The time until the connection is cut.
    public var time = Duration.seconds(5)
    /// If a client has ended its input and no bytes are sent to it for this long, it is asked whether it still waits.
    /// Half a second of a provider's work for nobody costs a fraction of a cent; most answers begin or continue within
    /// it.
    public var presence = Duration.milliseconds(500)

    /// What production uses.
    public init() {}
}

/// The time limits of a connection in nanoseconds. They are needed several times for each request, and a `Duration`
/// counts in attoseconds of 128 bits.
struct ConnectionTimes: Sendable {
    let head: UInt64
    let body: UInt64
    let idle: UInt64
    let writeStall: UInt64
    let linger: UInt64
    let presence: UInt64

    init(_ limits: ClientLimits, _ linger: LingerLimits) {
        head = limits.headerTimeout.wholeNanoseconds
        body = limits.bodyTimeout.wholeNanoseconds
        idle = limits.idleTimeout.wholeNanoseconds
        writeStall = limits.writeStallTimeout.wholeNanoseconds
        self.linger = linger.time.wholeNanoseconds
        presence = linger.presence.wholeNanoseconds
    }
}

extension Duration {
    /// The duration in nanoseconds; 0 if it is negative, the largest number if it is longer than that.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflows) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? .max : whole.addingClamped(UInt64(attoseconds / 1_000_000_000))
    }
}
