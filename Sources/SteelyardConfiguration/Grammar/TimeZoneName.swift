/// A name of the IANA time zone database that this system knows.
enum TimeZoneName {
    private static let folder = "/usr/share/zoneinfo/"

    /// Reads a name; `UTC` is known everywhere.
    static func read(_ text: String, _ files: Files) throws(Complaint) -> String {
        if text == "UTC" || (isName(text) && isZone(text, files)) { return text }
        guard let likely = Nearest.word(to: text, among: known(files)) else {
            let remedy = "write UTC or an IANA name such as Europe/Paris; on Debian, install the package tzdata"
            throw Complaint(
                message: "is not a time zone that this system knows: \(Complaint.quoted(text))",
                remedy: .act(remedy)
            )
        }
        throw Complaint(
            message: "is not a time zone that this system knows: \(Complaint.quoted(text))",
            remedy: .write(likely)
        )
    }

    /// A path below the folder and no way out of it, nor to the copies of the zones that count leap seconds.
    private static func isName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { part in
            part.utf8.first?.isASCIILetterOrDigit == true
                && part.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_+-".utf8.contains($0) }
        }
        return isPlain && !["right", "posix", "localtime", "posixrules", "Factory"].contains(String(parts[0]))
    }

    /// Compiled zones begin with these four letters (RFC 9636 §3.1).
    private static func isZone(_ name: String, _ files: Files) -> Bool {
        guard case .bytes(let bytes) = files.surroundings.readFile(folder + name) else { return false }
        return bytes.starts(with: "TZif".utf8)
    }

    /// All names, from the database's own list (zic(8): `Z NAME …` and `L TARGET NAME`); empty where there is none.
    private static func known(_ files: Files) -> [String] {
        guard case .bytes(let bytes) = files.surroundings.readFile(folder + "tzdata.zi") else { return [] }
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split(separator: UInt8(ascii: " "), maxSplits: 3)
            switch words.first {
            case [UInt8(ascii: "Z")] where words.count > 1: return String(decoding: words[1], as: UTF8.self)
            case [UInt8(ascii: "L")] where words.count > 2: return String(decoding: words[2], as: UTF8.self)
            default: return nil
            }
        }
    }
}
