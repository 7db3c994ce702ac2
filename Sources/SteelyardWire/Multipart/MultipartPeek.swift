/// Reads a form while it is uploaded, to find the model and whatever else decides its cost (RFC 7578, RFC 2046).
///
/// The caller feeds it the body in pieces, split anywhere. It has its ``verdict`` after ``boundBytes`` at the latest,
/// so a caller that keeps the upload back for the verdict keeps back no more than that. The caller may feed it further:
/// a model that comes after a large file is still in time to price the answer, and a second, different model is in time
/// to stop the upload.
///
/// It never fails: any bytes give a verdict, in memory that does not grow with them.
///
///     preamble ── delimiter ──► delimiterEnd ── line end ──► head ── blank line ──► content
///                                   │  ▲                                              │
///                                   │  └────────────── delimiter ────────────────────┘
///                                   └── "--" ──► closing ── line end ──► over
public struct MultipartPeek: Sendable {
    /// How much of a body is read before the verdict: what a client sends in its first round trips. The official SDKs
    /// send all fields before the first file (openai 2.54 and 3.52 for Python, through httpx).
    public static let boundBytes = 64 * 1024
    /// A part's head is two lines, but a file's name may be long.
    static let headLimitBytes = 8 * 1024
    /// White space after a boundary is rare: if at all, mail gateways add it.
    static let paddingLimitBytes = 128

    /// What the form says about its model.
    public enum Verdict: Sendable, Equatable {
        /// The model is in ``facts``.
        case known
        /// The model does not come within the bound or in the whole form, or it is too long to be one.
        case notFound
        /// A field comes twice with different values: servers differ over which of them counts.
        case ambiguous(FormField)
        /// A field has a value that servers could read in several ways.
        case mistyped(FormField)
        /// There is no readable form.
        case malformed(FormDefect)
    }

    private enum Stage {
        /// Before the first delimiter; exits: `delimiterEnd`, `over`.
        case preamble
        /// After a boundary; exits: `head`, `closing`, `over`.
        case delimiterEnd
        /// In the head of a part; exits: `content`, `over`.
        case head
        /// In the content of a part; exits: `delimiterEnd`, `over`.
        case content
        /// After the last boundary; exits: `over`.
        case closing
        /// Nothing is read any more.
        case over
    }

    /// What is known about the model; nil until the bound or the end of the form is reached, or a defect is found. The
    /// first verdict stays.
    public private(set) var verdict: Verdict?
    /// What has been read so far, including what comes after the verdict.
    public private(set) var facts = FormFacts()
    /// Why the verdict no longer holds: what was found after it, ``Verdict/ambiguous(_:)`` or
    /// ``Verdict/malformed(_:)``. The upload is not over yet, so no provider has acted on it.
    public private(set) var objection: Verdict?

    private var stage = Stage.preamble
    private var search: DelimiterSearch
    private var content = FormContent(.preamble)
    private var part = FormPartHead()
    /// The line that is being read.
    private var line: [UInt8] = []
    private var headByteCount = 0
    private var byteCount = 0
    /// The first value of each field.
    private var values: [FormField: [UInt8]] = [:]

    /// Begins at the body of a request with these fields. A `content-type` without a boundary gives a verdict at once.
    public init(_ fields: HeaderFields) {
        do throws(FormDefect) {
            search = DelimiterSearch(boundary: try fields.formBoundary)
        } catch {
            search = DelimiterSearch(boundary: [])
            stop(.malformed(error))
        }
    }

    /// Takes the next piece of the body.
    public mutating func received(_ piece: Span<UInt8>) {
        let room = Self.boundBytes - byteCount
        byteCount = min(byteCount + piece.count, Self.boundBytes)
        guard verdict == nil, piece.count >= room else { return read(piece) }
        read(piece.extracting(first: room))
        conclude()
        read(piece.extracting(droppingFirst: room))
    }

    /// Notes that the body has ended.
    public mutating func receivedEnd() {
        guard stage != .over else { return }
        if stage == .closing { finish() } else { stop(.malformed(.truncated)) }
    }

