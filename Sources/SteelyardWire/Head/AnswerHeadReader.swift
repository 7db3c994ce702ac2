/// Reads a provider's answer head line by line, and refuses whatever could be read in two ways.
///
/// The caller feeds it the raw lines in the order they came, each with its line end as received. libcurl hands over
/// exactly these lines, but is lenient about them: it accepts two lengths, a length beside chunks, bare line feeds,
/// folded lines and a head that is cut off within a line (measured with 7.88.1). The reader drops interim heads. Lines
/// after the head's blank line are a trailer and are ignored.
public struct AnswerHeadReader: Sendable {
    /// What one line led to.
    public enum Step: Sendable, Equatable {
        /// The head goes on.
        case more
        /// An interim (1xx) head ended; the next line begins another head.
        case interim(status: Int)
        /// The final head ended; the body follows.
        case complete(AnswerHead)
        /// A line after the final head: a trailer field, which is not forwarded.
        case trailer
    }

    private enum Version { case http10, http11, http2 }

    private enum Stage {
        /// A status line must come next. → `fields`
        case statusLine
        /// A field line or the blank line must come next. → `statusLine` after an interim head, else `ended`
        case fields
        /// The final head is complete. Terminal.
        case ended
    }

    /// A head larger than this is refused.
    static let byteLimit = 64 * 1024
    static let lineLimit = 200
    /// How many interim heads are tolerated before the final one; honest providers send none or one.
    static let interimLimit = 16

    private let answersHEAD: Bool
    private let allowsHTTP2: Bool
    private var stage = Stage.statusLine
    private var version = Version.http11
    private var head = AnswerHead(status: 0, reason: [], fields: HeaderFields(), framing: .none)
    private var contentLength: Int64?
    private var isChunked = false
    private var byteCount = 0
    private var lineCount = 0
    private var interimCount = 0

    /// Makes a reader for the answer to one request.
    ///
    /// - Parameters:
    ///   - answersHEAD: whether the request was HEAD, whose answer has no body whatever its fields say.
    ///   - allowsHTTP2: whether `HTTP/2` is allowed in the status line. libcurl writes it for negotiated HTTP/2, and
    ///     accepts it on an HTTP/1.1 connection too.
    public init(answersHEAD: Bool, allowsHTTP2: Bool = false) {
        self.answersHEAD = answersHEAD
        self.allowsHTTP2 = allowsHTTP2
    }

    /// Whether the head is HTTP/1.1; known once its status line came.
    var isHTTP11: Bool { version == .http11 }

    /// How many more bytes the head may have.
    var remainingByteCount: Int { Self.byteLimit - byteCount }

    /// Refuses bytes that cannot begin a status line, before its end has come: a peer that speaks another protocol may
    /// never send one.
    func checkBeginning(_ bytes: Span<UInt8>) throws(AnswerDefect) {
        guard case .statusLine = stage else { return }
        guard bytes.extracting(first: min(bytes.count, 5)).isPrefix(of: "HTTP/") else { throw .statusLine }
    }

    /// Takes one line with its line end, and returns what it led to.
    public mutating func received(_ line: Span<UInt8>) throws(AnswerDefect) -> Step {
        if case .ended = stage { return .trailer }
        guard line.count <= remainingByteCount else { throw .tooLarge }
        return try received(checked: line, textLength: try Self.textLength(of: line))
    }

    /// Takes one line that ends in CRLF and has no other control character than HTAB in it.
    mutating func received(checked line: Span<UInt8>, textLength: Int) throws(AnswerDefect) -> Step {
        try count(line)
        switch stage {
        case .statusLine: try readStatusLine(line.extracting(first: textLength))
        case .fields where textLength == 0: return try endHead()
        case .fields: try readField(line, textLength: textLength)
        case .ended: break
        }
        return .more
    }

    private mutating func count(_ line: Span<UInt8>) throws(AnswerDefect) {
        byteCount += line.count
        lineCount += 1
        guard byteCount <= Self.byteLimit, lineCount <= Self.lineLimit else { throw .tooLarge }
    }

    /// The length of the line without its CRLF. Throws if the line does not end in CRLF, or has a control character in
    /// it.
    private static func textLength(of line: Span<UInt8>) throws(AnswerDefect) -> Int {
        var search = LineSearch()
        let text: Range<Int>?
        do throws(SyntaxDefect) { text = try search.line(in: line, from: 0, limitBytes: line.count) } catch {
            throw AnswerDefect(error)
        }
        guard let text else { throw .unterminatedLine }
        return text.count
    }
}

