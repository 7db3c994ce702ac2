/// The line of each key of a file, for checks that involve more than one value.
struct KeyLines: Hashable, Sendable {
    /// No key of the schema is deeper: `teams.NAME.keys[0].budgets[0].models[0]`, where an item counts as a level.
    private static let maximumDepth = 8

    private var lines: [String: Int] = [:]

    /// Records the lines of all keys below a root; nil has none.
    init(_ root: YAMLNode?) {
        if let root { add(root, path: "", depth: 0) }
    }

    /// The line of a key by its dotted path, or of the nearest section or list around it.
    subscript(key: String) -> Int? {
        var path = key[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<end]
        }
    }

    /// Whether the key itself is in the file.
    func has(_ key: String) -> Bool { lines[key] != nil }

    private mutating func add(_ node: YAMLNode, path: String, depth: Int) {
        guard depth < Self.maximumDepth else { return }
        switch node.content {
        case .scalar: break
        case .sequence(let nodes):
            for (index, item) in nodes.enumerated() { note(item, at: "\(path)[\(index)]", line: item.line, depth) }
        case .mapping(let entries):
            for entry in entries {
                note(entry.value, at: path.isEmpty ? entry.key : "\(path).\(entry.key)", line: entry.line, depth)
            }
        }
    }

    private mutating func note(_ node: YAMLNode, at path: String, line: Int, _ depth: Int) {
        lines[path] = line
        add(node, path: path, depth: depth + 1)
    }
}
