/// Takes the chunked coding out of a body (RFC 9112 §7.1).
struct ChunkReader: Sendable {
    enum Step {
        /// Nothing more can be read from these bytes.
        case more
        /// Data, as positions in the presented bytes.
        case data(Range<Int>)
        /// The body is complete, trailers included.
        case end
    }

    private enum Stage {
        /// → `data`, or `trailers` after a size of 0
        case size(ChunkSizeLine)
        /// So many bytes of the chunk are to come. → `dataEnd`
        case data(Int64)
        /// The CRLF after the data. → `size`
        case dataEnd(receivedCR: Bool)
        /// Terminal with the blank line.
        case trailers(TrailerLines)
    }

    private let allowsSpace: Bool
    private let trailerLimits: TrailerLines.Limits
    private var overhead = ChunkOverhead()
    private var stage: Stage

    /// - Parameters:
    ///   - allowsSpace: whether white space may stand after a size (BWS, RFC 9112 §7.1.1): from providers, not from
    ///     clients.
    ///   - trailerLimits: what the trailers may take.
    init(allowsSpace: Bool, trailerLimits: TrailerLines.Limits) {
        self.allowsSpace = allowsSpace
        self.trailerLimits = trailerLimits
        stage = .size(ChunkSizeLine(allowsSpace: allowsSpace))
    }

    /// Reads up to the next piece of data. Framing is used up as it comes; of trailers only whole lines.
    mutating func read(_ bytes: Span<UInt8>, at position: inout Int) throws(SyntaxDefect) -> Step {
        while position < bytes.count {
            switch stage {
            case .size(let line): try readSize(line, bytes, &position)
            case .data(let remaining): return takeData(remaining, bytes, &position)
            case .dataEnd(let receivedCR): try readDataEnd(receivedCR, bytes, &position)
            case .trailers(var lines):
                let isComplete = try lines.read(bytes, at: &position)
                stage = .trailers(lines)
                return isComplete ? .end : .more
            }
        }
        return .more
    }

    /// Stops where the overhead is used up: how the bytes were split must not decide which fault is found first.
    private mutating func readSize(
        _ begun: ChunkSizeLine,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(SyntaxDefect) {
        let start = position
        let end = min(bytes.count, start + overhead.remainingBytes)
        guard start < end else { throw .chunkOverhead }
        var (line, isComplete) = (begun, false)
        while position < end, !isComplete {
            isComplete = try line.received(bytes[position])
            position += 1
        }
        overhead.receivedFraming(position - start)
        stage = isComplete ? stageAfter(line.size) : .size(line)
    }

    private func stageAfter(_ size: Int64) -> Stage {
        size > 0 ? .data(size) : .trailers(TrailerLines(limits: trailerLimits))
    }

    private mutating func takeData(_ remaining: Int64, _ bytes: Span<UInt8>, _ position: inout Int) -> Step {
        let piece = bytes.piece(at: &position, ofAtMost: remaining)
        overhead.receivedData(piece.count)
        let rest = remaining - Int64(piece.count)
        stage = rest > 0 ? .data(rest) : .dataEnd(receivedCR: false)
        return .data(piece)
    }

    private mutating func readDataEnd(
        _ receivedCR: Bool,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(SyntaxDefect) {
        guard bytes[position] == (receivedCR ? .lineFeed : .carriageReturn) else { throw .chunkEnd }
        position += 1
        guard receivedCR else { return stage = .dataEnd(receivedCR: true) }
        overhead.receivedChunk()
        stage = .size(ChunkSizeLine(allowsSpace: allowsSpace))
    }
}

extension Span<UInt8> {
    /// The bytes from `position` on, at most `limit` of them; moves `position` behind them.
    func piece(at position: inout Int, ofAtMost limit: Int64) -> Range<Int> {
        let start = position
        position = start + Int(Swift.min(limit, Int64(count - start)))
        return start..<position
    }
}
