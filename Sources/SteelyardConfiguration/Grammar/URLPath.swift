/// Paths that every hop reads the same way: RFC 3986 §3.3 characters, without spellings that some hops rewrite.
enum URLPath {
    /// The form of a valid path, for a remedy.
    static let rule = "write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e"

    /// What is wrong with a path; nil if it is valid.
    static func fault(in path: Substring) -> String? {
        guard path.hasPrefix("/") else { return "does not start with /" }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if segments.contains(where: \.isEmpty) { return "has an empty segment" }
        if segments.contains(where: { $0 == "." || $0 == ".." }) { return "has a segment . or .." }
        return segments.allSatisfy { hasOnlyPathCharacters($0.utf8) }
            ? nil : "has a character that a path must not contain"
    }

    private static func hasOnlyPathCharacters(_ segment: Substring.UTF8View) -> Bool {
        var rest = segment[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard isHarmlessEscape(rest.prefix(2)) else { return false }
                rest = rest.dropFirst(2)
            } else if !byte.isASCIILetterOrDigit && !"-._~!$&'()*+,;=:@".utf8.contains(byte) {
                return false
            }
        }
        return true
    }

    /// Two hexadecimal digits that do not stand for `/`, `\`, `.` or a control character.
    private static func isHarmlessEscape(_ digits: Substring.UTF8View.SubSequence) -> Bool {
        guard digits.count == 2, digits.allSatisfy({ $0.isASCIILetterOrDigit }),
            let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
        else { return false }
        return byte >= 0x20 && byte != 0x7f && ![0x2f, 0x5c, 0x2e].contains(byte)
    }
}

/// Where clients reach a provider: `/v1`.
struct Mount {
    /// The path, without a slash at its end.
    let path: String

    /// Reads a mount.
    init(_ text: String) throws(Complaint) {
        guard text != "/", !text.isEmpty else {
            throw Complaint(message: "must have at least one segment", remedy: .write("/v1"))
        }
        if let fault = URLPath.fault(in: text[...]) {
            let trimmed = text.hasSuffix("/") ? String(text.dropLast()) : text
            let candidate = trimmed.hasPrefix("/") ? trimmed : "/" + trimmed
            let isCured = URLPath.fault(in: candidate[...]) == nil
            throw Complaint(
                message: "\(fault): \(Complaint.quoted(text))",
                remedy: isCured ? .write(candidate) : .act(URLPath.rule)
            )
        }
        path = text
    }

    /// Whether the paths are equal or one lies below the other, segment by segment.
    static func overlap(_ left: String, _ right: String) -> Bool {
        (left + "/").hasPrefix(right + "/") || (right + "/").hasPrefix(left + "/")
    }
}
