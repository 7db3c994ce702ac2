extension ListenAddress {
    /// Reads `host:port`: IPv4, IPv6 in brackets, or a host name.
    init(parsing text: String) throws(Complaint) {
        guard let colon = text.lastIndex(of: ":"), !Self.isBareVersion6(text) else {
            throw .expected("an address and a port", got: text, write: Self.suggestion(for: text))
        }
        let host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        guard let number = WholeNumber(digits), let port = UInt16(exactly: number.value) else {
            throw Complaint(
                message: "must end in a port from 0 to 65535, got \(Complaint.quoted(text))",
                remedy: .write("\(Self.validHost(host) ?? "127.0.0.1"):8080")
            )
        }
        guard let valid = Self.validHost(host) else {
            throw .expected("an address and a port", got: text, write: Self.suggestion(for: text))
        }
        self.init(host: valid, port: port)
    }

    /// A host without brackets; nil if it is neither an address nor a name. Only IPv6 has brackets.
    private static func validHost(_ host: Substring) -> String? {
        if host.hasPrefix("["), host.hasSuffix("]"), host.utf8.count > 2 {
            let inner = String(host.dropFirst().dropLast())
            return inner.utf8.contains(UInt8(ascii: ":")) && InternetAddress(inner) != nil ? inner : nil
        }
        return HostName.isValid(host) ? String(host) : nil
    }

    private static func isBareVersion6(_ text: String) -> Bool { text.hasPrefix("[") == false && text.isVersion6 }

    /// The address that a port alone, `:8080`, `*:8080`, `::1` or `127.0.0.1` probably means.
    private static func suggestion(for text: String) -> String {
        let port = text.split(separator: ":").last.flatMap { WholeNumber($0) }.flatMap { UInt16(exactly: $0.value) }
        let portOnly = WholeNumber(text[...]) != nil
        if text.isVersion6 { return "\"[\(text)]:8080\"" }
        if validHost(text[...]) != nil, !portOnly { return "\(text):8080" }
        if text.hasPrefix(":") || text.hasPrefix("*:") { return "0.0.0.0:\(port ?? 8080)" }
        return "127.0.0.1:\(port ?? 8080)"
    }
}

/// Host names as RFC 1123 §2.1 allows them.
enum HostName {
    /// Whether a text is a dotted-quad address or a name. A name whose last label is a number is neither, because some
    /// resolvers read `127.1`, `0x7f000001` and `2130706433` as addresses.
    static func isValid(_ text: some StringProtocol) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), labels.allSatisfy({ isLabel($0.utf8) }) else { return false }
        guard let last = labels.last, isNumeric(last.utf8) else { return true }
        return InternetAddress(String(text)) != nil
    }

    private static func isLabel(_ label: some Collection<UInt8>) -> Bool {
        // Underscores are not allowed in host names, but container platforms use them.
        (1...63).contains(label.count) && label.first != 0x2d
            && label.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x2d || $0 == 0x5f }
    }

    private static func isNumeric(_ label: some Collection<UInt8>) -> Bool {
        label.allSatisfy { (0x30...0x39).contains($0) } || label.starts(with: [0x30, 0x78])
            || label.starts(with: [0x30, 0x58])
    }
}

extension String {
    /// Whether it is an IPv6 address without brackets.
    fileprivate var isVersion6: Bool { utf8.contains(UInt8(ascii: ":")) && InternetAddress(self) != nil }
}
