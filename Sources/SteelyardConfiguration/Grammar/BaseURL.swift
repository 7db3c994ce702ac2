import SteelyardPolicy

/// An absolute http or https URL without credentials, query and fragment (RFC 3986 §3, narrowed).
struct BaseURL {
    /// The origin it points to.
    let origin: ProviderOrigin
    /// Whether the port was written, and is not the scheme's default.
    let namesPort: Bool

    /// Reads a base URL; a slash at its end is dropped.
    init(_ text: String, example: String) throws(Complaint) {
        let (isSecure, rest) = try Self.scheme(of: text, example: example)
        let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        // The text before an @ or after a ? may be a secret: from here on, messages do not show it.
        guard !authority.contains("@") else {
            throw Complaint(
                message: "must not contain a user name or password",
                remedy: .act("remove everything up to the @")
            )
        }
        let path = rest[end...]
        guard !path.contains("?"), !path.contains("#") else {
            throw Complaint(
                message: "must not have a query or fragment",
                remedy: .act("remove everything from the first ? or #")
            )
        }
        let (host, port) = try Self.hostAndPort(authority, example: example)
        namesPort = port != nil
        origin = ProviderOrigin(
            isSecure: isSecure,
            host: host,
            port: port ?? (isSecure ? 443 : 80),
            pathPrefix: try Self.prefix(path)
        )
    }

    private static func scheme(of text: String, example: String) throws(Complaint) -> (Bool, Substring) {
        let lowered = text.lowercased()
        if lowered.hasPrefix("https://") { return (true, text.dropFirst("https://".count)) }
        if lowered.hasPrefix("http://") { return (false, text.dropFirst("http://".count)) }
        // A URL without a scheme may still contain credentials.
        let shown = text.contains("@") ? "something else" : Complaint.quoted(text)
        let host = text.prefix { $0 != "/" && $0 != ":" }
        let isBare = !text.contains("://") && host.contains(".") && HostName.isValid(host)
        throw Complaint(
            message: "must be an http or https URL, got \(shown)",
            remedy: .write(isBare && !text.contains("@") ? "https://\(text)" : example)
        )
    }

    private static func hostAndPort(
        _ authority: Substring,
        example: String
    ) throws(Complaint) -> (host: String, port: UInt16?) {
        let bracket = authority.lastIndex(of: "]")
        let colon = authority.lastIndex(of: ":").flatMap { found in bracket.map { $0 < found } ?? true ? found : nil }
        let host = String(authority[..<(colon ?? authority.endIndex)])
        guard !host.isEmpty else { throw Complaint(message: "has no host", remedy: .write(example)) }
        guard let valid = literal(host) ?? (HostName.isValid(host) ? host : nil) else {
            throw Complaint(
                message: "has an invalid host: \(Complaint.quoted(host))",
                remedy: .act("write a host name, an IPv4 address or an IPv6 address in brackets")
            )
        }
        guard let colon else { return (valid, nil) }
        guard let number = WholeNumber(authority[authority.index(after: colon)...]), number.value > 0,
            let port = UInt16(exactly: number.value)
        else {
            throw Complaint(
                message: "must have a port from 1 to 65535",
                remedy: .act("write the port as digits, or leave it out")
            )
        }
        return (valid, port)
    }

    /// The address in `[…]`; nil for anything else, zone identifiers included.
    private static func literal(_ host: String) -> String? {
        guard host.hasPrefix("["), host.hasSuffix("]") else { return nil }
        let inner = String(host.dropFirst().dropLast())
        return inner.utf8.contains(UInt8(ascii: ":")) && InternetAddress(inner) != nil ? inner : nil
    }

    private static func prefix(_ path: Substring) throws(Complaint) -> String {
        let trimmed = path.hasSuffix("/") ? path.dropLast() : path
        guard trimmed.isEmpty || URLPath.fault(in: trimmed) == nil else {
            throw Complaint(
                message: "has a path that Steelyard cannot forward unchanged: \(Complaint.quoted(String(path)))",
                remedy: .act(URLPath.rule)
            )
        }
        return String(trimmed)
    }
}
