import Glibc

/// Why there is no connection. Nothing was sent to the target.
public enum DialFailure: Error, Hashable, Sendable {
    /// ``Dial/cancel()`` or ``Dialer/shutdown()`` was called first.
    case cancelled
    /// Name lookup, connection and tunnel together took longer than the caller allowed.
    case timedOut
    /// The host name has no address, or the lookup failed.
    case unknownHost
    /// The same for the proxy's name.
    case unknownProxy
    /// No address of the host accepted the connection; `code` is the last `errno`, 0 if libcurl does not say.
    case unreachable(code: Int32)
    /// No address of the proxy accepted the connection.
    case proxyUnreachable(code: Int32)
    /// The proxy answered CONNECT with another status than 2xx.
    case proxyRefused(status: Int)
    /// The proxy closed the connection, answered with something else than its protocol, or could not reach the host.
    case proxyFailed
    /// The host has a link-local address and no leave for it.
    case linkLocal
    /// The target's host or proxy is not one that can be dialed.
    case unusableTarget
    /// This machine has no descriptor or memory left; `code` is the `errno`.
    case system(code: Int32)

    /// A sentence for the log and for the client's 502, without URL, address or credential.
    public var detail: String {
        switch self {
        case .cancelled: "the connection was given up before it was open"
        case .timedOut: "the connection was not open in time"
        case .unknownHost: "the host name could not be resolved"
        case .unknownProxy: "the name of the outbound proxy could not be resolved"
        case .unreachable(let code): "the host could not be reached\(Self.reason(code))"
        case .proxyUnreachable(let code): "the outbound proxy could not be reached\(Self.reason(code))"
        case .proxyRefused(let status): "the outbound proxy refused the connection with status \(status)"
        case .proxyFailed: "the outbound proxy did not open the connection"
        case .linkLocal: "the host has a link-local address, which this provider's settings do not allow"
        case .unusableTarget: "the host or the outbound proxy cannot be used as it is written"
        case .system(let code): "Steelyard could not open a socket\(Self.reason(code))"
        }
    }

    /// The system's words for an error number: `: Connection refused`.
    private static func reason(_ code: Int32) -> String {
        guard code != 0, let text = strerror(code) else { return "" }
        return ": " + String(cString: text)
    }
}
