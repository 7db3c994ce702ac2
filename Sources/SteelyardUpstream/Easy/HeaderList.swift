import CCurl
import SteelyardWire

/// The header lines of one request in the form libcurl reads them: a linked list of C strings.
///
/// Nodes and text live in two blocks that the next request on the handle uses again; `curl_slist_append` would cost two
/// allocations a field. libcurl keeps only the pointer to the first node (`CURLOPT_HTTPHEADER`).
struct HeaderList: ~Copyable {
    /// Lines that keep libcurl from adding fields of its own: a name without a value is not sent and suppresses the
    /// default (`CURLOPT_HTTPHEADER`).
    private static let suppressed: [StaticString] = ["Expect:", "Accept:", "Content-Type:", "User-Agent:"]

    private var nodes: UnsafeMutableBufferPointer<curl_slist>
    private var text: UnsafeMutableBufferPointer<CChar>

    init() {
        nodes = .allocate(capacity: 32)
        text = .allocate(capacity: 2048)
    }

    deinit {
        nodes.deallocate()
        text.deallocate()
    }

    /// Writes the list for `fields`; nil when a field could not be sent without changing the request: a line break or
    /// NUL in it would begin another field (libcurl sends what it is given, RFC 9110 §5.5).
    ///
    /// The result is valid until the next call.
    mutating func write(_ fields: HeaderFields) -> UnsafeMutablePointer<curl_slist>? {
        reserve(nodeCount: fields.count + Self.suppressed.count, byteCount: fields.byteCount + fields.count * 3)
        var used = 0
        for index in 0..<fields.count {
            guard let start = write(fields, index, at: &used) else { return nil }
            link(start, at: index)
        }
        for (offset, line) in Self.suppressed.enumerated() {
            // libcurl does not write through the pointer; `curl_slist` merely lacks the const.
            let start = UnsafeMutableRawPointer(mutating: line.utf8Start).assumingMemoryBound(to: CChar.self)
            link(start, at: fields.count + offset)
        }
        nodes[fields.count + Self.suppressed.count - 1].next = nil
        return nodes.baseAddress
    }

    /// Writes one line: `name: value`, or `name;` for an empty value, which libcurl sends as `name:`.
    private mutating func write(_ fields: HeaderFields, _ index: Int, at used: inout Int) -> UnsafeMutablePointer<
        CChar
    >? {
        let start = used
        let value = fields.value(at: index)
        guard copy(fields.name(at: index), at: &used) else { return nil }
        if value.isEmpty {
            put(UInt8(ascii: ";"), at: &used)
        } else {
            put(UInt8(ascii: ":"), at: &used)
            put(UInt8(ascii: " "), at: &used)
            guard copy(value, at: &used) else { return nil }
        }
        put(0, at: &used)
        return text.baseAddress.map { $0 + start }
    }

    private mutating func copy(_ bytes: ArraySlice<UInt8>, at used: inout Int) -> Bool {
        let start = used
        used += bytes.count
        return bytes.withUnsafeBytes { source in
            UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(text)[start...]).copyMemory(
                from: source
            )
            // Without a branch per byte, so that it is done 16 at a time.
            var breaks: UInt8 = 0
            for byte in source { breaks |= byte == 0 || byte == 0x0A || byte == 0x0D ? 1 : 0 }
            return breaks == 0
        }
    }

    private mutating func put(_ byte: UInt8, at used: inout Int) {
        text[used] = CChar(bitPattern: byte)
        used += 1
    }

    private mutating func link(_ start: UnsafeMutablePointer<CChar>, at index: Int) {
        let next = nodes.baseAddress.map { $0 + index + 1 }
        nodes.initializeElement(at: index, to: curl_slist(data: start, next: next))
    }

    private mutating func reserve(nodeCount: Int, byteCount: Int) {
        if nodeCount > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: nodeCount * 2)
        }
        if byteCount > text.count {
            text.deallocate()
            text = .allocate(capacity: byteCount * 2)
        }
    }
}
