/// Searches bytes, eight at a time.
///
/// Almost all bytes of an answer are inside strings that the meter does not need (generated text, base64 images of many
/// MiB). The cost of metering depends on how fast it skips them, so the search works on whole words.
enum ByteSearch {
    /// Where the next quote or backslash is at or after `start`; the end when there is none.
    static func quoteOrBackslash(in bytes: Span<UInt8>, from start: Int) -> Int {
        first(in: bytes, from: start) { matches($0, UInt8(ascii: "\"")) | matches($0, UInt8(ascii: "\\")) }
    }

    /// Where the next quote, backslash or control character is at or after `start`; the end when there is none.
    static func endOfPlainText(in bytes: Span<UInt8>, from start: Int) -> Int {
        // With bit 1 turned over, the quote (0x22) is 0x20, and the control characters stay below it.
        first(in: bytes, from: start) { word in
            let quotesAndControls = (word ^ 0x0202_0202_0202_0202) &- 0x2121_2121_2121_2121
            let backslashes = (word ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
            return (quotesAndControls | backslashes) & ~word & highBits
        }
    }

    /// Where the next control character (including DEL) or byte outside ASCII is at or after `start`; the end if there
    /// is none.
    static func endOfPrintableASCII(in bytes: Span<UInt8>, from start: Int) -> Int {
        first(in: bytes, from: start) { $0 & highBits | matches($0, 0x7F) | controls($0) }
    }

    /// Where the next control character (including HTAB and DEL) is at or after `start`; the end when there is none.
    static func control(in bytes: Span<UInt8>, from start: Int) -> Int {
        first(in: bytes, from: start) { matches($0, 0x7F) | controls($0) }
    }

    /// Where the next control character, space, byte below `+` or byte outside ASCII is at or after `start`; the end
    /// when there is none. Base64 and `data:` URLs have none of these.
    static func endOfDenseText(in bytes: Span<UInt8>, from start: Int) -> Int {
        first(in: bytes, from: start) { $0 & highBits | below($0, 0x2B) }
    }

    /// Where the first byte with this value is; the end when there is none.
    static func first(_ byte: UInt8, in bytes: Span<UInt8>) -> Int {
        first(in: bytes, from: 0) { matches($0, byte) }
    }

    /// Where the next line feed or carriage return is at or after `start`; the end when there is none.
    static func lineEnd(in bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while true {
            // One comparison for both; other bytes below 0x0E are rare in text.
            index = first(in: bytes, from: index) { below($0, 0x0E) }
            guard index < bytes.count, bytes[index] != 0x0A, bytes[index] != 0x0D else { return index }
            index &+= 1
        }
    }

    /// Where the next byte is that may open or close a string or a container; the end if there is none.
    ///
    /// `[ ] { }` differ only in three bits; with these masked out, all four are 0x59. `Y _ y` and DEL match too, but
    /// JSON has none of them outside strings, and the caller checks the byte anyway.
    static func quoteOrBracket(in bytes: Span<UInt8>, from start: Int) -> Int {
        first(in: bytes, from: start) { matches($0, UInt8(ascii: "\"")) | matches($0 & 0xD9D9_D9D9_D9D9_D9D9, 0x59) }
    }

    /// Whether both hold the same bytes.
    static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        let (leftRaw, rightRaw) = (left.bytes, right.bytes)
        var index = 0
        while index &+ 8 <= left.count {
            // Bounds are checked; any eight bytes are a UInt64.
            let leftWord = unsafe leftRaw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            let rightWord = unsafe rightRaw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self)
            if leftWord != rightWord { return false }
            index &+= 8
        }
        while index < left.count {
            if left[index] != right[index] { return false }
            index &+= 1
        }
        return true
    }

    /// The first byte whose high bit `marks` sets. If a word has several marks, only the lowest is exact.
    @inline(__always)
    private static func first(in bytes: Span<UInt8>, from start: Int, marks: (UInt64) -> UInt64) -> Int {
        precondition(start >= 0)
        var index = start
        let raw = bytes.bytes
        let last = raw.byteCount &- 8
        while index <= last {
            // In bounds: `index` is not negative, and eight bytes begin at `last` at the latest. Any eight bytes are a
            // UInt64.
            let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self)
            let found = marks(UInt64(littleEndian: word))
            if found != 0 { return index &+ (found.trailingZeroBitCount &>> 3) }
            index &+= 8
        }
        while index < raw.byteCount {
            // The lowest mark is exact, and the byte checked is the lowest of its word.
            if marks(UInt64(bytes[index])) & 0x80 != 0 { return index }
            index &+= 1
        }
        return index
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Sets the high bit of every byte that equals `byte`; bits above the lowest set one may be wrong.
    ///
    /// The classic zero-byte test, (x − 0x01…) & ~x & 0x80…: its borrow only spreads upwards from a true match.
    @inline(__always)
    private static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (UInt64(byte) &* 0x0101_0101_0101_0101)
        return (difference &- 0x0101_0101_0101_0101) & ~difference & highBits
    }

    /// Sets the high bit of every byte below 0x20; bits above the lowest set one may be wrong, as in `matches`.
    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 { below(word, 0x20) }

    /// Sets the high bit of every byte below `limit`, which is at most 0x80; bits above the lowest set one may be
    /// wrong, as in `matches`.
    @inline(__always)
    private static func below(_ word: UInt64, _ limit: UInt8) -> UInt64 {
        (word &- (UInt64(limit) &* 0x0101_0101_0101_0101)) & ~word & highBits
    }
}
