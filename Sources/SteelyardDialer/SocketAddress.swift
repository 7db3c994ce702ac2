import CCurl
import Glibc

/// An IPv4 or IPv6 address, as the kernel stores it.
struct SocketAddress {
    private var storage = sockaddr_storage()

    /// Copies an address to which libcurl is about to connect. The declared `sockaddr` is shorter than an IPv6 address;
    /// libcurl keeps `addrlen` bytes there (`struct Curl_sockaddr_ex`).
    init(_ address: UnsafePointer<curl_sockaddr>) {
        let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0
        withUnsafeMutableBytes(of: &storage) { target in
            let count = min(Int(address.pointee.addrlen), target.count)
            target.copyMemory(from: UnsafeRawBufferPointer(start: UnsafeRawPointer(address) + offset, count: count))
        }
    }

    /// Reads a numeric address; nil for any other text.
    init?(_ text: String) {
        let family = text.utf8.contains(UInt8(ascii: ":")) ? AF_INET6 : AF_INET
        storage.ss_family = sa_family_t(family)
        let parsed = withUnsafeMutableBytes(of: &storage) { target in
            inet_pton(family, text, target.baseAddress.map { $0 + (family == AF_INET6 ? 8 : 4) })
        }
        guard parsed == 1 else { return nil }
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

    /// 169.254.0.0/16 (RFC 3927), also written as an IPv6 address (RFC 4291 §2.5.5.2), and fe80::/10 (§2.5.6).
    var isLinkLocal: Bool {
        let host = hostBytes
        guard host.count == 16 else { return host.starts(with: [169, 254]) }
        let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        if host.starts(with: mappedPrefix) { return host[12...].starts(with: [169, 254]) }
        return host[0] == 0xFE && host[1] & 0xC0 == 0x80
    }
}
