/// A YAML text in which repeated keys are renamed, with their original names.
struct DuplicateKeys {
    /// The text with every renamed key.
    private(set) var text: String
    private var originals: [String: String] = [:]

    /// Starts with the text as it is.
    init(_ text: String) { self.text = text }

    /// The original name of a renamed key; any other key unchanged.
    func original(of key: String) -> String { originals[key] ?? key }

    /// Renames the key that starts at a line and column (from 1, in Unicode scalars, as the library counts).
    ///
    /// - Returns: Whether the key is written there exactly like this; a key with escapes is not.
    mutating func rename(_ key: String, line: Int, column: Int) -> Bool {
        guard !key.isEmpty, var start = index(line: line, column: column) else { return false }
        let scalars = text.unicodeScalars
        if scalars[start] == "\"" || scalars[start] == "'" { start = scalars.index(after: start) }
        guard let end = scalars.index(start, offsetBy: key.unicodeScalars.count, limitedBy: scalars.endIndex),
            scalars[start..<end].elementsEqual(key.unicodeScalars)
        else { return false }
        // Nobody types a key that starts with a private-use character.
        let name = "\u{e000}\(originals.count)"
        originals[name] = key
        text.unicodeScalars.replaceSubrange(start..<end, with: name.unicodeScalars)
        return true
    }

    private func index(line: Int, column: Int) -> String.Index? {
        let scalars = text.unicodeScalars
        var start = scalars.startIndex
        for _ in 1..<max(line, 1) {
            guard let feed = scalars[start...].firstIndex(of: "\n") else { return nil }
            start = scalars.index(after: feed)
        }
        guard let index = scalars.index(start, offsetBy: column - 1, limitedBy: scalars.endIndex),
            index != scalars.endIndex
        else { return nil }
        return index
    }
}
