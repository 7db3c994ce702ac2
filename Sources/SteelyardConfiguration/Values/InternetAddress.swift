/// An IP address read from text, to recognise loopback, wildcard and link-local addresses.
///
/// IPv4 is stored as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), so that `::ffff:127.0.0.1` equals `127.0.0.1`.
struct InternetAddress: Hashable, Sendable {
    private let bits: UInt128

    private static let mappedPrefix: UInt128 = 0xffff_0000_0000

    /// Reads dotted-quad IPv4 or RFC 4291 §2.2 IPv6 text without brackets or zone; nil for anything else.
    init?(_ text: String) {
        if let quad = Self.dottedQuad(text) {
            bits = Self.mappedPrefix | UInt128(quad)
        } else if let groups = Self.groups(text) {
            bits = groups.reduce(0) { $0 << 16 | UInt128($1) }
        } else {
            return nil
        }
    }

    /// The IPv4 address, if it is one.
    private var version4: UInt32? { bits >> 32 == 0xffff ? UInt32(truncatingIfNeeded: bits) : nil }

    /// 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1.
    var isLoopback: Bool { version4.map { $0 >> 24 == 127 } ?? (bits == 1) }

    /// 0.0.0.0 or ::.
    var isUnspecified: Bool { version4.map { $0 == 0 } ?? (bits == 0) }

    /// 169.254.0.0/16 (RFC 3927) or fe80::/10 (RFC 4291 §2.5.6): where cloud platforms serve instance credentials.
    var isLinkLocal: Bool { version4.map { $0 >> 16 == 0xa9fe } ?? (bits >> 118 == 0xfe80 >> 6) }

    /// `localhost` and the names below it never leave the machine (RFC 6761 §6.3).
    static func isLoopbackName(_ name: String) -> Bool {
        let lowered = name.lowercased()
        return lowered == "localhost" || lowered.hasSuffix(".localhost")
    }

    /// Four decimal numbers without leading zeros, because some readers take `010.0.0.1` as octal and others as
    /// decimal.
    private static func dottedQuad(_ text: String) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var quad: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                part == "0" || !part.hasPrefix("0"), let byte = UInt8(part)
            else { return nil }
            quad = quad << 8 | UInt32(byte)
        }
        return quad
    }

    /// The eight groups of an IPv6 address, with `::` expanded.
    private static func groups(_ text: String) -> [UInt16]? {
        guard (2...45).contains(text.utf8.count) else { return nil }
        guard let gap = text.firstDoubleColon else { return side(text[...]).flatMap { $0.count == 8 ? $0 : nil } }
        let after = text.index(gap, offsetBy: 2)
        guard let head = side(text[..<gap]), let tail = side(text[after...]), head.count + tail.count < 8 else {
            return nil
        }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups without `::`; the last two may be written as a dotted quad.
    private static func side(_ text: Substring) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (position, part) in parts.enumerated() {
            if position == parts.count - 1, let quad = dottedQuad(String(part)) {
                groups += [UInt16(truncatingIfNeeded: quad >> 16), UInt16(truncatingIfNeeded: quad)]
            } else if (1...4).contains(part.utf8.count), part.utf8.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}

extension String {
    /// Where the first `::` starts.
    fileprivate var firstDoubleColon: Index? {
        indices.first { self[$0...].hasPrefix("::") }
    }
}

extension UInt8 {
    /// `0`–`9`, `a`–`f` or `A`–`F`; `UInt16(_:radix:)` alone would also accept a sign.
    fileprivate var isHexDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
    }
}
