/// A TCP address to listen on: `127.0.0.1:8080`, `[::1]:8080`, `0.0.0.0:8080`, `gateway.internal:8080`.
public struct ListenAddress: Hashable, Sendable {
    /// An IPv4 address, an IPv6 address without brackets, or a host name.
    public var host: String
    /// The port; 0 lets the kernel choose one.
    public var port: UInt16

    /// Makes an address from parts that the caller has checked.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// The default of both listeners: only this machine can reach it.
    public static let standard = ListenAddress(host: "127.0.0.1", port: 8080)

    /// Whether only this machine can connect. A name other than `localhost` may resolve to anything, so it is not
    /// loopback.
    public var isLoopback: Bool { InternetAddress(host)?.isLoopback ?? InternetAddress.isLoopbackName(host) }

    /// Whether it stands for every address of the machine.
    public var isWildcard: Bool { InternetAddress(host)?.isUnspecified ?? false }

    /// Whether both are one socket: the same port of the same host, however it is written (`::1` and `0:0::1`).
    public func isSame(as other: ListenAddress) -> Bool { port == other.port && hasSameHost(as: other) }

    /// Whether one includes the other but is not the same, so that the kernel refuses to open both.
    public func collides(with other: ListenAddress) -> Bool {
        port == other.port && port != 0 && !hasSameHost(as: other) && (isWildcard || other.isWildcard)
    }

    private func hasSameHost(as other: ListenAddress) -> Bool {
        guard let here = InternetAddress(host), let there = InternetAddress(other.host) else {
            return host.lowercased() == other.host.lowercased()
        }
        return here == there
    }
}

extension ListenAddress: CustomStringConvertible {
    /// The form in proxy.yaml, with IPv6 in brackets.
    public var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
