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
        /// A member that the extra chunk of a stream may have beside its usage; see `ChunkWatch`.
        static let envelope = Role(rawValue: 16)
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
        var head: UInt64 = 0
        var parent = JSONPathTable.none
        var child = JSONPathTable.none
        var length: UInt16 = 0
        /// Where the bytes after the eighth start in `tails`.
        var tailStart: UInt16 = 0
    }

    /// The node for everything that no path names.
    static let none = UInt16.max
    static let root: UInt16 = 0

    private(set) var nodes: [Node] = []
    private var tails: [UInt8] = []
    /// Edges by the hash of their parent and head; no parent marks a free slot. The size is a power of two; on a
    /// collision, the next free slot is used.
    private var slots: [Edge] = []
    /// The longest name in any path: a longer key matches nothing and need not be kept.
    private(set) var longestName = 0

    /// Makes a table of `paths`; `root` is the position announced for the root object.
    init(root: UInt8, paths: [(path: String, position: UInt8, role: Role)]) {
        let trie = Branch(position: root, role: .announced)
        for entry in paths { trie.insert(entry.path, position: entry.position, role: entry.role) }
        var edges: [Edge] = []
        flatten(trie, &edges)
        nodes[Int(Self.root)].element = Self.root
        fillSlots(with: edges)
    }

    /// The node that `key`, a member name without escapes, leads to from `node`.
    func child(of node: UInt16, key: Span<UInt8>) -> UInt16 { child(of: node, key: key, head: Self.head(of: key)) }

    /// The same, if the first eight bytes of the key are known already.
    func child(of node: UInt16, key: Span<UInt8>, head: UInt64) -> UInt16 {
        let slots = slots.span
        var slot = Self.slot(node, head, slots.count)
        while slots[slot].parent != Self.none {
            let edge = slots[slot]
            if edge.head == head, edge.parent == node, Int(edge.length) == key.count, hasTail(edge, of: key) {
                return edge.child
            }
            slot = (slot &+ 1) & (slots.count &- 1)
        }
        return Self.none
    }

    private func hasTail(_ edge: Edge, of key: Span<UInt8>) -> Bool {
        guard key.count > 8 else { return true }
        let tail = tails.span.extracting(Int(edge.tailStart)..<Int(edge.tailStart) &+ key.count &- 8)
        return ByteSearch.areEqual(tail, key.extracting(8...))
    }

    /// Fibonacci hashing: the top bits of a product with 2^64 divided by the golden ratio.
    private static func slot(_ node: UInt16, _ head: UInt64, _ count: Int) -> Int {
        let product = (head ^ UInt64(node) &<< 48) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: product &>> 40) & (count &- 1)
    }

    /// At most a quarter of the slots is used, so a search always ends, and usually at once.
    private mutating func fillSlots(with edges: [Edge]) {
        var count = 4
        while count < edges.count * 4 { count *= 2 }
        slots = Array(repeating: Edge(), count: count)
        for edge in edges {
            var slot = Self.slot(edge.parent, edge.head, count)
            while slots[slot].parent != Self.none { slot = (slot &+ 1) & (count &- 1) }
            slots[slot] = edge
        }
    }

    /// The first eight bytes of a name as a word; bytes beyond its end are zero.
    static func head(of key: Span<UInt8>) -> UInt64 {
        if key.count >= 8 {
            // Bounds are checked. Any eight bytes are a valid UInt64, and all names are read in the same byte order.
            return unsafe UInt64(littleEndian: key.bytes.unsafeLoadUnaligned(as: UInt64.self))
        }
        if key.count >= 4 {
            // Two overlapping words of four bytes, within bounds as above.
            let front = unsafe UInt32(littleEndian: key.bytes.unsafeLoadUnaligned(as: UInt32.self))
            let rest = key.count &- 4
            let back = unsafe UInt32(littleEndian: key.bytes.unsafeLoadUnaligned(fromByteOffset: rest, as: UInt32.self))
            return UInt64(front) | UInt64(back) &<< UInt64(rest &* 8)
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
    private mutating func flatten(_ branch: Branch, _ edges: inout [Edge]) -> UInt16 {
        let index = nodes.count
        nodes.append(Node(hasMembers: !branch.members.isEmpty, position: branch.position, role: branch.role))
        for (name, member) in branch.members {
            let bytes = Array(name.utf8)
            let (head, tailStart) = (Self.head(of: bytes.span), tails.count)
            tails += bytes.dropFirst(8)
            longestName = max(longestName, bytes.count)
            let child = flatten(member, &edges)
            edges.append(
                Edge(
                    head: head,
                    parent: UInt16(index),
                    child: child,
                    length: UInt16(bytes.count),
                    tailStart: UInt16(tailStart)
                )
            )
        }
        if let element = branch.element { nodes[index].element = flatten(element, &edges) }
        return UInt16(index)
    }
}
