/// Finds the ends of JSON values (RFC 8259) without building them.
enum JSONScanner {
    static func skippingSpace(_ text: [UInt8], from start: Int) -> Int {
        var position = start
        while position < text.count, isSpace(text[position]) { position += 1 }
        return position
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// The position after the value that starts here; `nil` if no value starts here or it does not end.
    static func endOfValue(_ text: [UInt8], from start: Int) -> Int? {
        guard start < text.count else { return nil }
        switch text[start] {
        case UInt8(ascii: "\""): return endOfString(text, from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfContainer(text, from: start)
        default: return endOfScalar(text, from: start)
        }
    }

    private static func endOfString(_ text: [UInt8], from start: Int) -> Int? {
        // Most of a request is inside strings: here the bytes are read without a bounds check for each.
        text.withUnsafeBufferPointer { bytes in
            var position = start + 1
            while position < bytes.count {
                let byte = bytes[position]
                if byte == UInt8(ascii: "\"") { return position + 1 }
                position += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            return nil
        }
    }

    /// Counts brackets of both kinds together: this reader need not check that they match.
    private static func endOfContainer(_ text: [UInt8], from start: Int) -> Int? {
        var depth = 0
        var position = start
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                guard let end = endOfString(text, from: position) else { return nil }
                position = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return position }
        }
        return nil
    }

    private static func endOfScalar(_ text: [UInt8], from start: Int) -> Int? {
        var position = start
        while position < text.count, isScalar(text[position]) { position += 1 }
        return position > start ? position : nil
    }

    /// Bytes of numbers, `true`, `false` and `null`.
    private static func isScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "E"): true
        default: false
        }
    }

    static func equals(_ text: [UInt8], _ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        // In bounds: both sides have the same length.
        for offset in 0..<range.count where text[range.lowerBound + offset] != name.utf8Start[offset] { return false }
        return true
    }

    /// The text of a string without its escapes; a lone surrogate becomes U+FFFD.
    static func unescaped(_ inside: ArraySlice<UInt8>) -> String {
        guard inside.contains(UInt8(ascii: "\\")) else { return String(decoding: inside, as: UTF8.self) }
        var units: [UInt16] = []
        var rest = inside
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") {
                units.append(escapedUnit(&rest))
            } else {
                let run = [byte] + rest.prefix { $0 != UInt8(ascii: "\\") }
                rest.removeFirst(run.count - 1)
                units.append(contentsOf: String(decoding: run, as: UTF8.self).utf16)
            }
        }
        return String(decoding: units, as: UTF16.self)
    }

    private static func escapedUnit(_ rest: inout ArraySlice<UInt8>) -> UInt16 {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "u"):
            let digits = String(decoding: rest.prefix(4), as: UTF8.self)
            rest = rest.dropFirst(4)
            return UInt16(digits, radix: 16) ?? 0xFFFD
        case let other: return UInt16(other ?? 0xFD)
        }
    }
}
