import Testing

@testable import SteelyardWire

@Suite("A search over bytes")
struct ByteSearchTests {
    /// Every byte value at every place of two words, from every start: the word-wise search and a plain loop agree.
    @Test("finds what a plain loop finds")
    func agreesWithLoop() {
        for byte in UInt8.min...UInt8.max {
            for filler in [UInt8(0x20), 0x00, 0x80, 0xFF, byte &+ 1, byte ^ 0x80] {
                for place in 0..<19 {
                    var bytes = [UInt8](repeating: filler, count: 19)
                    bytes[place] = byte
                    compare(bytes, start: place / 3)
                }
            }
        }
    }

    private func compare(_ bytes: [UInt8], start: Int) {
        func first(_ isWanted: (UInt8) -> Bool) -> Int { bytes[start...].firstIndex(where: isWanted) ?? bytes.count }
        let span = bytes.span
        let quote = ByteSearch.quoteOrBackslash(in: span, from: start)
        #expect(quote == first { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }, "\(bytes)")
        let end = ByteSearch.lineEnd(in: span, from: start)
        #expect(end == first { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }, "\(bytes)")
        let bracket = ByteSearch.quoteOrBracket(in: span, from: start)
        #expect(bracket == first { $0 & 0xD9 == 0x59 || $0 == UInt8(ascii: "\"") }, "\(bytes)")
        let plain = ByteSearch.endOfPlainText(in: span, from: start)
        #expect(plain == first { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }, "\(bytes)")
        let printable = ByteSearch.endOfPrintableASCII(in: span, from: start)
        #expect(printable == first { $0 < 0x20 || $0 >= 0x7F }, "\(bytes)")
        let same = ByteSearch.first(bytes[start], in: span.extracting(start...))
        #expect(same == 0, "\(bytes)")
    }

    @Test("stops at the end of the bytes")
    func atEnd() {
        let bytes: [UInt8] = []
        let found = ByteSearch.quoteOrBackslash(in: bytes.span, from: 0)
        #expect(found == 0)
    }

    @Test("tells unequal bytes at every place")
    func equality() {
        let bytes = Array(UInt8(0)..<20)
        for place in bytes.indices {
            var other = bytes
            other[place] ^= 0x80
            #expect(!areEqual(bytes, other), "place \(place)")
        }
        #expect(areEqual(bytes, bytes))
        #expect(!areEqual(bytes, bytes.dropLast()))
    }

    private func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool { ByteSearch.areEqual(left.span, right.span) }
}
