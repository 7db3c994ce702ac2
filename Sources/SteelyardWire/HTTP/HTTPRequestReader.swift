/// Reads the requests of a client connection from its bytes, one after the other (RFC 9112).
///
/// The owner presents the bytes that came. Each call reads one step from `position` on and moves `position` behind what
/// it used; what it did not use, such as a part of a line, is presented again with more bytes behind it. The steps do not
/// depend on how the bytes were split, except that a body may come in other pieces.
///
/// Strict: what two readers could read differently is refused. After a defect nothing more is read, since we cannot rely
/// on where the next request begins.
public struct HTTPRequestReader: Sendable {
    /// What one call read.
    public enum Step: Sendable {
        /// Nothing more can be read from these bytes; present the rest again with more behind it.
        case more
        /// A whole head, checked.
        case head(RequestHead)
        /// Bytes of the body, as positions in the span that was passed; never empty, and without chunk framing.
        case body(Range<Int>)
        /// The request is complete; the next read begins the next request.
        case end
    }

    private enum Stage {
        /// Between requests. → `head`
        case idle
        /// A byte of the head came. → `length`, `chunks`, `complete`
        case head
        /// So many bytes of the body are to come. → `complete`
        case length(Int64)
        /// → `idle`
        case chunks(ChunkReader)
        /// Everything came, but ``Step/end`` was not given. → `idle`
        case complete
        /// Something was refused. Terminal.
        case failed(RequestDefect)
    }

    /// How many empty lines may come before a request. RFC 9112 §2.2 asks to ignore at least one, which some clients send
    /// after a body.
    private static let strayLineLimit = 8

    private let headLimitBytes: Int
    private var stage = Stage.idle
    private var strayLineCount = 0
    private var head: PartialRequestHead

    /// Makes a reader for a new connection.
    ///
    /// - Parameter headLimitBytes: the most that request line and fields may take together, line ends included
    ///   (`server.limits.header_bytes`). Trailers may take as much again.
    public init(headLimitBytes: Int) {
        self.headLimitBytes = headLimitBytes
        head = PartialRequestHead(limitBytes: headLimitBytes)
    }

    /// Whether a byte of a head came, and its end did not. Empty lines between requests are no head.
    public var isWithinHead: Bool { if case .head = stage { true } else { false } }

    /// The fields of a head that was refused as a whole: its answer may depend on them. Nil when no head was, or when one
    /// of its lines was unsound.
    public var refusedFields: HeaderFields? { head.refusedFields }

    /// Whether all bytes of a request were read, but its ``Step/end`` was not given.
    public var isAtEnd: Bool { if case .complete = stage { true } else { false } }

    /// Reads one step.
    ///
    /// - Parameters:
    ///   - bytes: what came and was not used.
    ///   - position: where to read from; moved behind what was used.
    /// - Returns: what was read.
    /// - Throws: why the request is refused; after that, every call throws the same.
    public mutating func read(_ bytes: Span<UInt8>, at position: inout Int) throws(RequestDefect) -> Step {
        do throws(RequestDefect) { return try step(bytes, &position) } catch {
            stage = .failed(error)
            throw error
        }
    }

    private mutating func step(_ bytes: Span<UInt8>, _ position: inout Int) throws(RequestDefect) -> Step {
        switch stage {
        case .idle:
            guard try skipStrayLines(bytes, &position) else { return .more }
            // No request begins so: what comes is not waited for.
            guard bytes[position].isTokenCharacter else { throw .requestLine }
            stage = .head
            return try readHead(bytes, &position)
        case .head: return try readHead(bytes, &position)
        case .length(let remaining): return takeBody(remaining, bytes, &position)
        case .chunks(let chunks): return try readChunks(chunks, bytes, &position)
        case .complete:
            stage = .idle
            return .end
        case .failed(let defect): throw defect
        }
    }
}

extension HTTPRequestReader {
    /// Skips empty lines. Returns whether a head begins at `position`.
    private mutating func skipStrayLines(_ bytes: Span<UInt8>, _ position: inout Int) throws(RequestDefect) -> Bool {
        while position < bytes.count {
            guard bytes[position] != .lineFeed else { throw .bareLineFeed }
            guard bytes[position] == .carriageReturn else { return true }
            guard position + 1 < bytes.count else { return false }
            guard bytes[position + 1] == .lineFeed else { throw .bareCarriageReturn }
            strayLineCount += 1
            guard strayLineCount <= Self.strayLineLimit else { throw .strayLines }
            position += 2
        }
        return false
    }

    private mutating func readHead(_ bytes: Span<UInt8>, _ position: inout Int) throws(RequestDefect) -> Step {
        guard let whole = try head.read(bytes, at: &position) else { return .more }
        head = PartialRequestHead(limitBytes: headLimitBytes)
        strayLineCount = 0
        stage = stageAfter(whole)
        return .head(whole)
    }

    /// RFC 9112 §6.3: a request without framing fields has no body.
    private func stageAfter(_ head: RequestHead) -> Stage {
        if head.facts.isChunked {
            let limits = TrailerLines.Limits(bytes: headLimitBytes, fields: PartialRequestHead.fieldLimit)
            return .chunks(ChunkReader(allowsSpace: false, trailerLimits: limits))
        }
        guard let length = head.facts.contentLength, length > 0 else { return .complete }
        return .length(length)
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
    ) throws(RequestDefect) -> Step {
        var chunks = begun
        do throws(SyntaxDefect) {
            let step = try chunks.read(bytes, at: &position)
            stage = .chunks(chunks)
            switch step {
            case .more: return .more
            case .data(let piece): return .body(piece)
            case .end:
                stage = .idle
                return .end
            }
        } catch { throw RequestDefect(error) }
    }
}
