import SteelyardPolicy

/// The origin of a web page as browsers send it: scheme, host, and the port if it is not the scheme's default (RFC 6454
/// §6.2). Origins are compared byte by byte, so they must be written exactly as browsers send them.
enum WebOrigin {
    private static let example = "[\"https://app.example\"]"

    /// Reads an origin.
    static func read(_ text: String) throws(Complaint) -> String {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("@"),
            let mark = text.firstRange(of: "://"), isScheme(text[..<mark.lowerBound])
        else { throw .expected("an origin such as https://app.example", got: shown(text), write: likely(text)) }
        guard !text.contains("*") else {
            throw Complaint(
                message: "must be one complete origin, without *, got \(Complaint.quoted(text))",
                remedy: .act("name each origin, or write origins: [\"*\"] for all")
            )
        }
        let canonical = try canonical(text[..<mark.lowerBound].lowercased(), text[mark.upperBound...])
        guard canonical == text else {
            throw .expected("an origin as browsers send it", got: text, write: "[\"\(canonical)\"]")
        }
        return text
    }

    /// Extensions and apps have their own schemes, followed by a name without a port.
    private static func canonical(_ scheme: String, _ rest: Substring) throws(Complaint) -> String {
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }.lowercased()
        guard scheme == "http" || scheme == "https" else {
            guard HostName.isValid(authority) else {
                throw .expected("an origin such as https://app.example", got: authority, write: example)
            }
            return "\(scheme)://\(authority)"
        }
        let origin = try BaseURL("\(scheme)://\(authority)", example: example).origin
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        let isUsual = origin.port == (origin.isSecure ? 443 : 80)
        return "\(scheme)://\(host)\(isUsual ? "" : ":\(origin.port)")"
    }

    private static func isScheme(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first | 0x20) else { return false }
        return text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
        }
    }

    /// The text before an @ may be a password, so it is not shown.
    private static func shown(_ text: String) -> String { text.contains("@") ? "a URL with a user name" : text }

    private static func likely(_ text: String) -> String {
        let host = text.prefix { $0 != "/" && $0 != ":" }
        let isBare = !text.contains("://") && host.contains(".") && HostName.isValid(String(host))
        return isBare ? "[\"https://\(host)\"]" : example
    }
}
