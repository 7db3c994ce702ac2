/// Paths with `{id}` segments, as a tree. A look-up takes time in proportion to the segments of its path, however many
/// templates there are.
struct TemplateTree: Sendable {
    /// Which segments `{id}` matches.
    enum IDs {
        /// Any segment that is not empty. For a request that only reads, a wrong match costs nothing.
        case any
        /// Only segments that look like a provider's ids. A server might remove part of any other segment; then the
        /// request would reach another endpoint than the one it is charged for.
        case narrow
    }

    private struct Node: Sendable {
        /// Positions of the nodes after a literal segment.
        var literals: [Substring: Int] = [:]
        /// Position of the node after `{id}`.
        var id: Int?
        var routes: PathRoutes?
    }

    private var nodes = [Node()]

    /// The routes that were set for a template.
    func routes(of template: String) -> PathRoutes? {
        var node: Int? = 0
        for segment in template.split(separator: "/") {
            node = node.flatMap { segment == "{id}" ? nodes[$0].id : nodes[$0].literals[segment] }
        }
        return node.flatMap { nodes[$0].routes }
    }

    mutating func set(_ routes: PathRoutes, of template: String) {
        var node = 0
        for segment in template.split(separator: "/") { node = child(of: node, segment) }
        nodes[node].routes = routes
    }

    private mutating func child(of node: Int, _ segment: Substring) -> Int {
        let known = segment == "{id}" ? nodes[node].id : nodes[node].literals[segment]
        if let known { return known }
        let new = nodes.count
        nodes.append(Node())
        if segment == "{id}" { nodes[node].id = new } else { nodes[node].literals[segment] = new }
        return new
    }

    /// The routes of a path. If a segment matches both a literal and `{id}`, the literal comes first.
    func find(_ path: String, ids: IDs) -> PathRoutes? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        return find(path.dropFirst(), from: 0, ids)
    }

    private func find(_ path: Substring, from node: Int, _ ids: IDs) -> PathRoutes? {
        let slash = path.utf8.firstIndex(of: UInt8(ascii: "/"))
        let segment = path[..<(slash ?? path.endIndex)]
        let rest = slash.map { path[path.utf8.index(after: $0)...] }
        if let word = nodes[node].literals[segment], let found = find(rest, behind: word, ids) { return found }
        guard let id = nodes[node].id, ids.contain(segment) else { return nil }
        return find(rest, behind: id, ids)
    }

    private func find(_ rest: Substring?, behind node: Int, _ ids: IDs) -> PathRoutes? {
        guard let rest else { return nodes[node].routes }
        return find(rest, from: node, ids)
    }
}

extension TemplateTree.IDs {
    fileprivate func contain(_ segment: Substring) -> Bool {
        switch self {
        case .any: !segment.isEmpty
        case .narrow: segment.isProviderID
        }
    }
}

extension Substring {
    /// Whether it looks like an id: `resp_68af`, `file-9Xw`, `ft:gpt-4.1:acme::1`, a UUID, or base64 (LiteLLM encodes
    /// its own ids so). It contains no character that servers cut off or decode, such as `;`, `%` or a space.
    fileprivate var isProviderID: Bool {
        var namesSomething = false
        for byte in utf8 {
            if Base62.value(of: byte) != nil {
                namesSomething = true
            } else if !byte.joinsIDs {
                return false
            }
        }
        return namesSomething
    }
}

extension UInt8 {
    fileprivate var joinsIDs: Bool {
        switch self {
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "="): true
        default: false
        }
    }
}
