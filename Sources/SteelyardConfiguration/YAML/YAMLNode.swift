/// One value of a YAML file, with its line. Scalars are text; the reader decides what they mean.
struct YAMLNode {
    /// What a node contains.
    enum Content {
        /// Text. `isPlain` if it is written without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    /// What it contains.
    let content: Content
    /// Its first line, from 1.
    let line: Int

    /// Nothing, `~` or `null` without quotes: a key whose value was never written.
    var isEmpty: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, for a sentence such as "got a list".
    var kind: String {
        switch content {
        case .scalar: "a value"
        case .sequence: "a list"
        case .mapping: "a section"
        }
    }
}

/// One `key: value` of a mapping.
struct YAMLEntry {
    /// The key as text.
    let key: String
    /// The line of the key, from 1; the value may start further down.
    let line: Int
    /// The value after the colon.
    let value: YAMLNode

    /// The key as messages may show it. Without a space after the colon, YAML takes the value for a part of the key.
    /// That part may be a secret (`api_key:sk-…`), so it is left out.
    var shownKey: String { isGlued ? key.prefix { $0 != ":" } + ":…" : key }

    /// Whether a value seems to be part of the key because the space after the colon is missing.
    var isGlued: Bool { key.contains(":") }
}

extension YAMLNode {
    /// Whether it is exactly this word.
    func isWord(_ word: String) -> Bool {
        if case .scalar(word, _) = content { true } else { false }
    }
}
