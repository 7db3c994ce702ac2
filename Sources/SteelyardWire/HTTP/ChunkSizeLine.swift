/// The line before a chunk: `chunk-size [ chunk-ext ] CRLF` (RFC 9112 §7.1), read byte by byte.
///
/// Extensions mean nothing to us and are dropped, but their grammar is checked: readers disagree about where a
/// malformed one ends (CVE-2025-55315).
struct ChunkSizeLine: Sendable {
    private enum Place {
        /// → `space`, `nameStart`, `lineFeed`
        case size
        /// White space after the size. → `nameStart`, `lineFeed`
        case space
        /// A semicolon came. → `name`
        case nameStart
        /// → `nameStart`, `valueStart`, `lineFeed`
        case name
        /// An equals sign came. → `value`, `quoted`
        case valueStart
        /// → `nameStart`, `lineFeed`
        case value
        /// Within a quoted string. → `escaped`, `quotedEnd`
        case quoted
        /// → `quoted`
        case escaped
        /// → `nameStart`, `lineFeed`
        case quotedEnd
        /// CR came. Terminal with the LF.
        case lineFeed
    }

    /// As many digits as 64 bits need; leading zeros count.
    private static let digitLimit = 16

    /// The size of the chunk in bytes, so far.
    private(set) var size: Int64 = 0
    private var digitCount = 0
    private var place = Place.size
    private let allowsSpace: Bool

    /// - Parameter allowsSpace: whether white space may stand after the size (BWS, RFC 9112 §7.1.1).
    init(allowsSpace: Bool) { self.allowsSpace = allowsSpace }

    /// Takes the next byte. Returns whether the line is complete.
    mutating func received(_ byte: UInt8) throws(SyntaxDefect) -> Bool {
        if place == .lineFeed {
            guard byte == .lineFeed else { throw .bareCarriageReturn }
            return true
        }
        guard byte != .lineFeed else { throw .bareLineFeed }
        place = try next(byte)
        return false
    }

    private mutating func next(_ byte: UInt8) throws(SyntaxDefect) -> Place {
        switch place {
        case .size: return try afterSize(byte)
        case .space: return byte.isOptionalSpace ? .space : try afterPart(byte, else: .chunkSize)
        case .nameStart where byte.isTokenCharacter, .name where byte.isTokenCharacter: return .name
        case .name where byte == .equalsSign: return .valueStart
        case .valueStart where byte == .quote: return .quoted
        case .valueStart where byte.isTokenCharacter, .value where byte.isTokenCharacter: return .value
        case .quoted, .escaped: return try withinQuotes(byte)
        case .name, .value, .quotedEnd: return try afterPart(byte, else: .chunkExtension)
        case .nameStart, .valueStart, .lineFeed: throw .chunkExtension
        }
    }

    private mutating func afterSize(_ byte: UInt8) throws(SyntaxDefect) -> Place {
        if let digit = byte.hexadecimalDigit {
            try append(digit)
            return .size
        }
        guard digitCount > 0 else { throw .chunkSize }
        if allowsSpace, byte.isOptionalSpace { return .space }
        return try afterPart(byte, else: .chunkSize)
    }

    private mutating func append(_ digit: UInt8) throws(SyntaxDefect) {
        digitCount += 1
        guard digitCount <= Self.digitLimit else { throw .chunkSize }
        guard size <= Int64.max >> 4 else { throw .chunkTooLarge }
        size = size << 4 | Int64(digit)
    }

    /// What may follow a size, a name or a value.
    private func afterPart(_ byte: UInt8, else defect: SyntaxDefect) throws(SyntaxDefect) -> Place {
        switch byte {
        case .semicolon: return .nameStart
        case .carriageReturn: return .lineFeed
        default: throw defect
        }
    }

    /// `quoted-string` (RFC 9110 §5.6.4).
    private func withinQuotes(_ byte: UInt8) throws(SyntaxDefect) -> Place {
        guard !byte.isControl || byte == .tab else { throw .chunkExtension }
        if place == .escaped { return .quoted }
        switch byte {
        case .quote: return .quotedEnd
        case .backslash: return .escaped
        default: return .quoted
        }
    }
}

extension UInt8 {
    fileprivate static let equalsSign: UInt8 = 0x3D
}
