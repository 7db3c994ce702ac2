/// Reads one answer of a provider from the bytes of its connection (RFC 9112).
///
/// It is used like ``HTTPRequestReader``: what a call did not use is presented again. One reader reads one answer with
/// the interim ones before it. Bytes that follow the answer are not used; a connection that has such bytes is not clean
/// and must not be used again.
public struct HTTPAnswerReader: Sendable {
    /// What one call read.
    public enum Step: Sendable {
        /// Nothing more can be read from these bytes; present the rest again with more behind it.
        case more
        /// An interim (1xx) head; another head follows.
        case interim(status: Int)
        /// The final head, checked.
        case head(AnswerHead)
        /// Bytes of the body, as positions in the span that was passed; never empty, and without chunk framing.
        case body(Range<Int>)
        /// The answer is complete; every further call gives this again.
        case end
    }

    /// What the end of the connection made of the answer.
    public enum End: Sendable, Equatable {
        /// All of it came.
        case whole
        /// A part of the body is missing, or it is not certain that none is.
        case truncated
        /// No byte of a final head came.
        case noAnswer
        /// The connection ended within a head, or what came before was refused.
        case malformed
    }

    private enum Stage {
        /// No byte of the next head came. → `withinHead`
        case beforeHead
        /// → `beforeHead` after an interim head, `length`, `chunks`, `untilClose`, `complete`
        case withinHead
        /// So many bytes of the body are to come. → `complete`
        case length(Int64)
        /// → `ended`
        case chunks(ChunkReader)
        /// The body lasts until the connection ends. → `ended`
        case untilClose
        /// Everything came, but ``Step/end`` was not given. → `ended`
        case complete
        /// Terminal.
        case ended
        /// Something was refused. Terminal.
        case failed(AnswerDefect)
    }

    private static let trailerLimits = TrailerLines.Limits(
        bytes: AnswerHeadReader.byteLimit,
        fields: AnswerHeadReader.lineLimit
    )

    private var stage = Stage.beforeHead
    private var search = LineSearch()
    private var headReader: AnswerHeadReader
    private var letsLive = false

    /// Makes a reader for the next answer of a connection.
    ///
    /// - Parameter answersHEAD: whether the request was HEAD, to which no answer has a body.
    public init(answersHEAD: Bool) {
        headReader = AnswerHeadReader(answersHEAD: answersHEAD)
    }

    /// Whether the provider lets the connection live after this answer (RFC 9112 §9.3): HTTP/1.1 without `close`, or
    /// HTTP/1.0 with `keep-alive`. False before ``Step/end``, after a body that lasted until the end of the connection,
    /// and after a 204 that announced a body: the bytes that follow may be that body.
    public var keepsAlive: Bool { if case .ended = stage { letsLive } else { false } }

    /// Reads one step.
    ///
    /// - Parameters:
    ///   - bytes: what came and was not used.
    ///   - position: where to read from; moved behind what was used.
    /// - Returns: what was read.
    /// - Throws: why the answer is refused; after that, every call throws the same.
    public mutating func read(_ bytes: Span<UInt8>, at position: inout Int) throws(AnswerDefect) -> Step {
        do throws(AnswerDefect) { return try step(bytes, &position) } catch {
            stage = .failed(error)
            throw error
        }
    }

    /// The connection ended, and no more bytes come.
    ///
    /// - Parameter isClean: whether its end was the provider's intention: a FIN, over TLS after `close_notify`.
    /// - Returns: what that makes of the answer, whose unused bytes are lost.
    public mutating func receivedEnd(isClean: Bool) -> End {
        let end = end(isClean: isClean)
        letsLive = false
        if end == .whole { stage = .ended }
        return end
    }

    private func end(isClean: Bool) -> End {
        switch stage {
        case .beforeHead: .noAnswer
        case .withinHead, .failed: .malformed
        case .length, .chunks: .truncated
        case .untilClose: isClean ? .whole : .truncated
        case .complete, .ended: .whole
        }
    }
}

extension HTTPAnswerReader {
    private mutating func step(_ bytes: Span<UInt8>, _ position: inout Int) throws(AnswerDefect) -> Step {
        switch stage {
        case .beforeHead, .withinHead: return try readHead(bytes, &position)
        case .length(let remaining): return takeBody(remaining, bytes, &position)
        case .chunks(let chunks): return try readChunks(chunks, bytes, &position)
        case .untilClose:
            guard position < bytes.count else { return .more }
            return .body(bytes.piece(at: &position, ofAtMost: .max))
        case .complete: stage = .ended
        case .ended: break
        case .failed(let defect): throw defect
        }
        return .end
    }

    private mutating func readHead(_ bytes: Span<UInt8>, _ position: inout Int) throws(AnswerDefect) -> Step {
        guard position < bytes.count else { return .more }
        stage = .withinHead
        try headReader.checkBeginning(bytes.extracting(position...))
        while let line = try nextLine(in: bytes, at: &position) {
            switch try headReader.received(checked: bytes.extracting(line), textLength: line.count - 2) {
            case .more: continue
            case .interim(let status):
                stage = .beforeHead
                return .interim(status: status)
            case .complete(let head): return receivedHead(head)
            case .trailer: preconditionFailure("the head ended, and its reader gets no more lines")
            }
        }
        return .more
    }

    /// The next line with its line end.
    private mutating func nextLine(
        in bytes: Span<UInt8>,
        at position: inout Int
    ) throws(AnswerDefect) -> Range<Int>? {
        do throws(SyntaxDefect) {
            let limit = headReader.remainingByteCount
            guard let text = try search.line(in: bytes, from: position, limitBytes: limit) else { return nil }
            position = text.upperBound + 2
            return text.lowerBound..<position
        } catch { throw AnswerDefect(error) }
    }

    private mutating func receivedHead(_ head: AnswerHead) -> Step {
        let options = ConnectionOptions(of: head.fields)
        let persists = !options.saysClose && (headReader.isHTTP11 || options.saysKeepAlive)
        letsLive = persists && head.framing != .untilClose && !head.announcesImpossibleBody
        stage = Self.stage(of: head.framing)
        return .head(head)
    }

    private static func stage(of framing: AnswerHead.Framing) -> Stage {
        switch framing {
        case .none, .length(0): .complete
        case .length(let length): .length(length)
        case .chunked: .chunks(ChunkReader(allowsSpace: true, trailerLimits: trailerLimits))
        case .untilClose: .untilClose
        }
    }

    private mutating func takeBody(_ remaining: Int64, _ bytes: Span<UInt8>, _ position: inout Int) -> Step {
        guard position < bytes.count else { return .more }
        let piece = bytes.piece(at: &position, ofAtMost: remaining)
        let rest = remaining - Int64(piece.count)
        stage = rest > 0 ? .length(rest) : .complete
        return .body(piece)
    }

    private mutating func readChunks(
        _ begun: ChunkReader,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(AnswerDefect) -> Step {
        var chunks = begun
        do throws(SyntaxDefect) {
            let step = try chunks.read(bytes, at: &position)
            stage = .chunks(chunks)
            switch step {
            case .more: return .more
            case .data(let piece): return .body(piece)
            case .end:
                stage = .ended
                return .end
            }
        } catch { throw AnswerDefect(error) }
    }
}
