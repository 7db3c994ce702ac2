/// What keeps a connection on the way that the operator configured; only tests switch any of it off.
///
/// Each has a test that fails without it.
public struct DialGuards: OptionSet, Sendable {
    /// One bit per guard.
    public let rawValue: Int

    /// Makes a set from its bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// `http_proxy`, `no_proxy` and similar variables of the environment are ignored.
    public static let noEnvironmentProxy = DialGuards(rawValue: 1 << 0)
    /// Link-local addresses (cloud metadata services) are dialed only if the target allows it.
    public static let linkLocal = DialGuards(rawValue: 1 << 1)
    /// A lookup that nobody waits for any more does not block the others (`CURLOPT_QUICK_EXIT`).
    public static let quickExit = DialGuards(rawValue: 1 << 2)

    /// Every guard: what production runs with.
    public static let all: DialGuards = [.noEnvironmentProxy, .linkLocal, .quickExit]
}
