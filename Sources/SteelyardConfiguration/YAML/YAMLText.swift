/// The checks before YAML: a text that passes them can neither crash the parser nor shift its line numbers.
enum YAMLText {
    /// The most bytes of a configuration file; a thousand providers fit.
    static let maximumBytes = 1 << 20

    /// The text of a file without its byte order mark, or why it is not text.
    static func decode(_ bytes: [UInt8]) throws(SyntaxComplaint) -> String {
        guard bytes.count <= maximumBytes else {
            throw SyntaxComplaint(
                line: nil,
                message: "is larger than 1 MiB",
                remedy: "check that this is the configuration file"
            )
        }
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        let content = bytes.starts(with: mark) ? bytes[mark.count...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            throw SyntaxComplaint(
                line: lineOfInvalidUTF8(content),
                message: "is not UTF-8",
                remedy: "save the file as UTF-8"
            )
        }
        try refuseControlCharacters(text)
        return text
    }

    /// YAML 1.2.2 §5.1, without three line breaks that editors do not count as such: NEL, LS and PS.
    private static func refuseControlCharacters(_ text: String) throws(SyntaxComplaint) {
        var line = 1
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0a: line += 1
            case 0x09, 0x0d, 0x20...0x7e, 0xa0...0x2027, 0x202a...0xfefe, 0xff00...0xfffd, 0x1_0000...: continue
            default:
                let code = String(scalar.value, radix: 16, uppercase: true)
                throw SyntaxComplaint(
                    line: line,
                    message: "has a control character (U+\(code))",
                    remedy: "delete the character and type it again"
                )
            }
        }
    }

    private static func lineOfInvalidUTF8(_ bytes: ArraySlice<UInt8>) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var line = 1
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            if scalar == "\n" { line += 1 }
        }
        return line
    }
}

/// Why a file is not YAML of the accepted kind.
struct SyntaxComplaint: Error {
    /// The line with the problem, from 1.
    let line: Int?
    /// What is wrong.
    let message: String
    /// What to write instead.
    let remedy: String
}
