/// Looks into a form as it is uploaded, for the model and what else decides about its cost (RFC 7578, RFC 2046).
///
/// It is fed the body in pieces, however it is cut. It has its ``verdict`` at the latest after ``boundBytes``, so that
/// who holds the upload back for it holds back no more than that. It may be fed on: a model that comes behind a large
/// file is still in time for the price of the answer, and a second, different one for stopping the upload.
///
/// Total: any bytes give a verdict, in memory that does not grow with them.
///
///     preamble ── delimiter ──► delimiterEnd ── line end ──► head ── blank line ──► content
///                                   │  ▲                                              │
///                                   │  └────────────── delimiter ────────────────────┘
///                                   └── "--" ──► closing ── line end ──► over
public struct MultipartPeek: Sendable {
    /// How much of a body is looked at before the verdict: what a client sends in its first round trips. The official
    /// SDKs send all fields before the first file (openai 2.54 and 3.52 for Python, through httpx).
    public static let boundBytes = 64 * 1024
    /// A part's head is two lines; a file's name may be long.
    static let headLimitBytes = 8 * 1024
    /// White space behind a boundary comes from mail gateways, if at all.
    static let paddingLimitBytes = 128

    /// What the form says about its model.
    public enum Verdict: Sendable, Equatable {
        /// ``facts`` have it.
        case known
        /// It does not come within the bound, or in the whole form, or is too long to be one.
        case notFound
        /// A field comes twice with different values: servers differ over which of them counts.
        case ambiguous(FormField)
        /// A field has a value that servers could take for several.
        case mistyped(FormField)
        /// There is no form that can be read.
        case malformed(FormDefect)
    }

    private enum Stage {
        /// Before the first delimiter; exits: `delimiterEnd`, `over`.
        case preamble
        /// Behind a boundary; exits: `head`, `closing`, `over`.
        case delimiterEnd
        /// In the head of a part; exits: `content`, `over`.
        case head
        /// In its content; exits: `delimiterEnd`, `over`.
        case content
        /// Behind the last boundary; exits: `over`.
        case closing
        /// Nothing is looked at any more.
        case over
    }

    /// What is known about the model; nil while the bound is not reached. It stays as it first was.
    public private(set) var verdict: Verdict?
    /// What has been read, beyond the verdict too.
    public private(set) var facts = FormFacts()
    /// Why the verdict no longer holds: what came to light behind it, ``Verdict/ambiguous(_:)`` or
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

    /// Begins at the body of a request with these fields; a `content-type` that gives no boundary is a verdict.
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

    /// The body has ended.
    public mutating func receivedEnd() {
        guard stage != .over else { return }
        if stage == .closing { finish() } else { stop(.malformed(.truncated)) }
    }

    /// How much is kept of what was fed, in bytes.
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
            // Of a part, some would take it for content and some for the end of an empty one.
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

    /// Whether the line is over; it may hold nothing but white space (`transport-padding`, RFC 2046 §5.1.1).
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
