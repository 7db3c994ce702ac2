/// On which line each key of a file is written, for checks that concern more than one value.
struct KeyLines: Hashable, Sendable {
    /// No key of the schema is deeper: `providers.NAME.timeouts.connect`.
    private static let maximumDepth = 4

    private var lines: [String: Int] = [:]

    /// Notes the lines of all keys below a root; nil has none.
    init(_ root: YAMLNode?) {
        if let root { add(root, prefix: "", depth: 0) }
    }

    /// The line of a key by its dotted path, or of the nearest section around it that is written.
    subscript(key: String) -> Int? {
        var path = key[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let dot = path.lastIndex(of: ".") else { return nil }
            path = path[..<dot]
        }
    }

    private mutating func add(_ node: YAMLNode, prefix: String, depth: Int) {
        guard depth < Self.maximumDepth, case .mapping(let entries) = node.content else { return }
        for entry in entries {
            lines[prefix + entry.key] = entry.line
            add(entry.value, prefix: "\(prefix)\(entry.key).", depth: depth + 1)
        }
    }
}
