/// A request target that is safe to route on and to forward verbatim. Nothing in it is normalised, and whatever another
/// reader might normalise into a different path is refused.
public struct RequestTarget: Sendable, Equatable {
    /// The longest target that is accepted; nginx's default for a request line.
    public static let byteLimit = 8 * 1024

    /// Where the path is in the target's bytes; it begins with `/`.
    public let path: Range<Int>
    /// Where the query is, without its `?`; nil when there is no `?`.
    public let query: Range<Int>?

    /// Validates the bytes of a target.
    ///
    /// - Parameters:
    ///   - target: the target as sent.
    ///   - host: the value of `Host`, which the authority of an absolute-form target must equal (RFC 9112 §3.2.2);
    ///     empty when the request had none.
    public init(_ target: Span<UInt8>, host: Span<UInt8>) throws(RequestDefect) {
        guard target.count <= Self.byteLimit else { throw .targetTooLong }
        let start = try Self.pathStart(target, host: host)
        let mark = target.extracting(start...).firstIndex(of: .questionMark).map { $0 + start }
        path = start..<(mark ?? target.count)
        query = mark.map { ($0 + 1)..<target.count }
        try Self.checkPath(target.extracting(path))
        if let query { try Self.checkQuery(target.extracting(query)) }
    }

    /// Where the path begins: at the start in origin-form, after the authority in absolute-form.
    private static func pathStart(_ target: Span<UInt8>, host: Span<UInt8>) throws(RequestDefect) -> Int {
        if target.starts(with: "/") { return 0 }
        guard let schemeEnd = schemeLength(of: target) else { throw .targetForm }
        let pathLength = target.extracting(schemeEnd...).firstIndex(of: .slash)
        guard let pathLength, pathLength == host.count else { throw .targetForm }
        for offset in host.indices where host[offset].lowercasedASCII != target[schemeEnd + offset].lowercasedASCII {
            throw .targetForm
        }
        return schemeEnd + pathLength
    }

    private static func schemeLength(of target: Span<UInt8>) -> Int? {
        if target.count >= 7, target.extracting(first: 7).equals("http://") { return 7 }
        if target.count >= 8, target.extracting(first: 8).equals("https://") { return 8 }
        return nil
    }
}

extension RequestTarget {
    /// Checks characters, escapes and segments. A segment ends at `/`; only the last one may be empty.
    private static func checkPath(_ path: Span<UInt8>) throws(RequestDefect) {
        var segmentStart = 1
        var index = 1
        while index < path.count {
            let byte = path[index]
            if byte == .slash {
                guard index > segmentStart else { throw .targetPath }
                try checkSegment(path, segmentStart..<index)
                segmentStart = index + 1
            } else if byte == .percent {
                try checkPathEscape(path, at: index)
                index += 2
            } else if !byte.isPathCharacter {
                throw .targetCharacter
            }
            index += 1
        }
        try checkSegment(path, segmentStart..<path.count)
    }

    /// Refuses `.` and `..`, also before a `;`: some servers cut off parameters before they resolve dots.
    private static func checkSegment(_ path: Span<UInt8>, _ segment: Range<Int>) throws(RequestDefect) {
        var dots = 0
        for index in segment {
            if path[index] == .semicolon { break }
            guard path[index] == .dot else { return }
            dots += 1
        }
        guard dots == 0 || dots > 2 else { throw .targetPath }
    }

    /// Refuses escapes that a reader might turn into structure: `/`, `\`, `.`, `%`-free controls, and bytes that occur
    /// in no UTF-8 text. Lax decoders accept such bytes as overlong spellings of the same characters.
    private static func checkPathEscape(_ path: Span<UInt8>, at index: Int) throws(RequestDefect) {
        let byte = try escapedByte(path, at: index)
        switch byte {
        case .slash, .backslash, .dot, 0xC0, 0xC1, 0xF5...: throw .targetCharacter
        case 0xE0: try checkContinuation(path, at: index + 3, isAtLeast: 0xA0)
        case 0xF0: try checkContinuation(path, at: index + 3, isAtLeast: 0x90)
        default: guard !byte.isControl else { throw .targetCharacter }
        }
    }

    /// Refuses a second byte that makes a three- or four-byte sequence overlong (RFC 3629 §4).
    private static func checkContinuation(
        _ path: Span<UInt8>,
        at index: Int,
        isAtLeast least: UInt8
    ) throws(RequestDefect) {
        guard index < path.count, path[index] == .percent else { return }
        guard try escapedByte(path, at: index) >= least else { throw .targetCharacter }
    }

    /// The byte that the escape at `index` stands for.
    private static func escapedByte(_ target: Span<UInt8>, at index: Int) throws(RequestDefect) -> UInt8 {
        guard index + 2 < target.count,
            let high = target[index + 1].hexadecimalDigit,
            let low = target[index + 2].hexadecimalDigit
        else { throw .targetCharacter }
        return high << 4 | low
    }

    /// A query is not used for routing, so any well-formed escape passes.
    private static func checkQuery(_ query: Span<UInt8>) throws(RequestDefect) {
        var index = 0
        while index < query.count {
            if query[index] == .percent {
                _ = try escapedByte(query, at: index)
                index += 2
            } else if !query[index].isQueryCharacter {
                throw .targetCharacter
            }
            index += 1
        }
    }
}

extension UInt8 {
    static let percent: UInt8 = 0x25
    static let dot: UInt8 = 0x2E
    static let slash: UInt8 = 0x2F
    static let questionMark: UInt8 = 0x3F
    static let backslash: UInt8 = 0x5C

    /// `pchar` without the percent sign (RFC 3986 §3.3).
    fileprivate var isPathCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x2D, 0x2E, 0x5F, 0x7E: true
        case 0x21, 0x24, 0x26...0x2C, 0x3A, 0x3B, 0x3D, 0x40: true
        default: false
        }
    }

    /// `query` (RFC 3986 §3.4), and the brackets. These are reserved characters, but the API's own examples send them
    /// unescaped, as in `include[]=…`.
    fileprivate var isQueryCharacter: Bool {
        isPathCharacter || self == .slash || self == .questionMark || self == 0x5B || self == 0x5D
    }
}
