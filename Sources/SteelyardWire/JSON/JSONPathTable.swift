/// The positions in a JSON text that a reader wants, stored as a trie of member names.
///
/// A path is written `choices[].delta.content`: names joined by dots, `[]` for any element of an array. The root may
/// also be an element of a top-level array.
struct JSONPathTable: Sendable {
    /// What the scanner does with a value at a position. It may treat a string one way and a container another way.
    struct Role: OptionSet, Sendable {
        let rawValue: UInt8
        /// An object is announced when it begins and when it ends.
        static let announced = Role(rawValue: 1)
        /// A string or number is passed to the caller whole, up to `JSONScanner.scalarLimit` bytes.
        static let scalar = Role(rawValue: 2)
        /// The bytes of a string are counted, but not kept.
        static let measured = Role(rawValue: 4)
        /// An object is passed to the caller as it was written, up to `JSONScanner.verbatimLimit` bytes.
        static let verbatim = Role(rawValue: 8)
    }

    /// A node of the trie.
    struct Node: Sendable {
        var hasMembers = false
        var element: UInt16 = JSONPathTable.none
        var position: UInt8 = 0
        var role: Role = []
    }

    /// A member name that leads from one node to another; the first eight bytes are compared as one word.
    private struct Edge: Sendable {
        var parent: UInt16
        var child: UInt16
        var head: UInt64
        var length: Int
        /// Where the bytes after the eighth start in `tails`.
        var tailStart: Int
    }

    /// The node for everything that no path names.
    static let none = UInt16.max
    static let root: UInt16 = 0

    private(set) var nodes: [Node] = []
    private var edges: [Edge] = []
    private var tails: [UInt8] = []
    /// Edges by the hash of their parent and head. The size is a power of two; on a collision, the next free slot is
    /// used.
    private var slots: [UInt16] = []
    /// The longest name in any path: a longer key matches nothing and need not be kept.
    private(set) var longestName = 0

    /// Makes a table of `paths`; `root` is the position announced for the root object.
    init(root: UInt8, paths: [(path: String, position: UInt8, role: Role)]) {
        let trie = Branch(position: root, role: .announced)
        for entry in paths { trie.insert(entry.path, position: entry.position, role: entry.role) }
        flatten(trie)
        nodes[Int(Self.root)].element = Self.root
        fillSlots()
    }

    /// The node that `key`, a member name without escapes, leads to from `node`.
    func child(of node: UInt16, key: Span<UInt8>) -> UInt16 {
        let head = Self.head(of: key)
        var slot = slot(node, head)
        while slots[slot] != Self.none {
            let edge = edges[Int(slots[slot])]
            if edge.head == head, edge.parent == node, edge.length == key.count, hasTail(edge, of: key) {
                return edge.child
            }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return Self.none
    }

    private func hasTail(_ edge: Edge, of key: Span<UInt8>) -> Bool {
        var index = 8
        while index < key.count {
            if tails[edge.tailStart &+ index &- 8] != key[index] { return false }
            index &+= 1
        }
        return true
    }

    /// Fibonacci hashing: the top bits of a product with 2^64 divided by the golden ratio.
    private func slot(_ node: UInt16, _ head: UInt64) -> Int {
        let product = (head ^ UInt64(node) &<< 48) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product &>> 40) & (slots.count &- 1)
    }

    /// At most a quarter of the slots is used, so a search always ends, and usually at once.
    private mutating func fillSlots() {
        var count = 4
        while count < edges.count * 4 { count *= 2 }
        slots = Array(repeating: Self.none, count: count)
        for (index, edge) in edges.enumerated() {
            var slot = slot(edge.parent, edge.head)
            while slots[slot] != Self.none { slot = (slot &+ 1) & (count &- 1) }
            slots[slot] = UInt16(index)
        }
    }

    /// The first eight bytes of a name as a word; bytes beyond its end are zero.
    private static func head(of key: Span<UInt8>) -> UInt64 {
        if key.count >= 8 {
            // Bounds are checked. Any eight bytes are a valid UInt64, and all names are read in the same byte order.
            return unsafe UInt64(littleEndian: key.bytes.unsafeLoadUnaligned(as: UInt64.self))
        }
        var head: UInt64 = 0
        for index in 0..<key.count { head |= UInt64(key[index]) &<< UInt64(index &* 8) }
        return head
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

    /// Appends `branch` and everything below it.
    @discardableResult
    private mutating func flatten(_ branch: Branch) -> UInt16 {
        let index = nodes.count
        nodes.append(Node(hasMembers: !branch.members.isEmpty, position: branch.position, role: branch.role))
        for (name, member) in branch.members {
            let bytes = Array(name.utf8)
            let (head, tailStart) = (Self.head(of: bytes.span), tails.count)
            tails += bytes.dropFirst(8)
            longestName = max(longestName, bytes.count)
            let child = flatten(member)
            edges.append(
                Edge(parent: UInt16(index), child: child, head: head, length: bytes.count, tailStart: tailStart)
            )
        }
        if let element = branch.element { nodes[index].element = flatten(element) }
        return UInt16(index)
    }
}
