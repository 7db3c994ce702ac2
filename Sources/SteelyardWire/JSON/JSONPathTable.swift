/// The positions in a JSON text that somebody wants, as a trie over member names.
///
/// A path is written `choices[].delta.content`: names joined by dots, `[]` for any element of an array. The root may
/// also stand as an element of a top-level array.
struct JSONPathTable: Sendable {
    /// What is done with a value at a position; a position may take a string one way and a container another.
    struct Role: OptionSet, Sendable {
        let rawValue: UInt8
        /// An object is announced when it begins and when it ends.
        static let announced = Role(rawValue: 1)
        /// A string or number is handed over whole, up to `JSONScanner.scalarLimit` bytes.
        static let scalar = Role(rawValue: 2)
        /// The bytes of a string are counted, never kept.
        static let measured = Role(rawValue: 4)
        /// An object is handed over as it was written, up to `JSONScanner.verbatimLimit` bytes.
        static let verbatim = Role(rawValue: 8)
    }

    /// A place in the trie.
    struct Node: Sendable {
        var firstEdge: UInt16 = 0
        var edgeCount: UInt16 = 0
        var element: UInt16 = JSONPathTable.none
        var position: UInt8 = 0
        var role: Role = []
    }

    /// A member name leading from one node to another; the first eight bytes are compared as one word.
    struct Edge: Sendable {
        var head: UInt64
        var name: [UInt8]
        var child: UInt16
    }

    /// The node of everything that no path names.
    static let none = UInt16.max
    static let root: UInt16 = 0

    private(set) var nodes: [Node] = []
    private(set) var edges: [Edge] = []
    /// The longest name of any path: a longer key is of no interest and need not be kept.
    private(set) var longestName = 0

    /// Makes a table of `paths`; `root` is the position announced for the root object.
    init(root: UInt8, paths: [(path: String, position: UInt8, role: Role)]) {
        let trie = Branch(position: root, role: .announced)
        for entry in paths { trie.insert(entry.path, position: entry.position, role: entry.role) }
        flatten(trie)
        nodes[Int(Self.root)].element = Self.root
    }

    /// Where `key`, a member name without escapes, leads from `node`.
    func child(of node: UInt16, key: Span<UInt8>) -> UInt16 {
        let parent = nodes[Int(node)]
        let head = Self.head(of: key)
        for index in Int(parent.firstEdge)..<Int(parent.firstEdge) &+ Int(parent.edgeCount) {
            guard edges[index].head == head, edges[index].name.count == key.count else { continue }
            if key.count <= 8 || Self.tail(of: edges[index].name, equals: key) { return edges[index].child }
        }
        return Self.none
    }

    private static func head(of key: Span<UInt8>) -> UInt64 {
        if key.count >= 8 {
            // Any eight bytes are a UInt64; both sides of the comparison are read in the same byte order.
            return unsafe UInt64(littleEndian: key.bytes.unsafeLoadUnaligned(as: UInt64.self))
        }
        var head: UInt64 = 0
        for index in 0..<key.count { head |= UInt64(key[index]) &<< UInt64(index &* 8) }
        return head
    }

    private static func tail(of name: [UInt8], equals key: Span<UInt8>) -> Bool {
        for index in 8..<key.count where name[index] != key[index] { return false }
        return true
    }
}

extension JSONPathTable {
    /// The trie while it is being built.
    private final class Branch {
        var position: UInt8
        var role: Role
        var members: [(name: String, branch: Branch)] = []
        var element: Branch?

        init(position: UInt8 = 0, role: Role = []) {
            self.position = position
            self.role = role
        }

        func insert(_ path: String, position: UInt8, role: Role) {
            var branch = self
            for step in path.split(separator: ".") {
                let name = step.prefix { $0 != "[" }
                if !name.isEmpty { branch = branch.member(String(name)) }
                for _ in 0..<(step.utf8.count - name.utf8.count) / 2 { branch = branch.elements() }
            }
            branch.position = position
            branch.role = role
        }

        private func member(_ name: String) -> Branch {
            if let known = members.first(where: { $0.name == name }) { return known.branch }
            members.append((name, Branch()))
            return members[members.count - 1].branch
        }

        private func elements() -> Branch {
            if let element { return element }
            let made = Branch()
            element = made
            return made
        }
    }

    /// Appends `branch` and all below it; the edges of one node stand together.
    @discardableResult
    private mutating func flatten(_ branch: Branch) -> UInt16 {
        let index = nodes.count
        nodes.append(Node(position: branch.position, role: branch.role))
        let firstEdge = edges.count
        for (name, _) in branch.members {
            let bytes = Array(name.utf8)
            edges.append(Edge(head: Self.head(of: bytes.span), name: bytes, child: Self.none))
            longestName = max(longestName, bytes.count)
        }
        nodes[index].firstEdge = UInt16(firstEdge)
        nodes[index].edgeCount = UInt16(branch.members.count)
        for (offset, member) in branch.members.enumerated() { edges[firstEdge + offset].child = flatten(member.branch) }
        if let element = branch.element { nodes[index].element = flatten(element) }
        return UInt16(index)
    }
}
