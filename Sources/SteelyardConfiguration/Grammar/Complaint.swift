/// Why a value is refused, and what to do; the reader adds key and line.
struct Complaint: Error {
    /// What the operator can do.
    enum Remedy {
        /// Write this value instead.
        case write(String)
        /// A remedy that is not a single value, in words.
        case act(String)

        /// The remedy for the value of `name`.
        func text(for name: String, separator: String = ": ") -> String {
            switch self {
            case .write(let value): "write \(name)\(separator)\(value)"
            case .act(let words): words
            }
        }
    }

    /// What is wrong, without key and line.
    let message: String
    /// What to do.
    let remedy: Remedy

    /// The usual message: what a value must be, what it is, and an example that is valid.
    static func expected(_ form: String, got text: String, write suggestion: String) -> Complaint {
        Complaint(message: "must be \(form), got \(quoted(text))", remedy: .write(suggestion))
    }

    /// A part of the schema that this version does not support.
    static func unavailable(_ name: String, remedy: Remedy) -> Complaint {
        Complaint(message: "`\(name)` is not available in this version", remedy: remedy)
    }

    /// A value for a message: quoted, escaped, and cut if it is long.
    static func quoted(_ text: String) -> String {
        let cut = text.unicodeScalars.prefix(60)
        let rest = cut.endIndex == text.unicodeScalars.endIndex ? "" : "…"
        return (String(cut) + rest).debugDescription
    }

    /// A path in quotation marks, whole: its last part says which file is meant.
    static func quotedPath(_ path: String) -> String { path.debugDescription }
}
