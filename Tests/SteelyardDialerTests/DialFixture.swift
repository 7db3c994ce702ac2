import Glibc
import ScriptedPeer
import SteelyardDialer

/// A proxy that no test configures: the environment of the whole test process names it, as a container's might, and
/// exempts one host from it.
enum EnvironmentProxy {
    static let server: ScriptedServer = {
        let server = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")
        for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
            setenv(name, "http://127.0.0.1:\(server.port)", 1)
        }
        setenv("no_proxy", exemptHost, 1)
        return server
    }()
    static let exemptHost = "exempt.invalid"
}

/// A dialer in a process whose environment names a proxy.
final class DialFixture: Sendable {
    let dialer: Dialer

    init(guards: DialGuards = .all) throws {
        _ = EnvironmentProxy.server
        dialer = try Dialer(guards: guards)
    }

    /// Opens one connection.
    func open(_ target: DialTarget, within seconds: Double = 30) async throws(DialFailure) -> TestSocket {
        try await dialer.open(target, within: seconds)
    }
}

extension Dialer {
    /// Opens one connection.
    func open(_ target: DialTarget, within seconds: Double = 30) async throws(DialFailure) -> TestSocket {
        try await result(target, within: seconds).get()
    }

    /// Opens one connection; the failure is a value.
    func result(_ target: DialTarget, within seconds: Double = 30) async -> Result<TestSocket, DialFailure> {
        await withCheckedContinuation { continuation in
            dial(target, within: seconds) { continuation.resume(returning: $0.map(TestSocket.init)) }
        }
    }

    /// Why there is no connection; nil if there is one.
    func failure(_ target: DialTarget, within seconds: Double = 30) async -> DialFailure? {
        if case .failure(let failure) = await result(target, within: seconds) { return failure }
        return nil
    }
}

extension DialTarget {
    /// A port on this machine.
    static func loopback(_ port: UInt16, proxy: UInt16? = nil) -> DialTarget {
        DialTarget(host: "127.0.0.1", port: port, proxy: proxy.map { "http://127.0.0.1:\($0)" })
    }

    /// A host that only the proxy knows.
    static func behind(_ proxy: ScriptedServer, host: String = "provider.invalid") -> DialTarget {
        DialTarget(host: host, port: 443, proxy: "http://127.0.0.1:\(proxy.port)")
    }
}

/// A descriptor that a dialer has handed over; closed with the last reference.
final class TestSocket: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Sends a text and reads what comes back.
    func exchange(_ text: String) -> String {
        Array(text.utf8).withUnsafeBytes { _ = send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        return read()
    }

    /// What comes next; empty at the end of the connection.
    func read() -> String {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waited, 1, -1)
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }

    /// What has come within `text`'s length.
    func read(_ length: Int) -> String {
        var text = ""
        while text.utf8.count < length {
            let more = read()
            if more.isEmpty { break }
            text += more
        }
        return text
    }

    /// A socket option.
    func option(_ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    /// The port of the peer.
    var peerPort: UInt16? { SocketPorts.peer(descriptor) }
}

/// Ports of any descriptor.
enum SocketPorts {
    /// The port of the peer; nil for what is no connected socket.
    static func peer(_ descriptor: Int32) -> UInt16? { port(descriptor, getpeername) }

    /// The port that a socket is bound to.
    static func local(_ descriptor: Int32) -> UInt16? { port(descriptor, getsockname) }

    /// How many descriptors of this process are connected to a port.
    static func descriptorCount(connectedTo port: UInt16) -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return (0..<Int32(min(limit.rlim_cur, 65_536))).count { peer($0) == port }
    }

    private static func port(
        _ descriptor: Int32,
        _ ask: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &length) }
        }
        let isInternet = [AF_INET, AF_INET6].contains(Int32(address.sin6_family))
        return result == 0 && isInternet ? UInt16(bigEndian: address.sin6_port) : nil
    }
}

/// A port that accepts nothing: the kernel opens connections for it until its queue is full.
final class SilentPort: Sendable {
    let port: UInt16
    private let descriptor: Int32

    /// Listens on 127.0.0.1 or, for `isIPv6`, on ::1; nil if this machine has no such address.
    init?(backlog: Int32, isIPv6: Bool = false) {
        descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        guard Self.bind(descriptor, isIPv6), listen(descriptor, backlog) == 0,
            let port = SocketPorts.local(descriptor)
        else {
            close(descriptor)
            return nil
        }
        self.port = port
    }

    deinit { close(descriptor) }

    /// From now on the port refuses connections, and stays taken.
    func stopListening() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private static func bind(_ descriptor: Int32, _ isIPv6: Bool) -> Bool {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_addr = in6addr_loopback
            return bind(descriptor, &address)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return bind(descriptor, &address)
    }

    private static func bind<Address>(_ descriptor: Int32, _ address: inout Address) -> Bool {
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            }
        }
    }
}
