/// HTTP header fields as the bytes that were sent, with their order, case and spelling.
///
/// One buffer holds every field as the line that is sent, `name: value` CRLF; a field is three offsets into the buffer.
/// A `String` per name and value would cost two allocations per field, and could not hold bytes that are not UTF-8. A
/// selection of fields shares the buffer, so the buffer may have lines that belong to no field.
public struct HeaderFields: Sendable, Equatable {
    /// Where the line of a field begins, and where its name and its value end in that line.
    struct Field: Sendable, Equatable {
        var start: Int32
        var nameEnd: Int32
        var valueEnd: Int32

        init(start: Int, nameLength: Int, valueLength: Int) {
            self.start = Int32(truncatingIfNeeded: start)
            nameEnd = Int32(truncatingIfNeeded: start &+ nameLength)
            valueEnd = Int32(truncatingIfNeeded: start &+ nameLength &+ 2 &+ valueLength)
        }

        var nameLength: Int { Int(nameEnd &- start) }
        var name: Range<Int> { Int(start)..<Int(nameEnd) }
        /// After the colon and the space.
        var value: Range<Int> { (Int(nameEnd) &+ 2)..<Int(valueEnd) }
        /// `name: value`, without its line end.
        var text: Range<Int> { Int(start)..<Int(valueEnd) }
        /// `name: value` CRLF.
        var line: Range<Int> { Int(start)..<(Int(valueEnd) &+ 2) }
    }

    var bytes: [UInt8] = []
    var fields: [Field] = []

    /// Makes an empty collection.
    public init() {}

    /// How many fields there are; a repeated name counts each time.
    public var count: Int { fields.count }

    /// The size of all names and values in bytes.
    public var byteCount: Int { fields.reduce(0) { $0 &+ $1.text.count &- 2 } }

    /// Whether both have the same names and values, with the same spelling and in the same order.
    public static func == (one: HeaderFields, other: HeaderFields) -> Bool {
        guard one.count == other.count else { return false }
        return one.fields.indices.allSatisfy {
            one.name(at: $0) == other.name(at: $0) && one.value(at: $0) == other.value(at: $0)
        }
    }

    /// Reserves room so that a head of known size is stored with two allocations.
    public mutating func reserve(fieldCount: Int, byteCount: Int) {
        fields.reserveCapacity(fieldCount)
        bytes.reserveCapacity(byteCount + 4 * fieldCount)
    }

    /// Appends a field; the caller has validated both parts (RFC 9110 §5.1, §5.5).
    public mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        fields.append(Field(start: bytes.count, nameLength: name.count, valueLength: value.count))
        bytes.append(addingCapacity: name.count + value.count + 4) { line in
            line.append(copying: name)
            line.append(.colon)
            line.append(.space)
            line.append(copying: value)
            line.append(.carriageReturn)
            line.append(.lineFeed)
        }
    }

    /// Appends a field with a known name and value.
    public mutating func append(name: String, value: String) {
        append(name: name.utf8Span.span, value: value.utf8Span.span)
    }

    /// Appends a field whose received line is exactly the line to keep.
    mutating func append(line: Span<UInt8>, nameLength: Int) {
        fields.append(Field(start: bytes.count, nameLength: nameLength, valueLength: line.count - nameLength - 4))
        line.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
    }
}

extension OutputSpan<UInt8> {
    /// Appends the bytes of `part` in one copy.
    fileprivate mutating func append(copying part: Span<UInt8>) {
        precondition(part.count <= freeCapacity)
        withUnsafeMutableBufferPointer { target, count in
            // In bounds: there is room for the part after the bytes that are there.
            let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(target)[count...])
            part.withUnsafeBytes { rest.copyMemory(from: $0) }
            count += part.count
        }
    }
}

extension HeaderFields {
    /// The name of a field as sent.
    public func name(at index: Int) -> ArraySlice<UInt8> { bytes[nameRange(at: index)] }

    /// The value of a field as sent, without the white space around it.
    public func value(at index: Int) -> ArraySlice<UInt8> { bytes[valueRange(at: index)] }

    /// A field as the line it is sent as, `name: value`, without its line end.
    public func line(at index: Int) -> ArraySlice<UInt8> { bytes[fields[index].text] }

    /// Where the name of a field is in `bytes`.
    func nameRange(at index: Int) -> Range<Int> { fields[index].name }

    /// Where the value of a field is in `bytes`.
    func valueRange(at index: Int) -> Range<Int> { fields[index].value }

    /// Whether the field's name is `lowercased`, an ASCII name in lower case. Case does not matter (RFC 9110 §5.1).
    public func isNamed(_ lowercased: StaticString, at index: Int) -> Bool {
        guard fields[index].nameLength == lowercased.utf8CodeUnitCount else { return false }
        return bytes.span.extracting(nameRange(at: index)).equals(lowercased)
    }

    /// The positions of the fields with this name.
    public func indices(named lowercased: StaticString) -> [Int] {
        fields.indices.filter { isNamed(lowercased, at: $0) }
    }

    /// The value of the only or first field with this name, as text; bytes that are not UTF-8 are replaced.
    public func first(_ lowercased: StaticString) -> String? {
        for index in fields.indices where isNamed(lowercased, at: index) {
            return String(decoding: value(at: index), as: UTF8.self)
        }
        return nil
    }
}

extension UInt8 {
    /// The byte in lower case when it is an ASCII letter, else itself.
    var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
