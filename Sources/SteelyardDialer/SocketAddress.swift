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

    /// Reads a numeric address; nil for any other text. IPv4 also in the old spellings that resolvers accept, such as
    /// `169.254.43518` (inet(3)).
    init?(_ text: String) {
        let isIPv6 = text.utf8.contains(UInt8(ascii: ":"))
        storage.ss_family = sa_family_t(isIPv6 ? AF_INET6 : AF_INET)
        let parsed = withUnsafeMutableBytes(of: &storage) { target in
            // In both families the address follows the port (RFC 3493 §3.3), in IPv6 after four more bytes.
            let address = UnsafeMutableRawBufferPointer(rebasing: target[(isIPv6 ? 8 : 4)...])
            return isIPv6
                ? inet_pton(AF_INET6, text, address.baseAddress)
                : inet_aton(text, address.baseAddress?.assumingMemoryBound(to: in_addr.self))
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