    /// How many bytes are kept of what was fed.
    var keptByteCount: Int { line.count + content.value.count + values.values.reduce(0) { $0 + $1.count } }
}

/// Verdicts.
extension MultipartPeek {
    private mutating func conclude() { verdict = verdict ?? (facts.model == nil ? .notFound : .known) }

    private mutating func finish() {
        facts.isWhole = true
        stage = .over
        conclude()
    }

    private mutating func stop(_ verdict: Verdict) {
        if self.verdict == nil { self.verdict = verdict } else { objection = verdict }
        stage = .over
    }
}

/// The grammar.
extension MultipartPeek {
    private mutating func read(_ bytes: Span<UInt8>) {
        var position = 0
        do throws(FormDefect) {
            while position < bytes.count, stage != .over { try readOn(bytes, &position) }
        } catch { stop(.malformed(error)) }
    }

    private mutating func readOn(_ bytes: Span<UInt8>, _ position: inout Int) throws(FormDefect) {
        switch stage {
        case .preamble, .content: try readContent(bytes, &position)
        case .delimiterEnd, .closing, .head:
            line.append(bytes[position])
            position += 1
            try readLine()
        case .over: break
        }
    }

    private mutating func readContent(_ bytes: Span<UInt8>, _ position: inout Int) throws(FormDefect) {
        switch search.advance(in: bytes, from: &position, into: &content) {
        case .exhausted: break
        case .delimiter: try endContent()
        case .delimiterAtOnce:
            // At the start of a part's content, some servers would take it for content and some for the end of an empty
            // part.
            guard stage == .preamble else { throw .delimiter }
            try endContent()
        }
    }

    private mutating func endContent() throws(FormDefect) {
        if content.hasBareLineFeed { throw .delimiter }
        if case .value(let field) = content.purpose { note(field) }
        if stage != .over { beginLine(.delimiterEnd) }
    }

    private mutating func beginLine(_ next: Stage) {
        line.removeAll(keepingCapacity: true)
        stage = next
    }

    private mutating func note(_ field: FormField) {
        guard field != .prompt else { return facts.promptByteCount += content.byteCount }
        guard let first = values[field] else {
            values[field] = content.value
            if !facts.read(content.value, of: field) { stop(.mistyped(field)) }
            return
        }
        if first != content.value { stop(.ambiguous(field)) }
    }

    private mutating func readLine() throws(FormDefect) {
        switch stage {
        case .delimiterEnd: try readDelimiterEnd()
        case .closing: if try lineIsPaddingToItsEnd() { finish() }
        case .head: try readHead()
        case .preamble, .content, .over: break
        }
    }

    private mutating func readDelimiterEnd() throws(FormDefect) {
        if line.elementsEqual("--".utf8) { return beginLine(.closing) }
        if line == [UInt8(ascii: "-")] { return }
        guard try lineIsPaddingToItsEnd() else { return }
        part = FormPartHead()
        headByteCount = 0
        beginLine(.head)
    }

    /// Whether the line is over. It may hold only white space (`transport-padding`, RFC 2046 §5.1.1).
    private func lineIsPaddingToItsEnd() throws(FormDefect) -> Bool {
        guard line.count <= Self.paddingLimitBytes else { throw .delimiter }
        switch line.drop(while: \.isOptionalSpace) {
        case []: return false
        case [.carriageReturn]: return false
        case [.carriageReturn, .lineFeed]: return true
        default: throw .delimiter
        }
    }

    private mutating func readHead() throws(FormDefect) {
        headByteCount += 1
        guard headByteCount <= Self.headLimitBytes else { throw .partHead }
        guard line.last == .lineFeed else { return }
        guard line.dropLast().last == .carriageReturn else { throw .partHead }
        guard line.count > 2 else { return try beginContent() }
        let line = line
        try part.received(line.span.extracting(droppingLast: 2))
        beginLine(.head)
    }

    private mutating func beginContent() throws(FormDefect) {
        try part.checkWhole()
        if part.isFile { facts.fileCount += 1 }
        content = FormContent(part.field.map { .value($0) } ?? .none)
        search.begin()
        beginLine(.content)
    }
}