extension AnswerHeadReader {
    /// `HTTP-version SP 3DIGIT SP [reason]` (RFC 9112 §4). The space before an empty reason may be missing: many
    /// servers leave it out, and no reader takes it for anything else.
    private mutating func readStatusLine(_ line: Span<UInt8>) throws(AnswerDefect) {
        guard line.starts(with: "HTTP/") else { throw .statusLine }
        let codeStart = try readVersion(line)
        guard line.count >= codeStart + 3 else { throw .statusLine }
        head.status = try Self.status(line, at: codeStart)
        if line.count > codeStart + 3 {
            guard line[codeStart + 3] == .space else { throw .statusCode }
            head.reason = line.extracting(last: line.count - codeStart - 4).bytesArray
        }
        // What a provider's head usually needs, reserved in one step.
        head.fields.reserve(fieldCount: 24, byteCount: 1024)
        stage = .fields
    }

    /// Reads the version, and returns the position of the status code.
    private mutating func readVersion(_ line: Span<UInt8>) throws(AnswerDefect) -> Int {
        if line.starts(with: "HTTP/1.1 ") {
            version = .http11
        } else if line.starts(with: "HTTP/1.0 ") {
            version = .http10
        } else if allowsHTTP2, line.starts(with: "HTTP/2 ") {
            version = .http2
            return 7
        } else {
            throw .version
        }
        return 9
    }

    private static func status(_ line: Span<UInt8>, at start: Int) throws(AnswerDefect) -> Int {
        var status = 0
        for offset in 0..<3 {
            guard let digit = line[start + offset].decimalDigit else { throw .statusCode }
            status = status * 10 + Int(digit)
        }
        guard (100...599).contains(status) else { throw .statusCode }
        // We never ask for an upgrade on this path, so a 101 is never an answer to one.
        guard status != 101 else { throw .unsolicitedUpgrade }
        return status
    }

    private mutating func readField(_ line: Span<UInt8>, textLength: Int) throws(AnswerDefect) {
        let field = try Self.field(line, textLength: textLength)
        if field.isVerbatim(in: line) {
            head.fields.append(line: line, nameLength: field.name.count)
        } else {
            head.fields.append(name: line.extracting(field.name), value: line.extracting(field.value))
        }
        try readFraming(name: line.extracting(field.name), value: line.extracting(field.value))
    }

    private static func field(_ line: Span<UInt8>, textLength: Int) throws(AnswerDefect) -> FieldLine {
        do throws(SyntaxDefect) { return try FieldLine(0..<textLength, in: line) } catch { throw AnswerDefect(error) }
    }

    /// Notes a field that says how the body ends.
    private mutating func readFraming(name: Span<UInt8>, value: Span<UInt8>) throws(AnswerDefect) {
        switch name.count {
        case 14 where name.equals("content-length"):
            guard contentLength == nil else { throw .repeatedContentLength }
            guard let length = value.contentLength else { throw .contentLength }
            contentLength = length
        case 17 where name.equals("transfer-encoding"):
            guard version == .http11 else { throw .transferCodingVersion }
            guard !isChunked, value.equals("chunked") else { throw .transferCoding }
            isChunked = true
        default: return
        }
    }

    private mutating func endHead() throws(AnswerDefect) -> Step {
        guard contentLength == nil || !isChunked else { throw .conflictingFraming }
        guard head.status >= 200 else { return try endInterim() }
        head.framing = framing
        stage = .ended
        return .complete(head)
    }

    private mutating func endInterim() throws(AnswerDefect) -> Step {
        interimCount += 1
        guard interimCount <= Self.interimLimit else { throw .tooManyInterimHeads }
        let status = head.status
        head = AnswerHead(status: 0, reason: [], fields: HeaderFields(), framing: .none)
        (contentLength, isChunked, byteCount, lineCount) = (nil, false, 0, 0)
        stage = .statusLine
        return .interim(status: status)
    }

    /// RFC 9112 §6.3, in its order.
    private var framing: AnswerHead.Framing {
        if answersHEAD || head.status == 204 || head.status == 304 { return .none }
        if isChunked { return .chunked }
        return contentLength.map { .length($0) } ?? .untilClose
    }
}
