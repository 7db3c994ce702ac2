/// HTTP header fields as the bytes that were sent: order, case and spelling are kept.
///
/// One buffer holds every name and value; a field is four offsets into it. A `String` per name and value would cost
/// two allocations a field, and could not carry bytes that are not UTF-8. A selection of fields shares the buffer, so
/// that there may be bytes in it that belong to no field.
public struct HeaderFields: Sendable, Equatable {
    struct Field: Sendable, Equatable {
        var name: Range<Int32>
        var value: Range<Int32>
    }

    var bytes: [UInt8] = []
    var fields: [Field] = []

    /// Makes an empty collection.
    public init() {}

    /// How many fields there are; a repeated name counts each time.
    public var count: Int { fields.count }

    /// The size of all names and values in bytes.
    public var byteCount: Int { fields.reduce(0) { $0 + $1.name.count + $1.value.count } }

    /// Whether both have the same names and values, spelled alike, in the same order.
    public static func == (one: HeaderFields, other: HeaderFields) -> Bool {
        guard one.count == other.count else { return false }
        return one.fields.indices.allSatisfy {
            one.name(at: $0) == other.name(at: $0) && one.value(at: $0) == other.value(at: $0)
        }
    }

    /// Reserves room so that a head of known size is stored with two allocations.
    public mutating func reserve(fieldCount: Int, byteCount: Int) {
        fields.reserveCapacity(fieldCount)
        bytes.reserveCapacity(byteCount)
    }

    /// Appends a field; the caller has validated both parts (RFC 9110 §5.1, §5.5).
    public mutating func append(name: Span<UInt8>, value: Span<UInt8>) {
        fields.append(Field(name: appended(name), value: appended(value)))
    }

    /// Appends a field whose parts are known text.
    public mutating func append(name: String, value: String) {
        append(name: name.utf8Span.span, value: value.utf8Span.span)
    }

    private mutating func appended(_ part: Span<UInt8>) -> Range<Int32> {
        let start = Int32(truncatingIfNeeded: bytes.count)
        part.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        return start..<Int32(truncatingIfNeeded: bytes.count)
    }
}

extension HeaderFields {
    /// The name of a field as sent.
    public func name(at index: Int) -> ArraySlice<UInt8> { bytes[range(fields[index].name)] }

    /// The value of a field as sent, without the white space around it.
    public func value(at index: Int) -> ArraySlice<UInt8> { bytes[range(fields[index].value)] }

    private func range(_ range: Range<Int32>) -> Range<Int> { Int(range.lowerBound)..<Int(range.upperBound) }

    /// Whether the field's name is `lowercased`, an ASCII name in lower case (names are case-insensitive, RFC 9110 §5.1).
    public func isNamed(_ lowercased: StaticString, at index: Int) -> Bool {
        let name = fields[index].name
        guard name.count == lowercased.utf8CodeUnitCount else { return false }
        var position = Int(name.lowerBound)
        for offset in 0..<lowercased.utf8CodeUnitCount {
            // In bounds: the loop ends at the literal's own length.
            guard bytes[position].lowercasedASCII == lowercased.utf8Start[offset] else { return false }
            position += 1
        }
        return true
    }

    /// The positions of the fields with this name.
    public func indices(named lowercased: StaticString) -> [Int] {
        fields.indices.filter { isNamed(lowercased, at: $0) }
    }

    /// The value of the only or first field with this name, as text; bytes that are not UTF-8 are replaced.
    public func first(_ lowercased: StaticString) -> String? {
        fields.indices.first { isNamed(lowercased, at: $0) }.map { String(decoding: value(at: $0), as: UTF8.self) }
    }
}

extension UInt8 {
    /// The byte in lower case when it is an ASCII letter, else itself.
    var lowercasedASCII: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
