import CCurl
import Glibc

/// An IPv4 or IPv6 address with its port, as the kernel stores it.
struct SocketAddress {
    private var storage: sockaddr_storage

    /// Copies an address to which libcurl is about to connect. The declared `sockaddr` is shorter than an IPv6 address;
    /// libcurl keeps `addrlen` bytes there (`struct Curl_sockaddr_ex`).
    init(_ address: UnsafePointer<curl_sockaddr>) {
        storage = sockaddr_storage()
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
        withUnsafeMutableBytes(of: &storage) { target in
            let count = min(Int(address.pointee.addrlen), target.count)
            target.copyMemory(from: UnsafeRawBufferPointer(start: UnsafeRawPointer(address) + offset, count: count))
        }
    }

    /// Reads a numeric address; nil for any other text.
    init?(_ text: String) {
        storage = sockaddr_storage()
        let family = text.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        storage.ss_family = sa_family_t(family)
        let parsed = withUnsafeMutableBytes(of: &storage) { target in
            inet_pton(family, text, target.baseAddress.map { $0 + (family == AF_INET6 ? 8 : 4) })
        }
        guard parsed == 1 else { return nil }
    }

    private init?(of descriptor: Int32, asking ask: (Int32, UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32) {
        storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { ask(descriptor, $0, &length) }
        }
        guard result == 0 else { return nil }
    }

    /// The address to which a socket is bound.
    static func local(of descriptor: Int32) -> SocketAddress? {
        SocketAddress(of: descriptor) { getsockname($0, $1, &$2) }
    }

    /// The address to which a socket is connected.
    static func peer(of descriptor: Int32) -> SocketAddress? {
        SocketAddress(of: descriptor) { getpeername($0, $1, &$2) }
    }

    /// The port; both families store it in the same place (RFC 3493 §3.3).
    var port: UInt16 {
        withUnsafeBytes(of: storage) { UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    /// The address in network order: 4 or 16 bytes; empty for another family.
    private var hostBytes: [UInt8] {
        withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET: Array(bytes[4..<8])
            case AF_INET6: Array(bytes[8..<24])
            default: []
            }
        }
    }

    /// Whether `text`, a numeric address, means this address.
    func isSpelled(_ text: UnsafePointer<CChar>) -> Bool {
        var parsed = [UInt8](repeating: 0, count: 16)
        guard inet_pton(Int32(storage.ss_family), text, &parsed) == 1 else { return false }
        let host = hostBytes
        return Array(parsed.prefix(host.count)) == host
    }

    /// 169.254.0.0/16 (RFC 3927), also written as an IPv6 address (RFC 4291 §2.5.5.2), and fe80::/10 (§2.5.6).
    var isLinkLocal: Bool {
        let host = hostBytes
        guard host.count == 16 else { return host.starts(with: [169, 254]) }
        let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if host.starts(with: mappedPrefix) { return host[12...].starts(with: [169, 254]) }
        return host[0] == 0xFE && host[1] & 0xC0 == 0x80
    }
}
