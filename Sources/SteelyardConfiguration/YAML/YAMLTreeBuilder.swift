import Yams

/// Copies the library's tree into ours and reports what a configuration file must not contain: anchors, merge keys,
/// tags, keys that are not words, repeated keys.
struct YAMLTreeBuilder {
    /// How far a tree may be expanded. With aliases, a short file can describe an endless tree ("billion laughs").
    private static let maximumNodes = 50_000

    private let duplicates: DuplicateKeys
    /// The text by lines: the library does not distinguish `"text"` from `!!str "text"`.
    private let lines: [[Unicode.Scalar]]
    private let findings: Findings
    private var nodes = 0
    private var anchoredLines: Set<Int> = []

    init(duplicates: DuplicateKeys, findings: Findings) {
        self.duplicates = duplicates
        lines = duplicates.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(Array.init)
        self.findings = findings
    }

    /// Our node for the library's; `key` is its dotted path.
    mutating func build(_ node: Node, key: String) -> YAMLNode {
        let line = node.mark?.line ?? 1
        checkAnchor(node, key: key, line: line)
        checkTag(node, key: key, line: line)
        nodes += 1
        guard nodes <= Self.maximumNodes else { return tooLarge(line: line) }
        switch node {
        case .scalar(let scalar):
            return YAMLNode(content: .scalar(scalar.string, isPlain: scalar.style == .plain), line: line)
        case .sequence(let sequence):
            return YAMLNode(content: .sequence(sequence.map { build($0, key: key) }), line: line)
        case .mapping(let mapping):
            return YAMLNode(content: .mapping(entries(mapping, key: key)), line: line)
        case .alias:
            return YAMLNode(content: .scalar("", isPlain: true), line: line)
        }
    }

    private mutating func entries(_ mapping: Node.Mapping, key: String) -> [YAMLEntry] {
        var firstLines: [String: Int] = [:]
        var entries: [YAMLEntry] = []
        for (name, value) in mapping {
            let line = name.mark?.line ?? 1
            guard let word = word(name, in: key, line: line) else { continue }
            let path = key.isEmpty ? word : "\(key).\(word)"
            if let first = firstLines.updateValue(firstLines[word] ?? line, forKey: word) {
                findings.add(
                    path,
                    line: line,
                    "is already set on line \(first)",
                    remedy: "remove one of the two"
                )
                continue
            }
            entries.append(YAMLEntry(key: word, line: line, value: build(value, key: path)))
        }
        return entries
    }

    /// A key as text; nil (and reported) if it is not a word.
    private mutating func word(_ name: Node, in key: String, line: Int) -> String? {
        // Messages show a key as it is, and a key with a line break could imitate another message.
        guard case .scalar(let scalar) = name, !scalar.string.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            findings.add(key, line: line, "has a key that is not plain text", remedy: "write key: value")
            return nil
        }
        checkAnchor(name, key: key, line: line)
        checkTag(name, key: key, line: line)
        guard scalar.string != "<<" else {
            findings.add(key, line: line, "merge keys (<<) are not supported", remedy: "write all keys here")
            return nil
        }
        return duplicates.original(of: scalar.string)
    }

    private mutating func checkAnchor(_ node: Node, key: String, line: Int) {
        guard node.anchor != nil, anchoredLines.insert(line).inserted else { return }
        findings.add(
            key,
            line: line,
            "anchors and aliases (&name, *name) are not supported",
            remedy: "write the full value in each place"
        )
    }

    private func checkTag(_ node: Node, key: String, line: Int) {
        guard node.hasForeignTag || beginsWithTag(node) else { return }
        findings.add(key, line: line, "tags (!name) are not supported", remedy: "remove the tag")
    }

    /// A node starts with its tag (YAML 1.2.2 §6.9), and a value without quotes cannot start with an exclamation mark.
    private func beginsWithTag(_ node: Node) -> Bool {
        guard let mark = node.mark, lines.indices.contains(mark.line - 1) else { return false }
        let line = lines[mark.line - 1]
        return line.indices.contains(mark.column - 1) && line[mark.column - 1] == "!"
    }

    private mutating func tooLarge(line: Int) -> YAMLNode {
        if nodes == Self.maximumNodes + 1 {
            findings.add("", line: line, "has more than \(Self.maximumNodes) values", remedy: "make the file smaller")
        }
        return YAMLNode(content: .scalar("", isPlain: true), line: line)
    }
}

extension Node {
    /// Whether it has a tag that a node without a written tag never gets; such a tag may also follow an anchor.
    fileprivate var hasForeignTag: Bool {
        let untagged: [Tag.Name] = [.implicit, .nonSpecific, .str, .seq, .map]
        return !untagged.contains { $0.rawValue == tag.rawValue }
    }
}
