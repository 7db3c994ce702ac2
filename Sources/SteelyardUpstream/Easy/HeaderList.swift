import CCurl
import SteelyardWire

/// The header lines of one request in libcurl's form: a linked list of C strings.
///
/// Nodes and text are in two blocks that the handle's next request uses again; `curl_slist_append` would cost two
/// allocations per field. libcurl keeps only the pointer to the first node (`CURLOPT_HTTPHEADER`).
struct HeaderList: ~Copyable {
    /// Lines that stop libcurl from adding fields of its own: a name without a value is not sent and suppresses the
    /// default (`CURLOPT_HTTPHEADER`).
    private static let suppressed: [StaticString] = ["Expect:", "Accept:", "Content-Type:", "User-Agent:"]

    /// Leaves room for a slightly larger next request: the requests of one provider are similar, and a handle keeps its
    /// list until the answer has ended.
    private static let (spareNodes, spareBytes) = (4, 128)

    /// The nodes of `suppressed` come first and stay: libcurl searches the list from its start for its own fields, a
    /// dozen times a request.
    private var nodes: UnsafeMutableBufferPointer<curl_slist>
    private var text: UnsafeMutableBufferPointer<UInt8>

    init() {
        nodes = .allocate(capacity: Self.suppressed.count)
        text = .allocate(capacity: 0)
        linkSuppressed()
    }

    deinit {
        nodes.deallocate()
        text.deallocate()
    }

    /// Writes the list for `fields`; nil if a field could not be sent without changing the request. A line break or NUL
    /// in a field would begin another field, because libcurl sends what it gets (RFC 9110 §5.5).
    ///
    /// The result is valid until the next call.
    ///
    /// - Parameter key: One more line, which is sent last.
    mutating func write(_ fields: HeaderFields, key: [UInt8]?) -> UnsafeMutablePointer<curl_slist>? {
        let keyCount = key == nil ? 0 : 1
        reserve(
            nodeCount: Self.suppressed.count + fields.count + keyCount,
            byteCount: fields.byteCount + 3 * fields.count + (key?.count ?? 0) + 1
        )
        // If the last list had no fields, it ended here; this one continues.
        nodes[Self.suppressed.count - 1].next = nodes.baseAddress.map { $0 + Self.suppressed.count }
        var used = 0
        for index in 0..<fields.count {
            let start = used
            guard write(fields, index, at: &used) else { return nil }
            link(text.baseAddress.map { UnsafeMutableRawPointer($0 + start) }, at: Self.suppressed.count + index)
        }
        if let key, !write(key, at: &used, index: Self.suppressed.count + fields.count) { return nil }
        nodes[Self.suppressed.count + fields.count + keyCount - 1].next = nil
        return nodes.baseAddress
    }

    private mutating func write(_ line: [UInt8], at used: inout Int, index: Int) -> Bool {
        let start = used
        guard copy(line[...], at: &used) else { return false }
        put(0, at: &used)
        link(text.baseAddress.map { UnsafeMutableRawPointer($0 + start) }, at: index)
        return true
    }

    /// Writes one line: `name: value`, or `name;` for an empty value, which libcurl sends as `name:`.
    private mutating func write(_ fields: HeaderFields, _ index: Int, at used: inout Int) -> Bool {
        if fields.value(at: index).isEmpty {
            guard copy(fields.name(at: index), at: &used) else { return false }
            put(UInt8(ascii: ";"), at: &used)
        } else {
            guard copy(fields.line(at: index), at: &used) else { return false }
        }
        put(0, at: &used)
        return true
    }

    private mutating func copy(_ bytes: ArraySlice<UInt8>, at used: inout Int) -> Bool {
        let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(text)[used...])
        used += bytes.count
        return bytes.withUnsafeBufferPointer { source in
            target.copyMemory(from: UnsafeRawBufferPointer(source))
            // No branch per byte, so that 16 bytes are checked at a time.
            var breaks: UInt8 = 0
            for byte in source { breaks |= (byte == 0 ? 1 : 0) | (byte == 0x0A ? 1 : 0) | (byte == 0x0D ? 1 : 0) }
            return breaks == 0
        }
    }

    private mutating func put(_ byte: UInt8, at used: inout Int) {
        text[used] = byte
        used += 1
    }

    private mutating func link(_ line: UnsafeMutableRawPointer?, at index: Int) {
        let next = nodes.baseAddress.map { $0 + index + 1 }
        // libcurl reads lines as `char`, which has the layout of a byte.
        let data = line?.assumingMemoryBound(to: CChar.self)
        nodes.initializeElement(at: index, to: curl_slist(data: data, next: next))
    }

    private mutating func linkSuppressed() {
        for (index, line) in Self.suppressed.enumerated() {
            // libcurl does not write through the pointer; `curl_slist` only lacks the const.
            link(UnsafeMutableRawPointer(mutating: line.utf8Start), at: index)
        }
    }

    private mutating func reserve(nodeCount: Int, byteCount: Int) {
        if nodeCount > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: nodeCount + Self.spareNodes)
            linkSuppressed()
        }
        if byteCount > text.count {
            text.deallocate()
            text = .allocate(capacity: byteCount + Self.spareBytes)
        }
    }
}
