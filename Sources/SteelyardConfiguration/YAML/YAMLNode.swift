/// One value of a YAML file, with the line it stands on. Scalars are text: what they mean is for the reader to say.
struct YAMLNode {
    /// What a node holds.
    enum Content {
        /// Text. `isPlain` when it stands there without quotes.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    /// What it holds.
    let content: Content
    /// Its first line, from 1.
    let line: Int

    /// An unquoted nothing, `~` or `null`: a key whose value was never written.
    var isEmpty: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What it is, in a sentence such as "got a list".
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
    /// The line of the key, from 1; the value may begin further down.
    let line: Int
    /// What stands behind the colon.
    let value: YAMLNode

    /// The key as it may be shown. Without a space behind its colon, YAML takes a value for a part of its key: what may
    /// be a secret (`api_key:sk-…`) is left out.
    var shownKey: String { isGlued ? key.prefix { $0 != ":" } + ":…" : key }

    /// Whether a value seems to be glued to the key.
    var isGlued: Bool { key.contains(":") }
}

extension YAMLNode {
    /// Whether it is exactly this word.
    func isWord(_ word: String) -> Bool {
        if case .scalar(word, _) = content { true } else { false }
    }
}
