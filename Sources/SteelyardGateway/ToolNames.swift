import Synchronization

/// Tool names as label values. They come from the wire. A name that does not look like a function name, and every name
/// after the first few hundred, becomes `other`, so that no application's odd names use up the series of models and
/// endpoints.
final class ToolNames: Sendable {
    private static let limit = 256
    private let known = Mutex<Set<String>>([])

    /// The label value of a tool.
    func label(_ name: String) -> String {
        guard Self.isName(name), !Self.looksLikeKey(name) else { return "other" }
        return known.withLock { known in
            if known.contains(name) { return name }
            guard known.count < Self.limit else { return "other" }
            known.insert(name)
            return name
        }
    }

    /// OpenAI accepts `[a-zA-Z0-9_-]{1,64}`; others also accept dots, colons and slashes, for namespaces.
    private static func isName(_ name: String) -> Bool {
        1...64 ~= name.utf8.count
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: ":"), UInt8(ascii: "/"):
                    true
                default: false
                }
            }
    }

    /// Whether a part of the name looks random, as a key does: 16 bytes or more with three digits or more. A provider can
    /// put anything in this place, and many people see labels.
    private static func looksLikeKey(_ name: String) -> Bool {
        name.utf8.split { !$0.isLetterOrDigit }.contains { word in
            word.count >= 16 && word.count { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } >= 3
        }
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
