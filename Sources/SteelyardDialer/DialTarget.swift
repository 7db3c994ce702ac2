/// Where a connection goes. It comes from the operator's configuration, never from a client.
public struct DialTarget: Hashable, Sendable {
    /// A host name, or a numeric address without brackets.
    public var host: String
    /// The TCP port.
    public var port: UInt16
    /// The proxy that opens the connection: `http://host:port`, which is asked with CONNECT (RFC 9110 §9.3.6), or
    /// `socks5h://host:port` (RFC 1928, with names that the proxy looks up). Nil: none, whatever the environment says.
    public var proxy: String?
    /// Whether the connection may go to a link-local address (169.254.0.0/16, fe80::/10).
    public var allowsLinkLocal: Bool

    /// Makes a target.
    public init(host: String, port: UInt16, proxy: String? = nil, allowsLinkLocal: Bool = false) {
        self.host = host
        self.port = port
        self.proxy = proxy
        self.allowsLinkLocal = allowsLinkLocal
    }
}

extension DialTarget {
    /// The proxies that are understood. TLS to a proxy would have to be spoken on the socket after it was handed over.
    /// `socks5` and `socks4` look the name up on this side, and nobody would check the address that they find.
    private static let proxySchemes = ["http://", "socks5h://"]

    /// Why this target is not dialed; nil if it is.
    func refusal(under guards: DialGuards) -> DialFailure? {
        guard let proxy else { return nil }
        guard Self.proxySchemes.contains(where: proxy.lowercased().hasPrefix) else { return .unusableTarget }
        // Without a proxy the socket's own address is checked, which covers numeric hosts too.
        guard guards.contains(.linkLocal), !allowsLinkLocal else { return nil }
        return SocketAddress(host)?.isLinkLocal == true ? .linkLocal : nil
    }
}
