/// The name of a team or provider. It becomes a label value and a path segment (`/team/NAME/v1`), so it is plain ASCII.
struct Name {
    /// The most bytes of a name.
    static let maximumBytes = 64

    /// The name.
    let text: String

    /// Reads a name.
    init(_ text: String) throws(Complaint) {
        let isName =
            (1...Self.maximumBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f }
            && text.utf8.first?.isASCIILetterOrDigit == true
        guard isName else {
            throw Complaint(
                message: "is not a valid name: \(Complaint.quoted(text))",
                remedy: .act("use up to 64 letters, digits, '-', '_' and '.', starting with a letter or digit")
            )
        }
        self.text = text
    }
}

extension UInt8 {
    /// `A`–`Z`, `a`–`z`, `0`–`9`.
    var isASCIILetterOrDigit: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
    }
}
