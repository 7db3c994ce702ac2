/// What Steelyard does against known faults of HTTP clients; only tests switch any of it off.
///
/// Each has a test that fails without it. The faults are those of libcurl 7.88.1, the version in Debian 12; newer
/// versions repaired some.
public struct TransferGuards: OptionSet, Sendable {
    /// One bit per guard.
    public let rawValue: Int

    /// Makes a set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// A request is sent once. libcurl repeats it, even a POST, when a reused connection dies before the answer.
    public static let resend = TransferGuards(rawValue: 1 << 0)
    /// A connection that holds unread bytes gets no further request: libcurl would take these bytes for its answer.
    public static let uncleanReuse = TransferGuards(rawValue: 1 << 1)
    /// A broken answer head is refused. libcurl accepts contradicting lengths, bare line feeds and incomplete heads.
    public static let headValidation = TransferGuards(rawValue: 1 << 2)
    /// Redirects are passed to the client, because the key must not be sent to another host.
    public static let noRedirects = TransferGuards(rawValue: 1 << 3)
    /// `http_proxy` and similar variables of the environment are ignored.
    public static let noEnvironmentProxy = TransferGuards(rawValue: 1 << 4)
    /// Link-local addresses (cloud metadata services) are reached only if the provider's settings allow it.
    public static let linkLocal = TransferGuards(rawValue: 1 << 5)

    /// Every guard: what production runs with.
    public static let all: TransferGuards = [
        .resend, .uncleanReuse, .headValidation, .noRedirects, .noEnvironmentProxy, .linkLocal,
    ]
}
