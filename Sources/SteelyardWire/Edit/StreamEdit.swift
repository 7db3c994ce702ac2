/// Takes out of a streamed answer exactly those bytes that asking for usage added to it, as the pieces arrive.
///
/// With `include_usage`, OpenAI sends one more chunk (`choices: []` and the usage) and puts `"usage":null` into every
/// other one. A client that did not ask may index `choices[0]` and fail. So the extra chunk is dropped with its lines,
/// and the null members are taken out with their comma. A usage beside content, which the provider sends unasked,
/// passes. An event waits only while it may be the extra chunk: until `choices` turns out not to be empty, a member
/// appears that the extra chunk never has, or 64 KiB are reached. After that, only the few bytes wait that may
/// begin `,"usage":null`. Comments never wait.
///
/// An object may be spread over several `data` lines of one event. Anything surprising (invalid JSON, an `error`, a
/// member twice) passes as it is. But if it appears only after a null member of the same event was taken out, that
/// member stays out.
///
/// It reads nothing itself: ``AnswerWalk`` tells it what was found and where. Places are offsets in the stream, in
/// which a comment that leaves out of turn counts as if it had never come.
struct StreamEdit: Sendable {
    private(set) var watch = ChunkWatch(at: 0)
    /// The bytes of earlier pieces that wait; they end where the piece begins.
    private var held: [UInt8] = []
    /// Everything before this has left or was taken out.
    private var passed = 0
    /// The place in the stream of the piece's first byte, and of its first byte that is not in `held`.
    private(set) var base = 0
    private var heldEnd = 0
    /// What was before a line feed that may come next, as the second half of a line end.
    private var line = Line.other

    private enum Line {
        /// A comment: its line feed leaves at once.
        case comment
        /// The blank line of an event that was taken out: its line feed goes with it.
        case dropped
        /// Any other.
        case other
    }

    /// The capacity kept for the next bytes that wait: the buffer of a rare large event must not stay with the stream.
    private static let keptCapacity = 4096

    /// Begins the next piece, of which the first `skipped` bytes are no part of any event.
    mutating func begin(skipping skipped: Int) {
        base = heldEnd
        if skipped > 0 { watch.safe = base + skipped }
    }

    /// Ends the piece, in a line that is or may become data, or in another. Returns true if the piece may pass as it is;
    /// otherwise everything that may leave has been appended.
    mutating func end(
        _ piece: Span<UInt8>,
        isDataLine: Bool,
        _ scanner: inout JSONScanner,
        into output: inout [UInt8]
    ) -> Bool {
        let end = base + piece.count
        observe(&scanner, piece, into: &output)
        if !isDataLine { watch.endedOtherLine(namesError: false, &scanner) }
        watch.endedPiece(at: end, &scanner)
        let isWhole = held.isEmpty && passed == base && heldEnd == base && watch.safe == end
        if isWhole { passed = end } else { append(piece, upTo: watch.safe, to: &output) }
        if passed < end || !held.isEmpty { hold(piece, upTo: end) }
        heldEnd = end
        return isWhole
    }

    /// Appends what still waits, since the answer ended or broke off. Only an extra chunk whose `data` line is complete
    /// stays out, as it would have after its blank line.
    mutating func finish(isAtLineStart: Bool, into output: inout [UInt8]) {
        let none: [UInt8] = []
        base = heldEnd
        if isAtLineStart { endEvent(none.span, before: 0, into: &output) }
        append(none.span, upTo: heldEnd, to: &output)
        held = []
    }
}

// MARK: - What was found

extension StreamEdit {
    /// The event begins with the same bytes as the one that was watched like this.
    mutating func skip(to opening: ChunkWatch, movedBy distance: Int) {
        watch.skip(to: opening, movedBy: distance)
    }

    /// The key of a member at the first level was read; the member before it is complete.
    mutating func readKey(_ scanner: inout JSONScanner, _ piece: Span<UInt8>, into output: inout [UInt8]) {
        guard !watch.isPassing else { return }
        let soundEnd = scanner.soundEnd
        while watch.observe(scanner.previousMember, upTo: soundEnd) { takeOut(piece, into: &output) }
        if watch.readKey(of: scanner.member, upTo: soundEnd) { takeOut(piece, into: &output) }
    }

    /// The root ended.
    mutating func endedObject(_ scanner: inout JSONScanner, _ piece: Span<UInt8>, into output: inout [UInt8]) {
        observe(&scanner, piece, into: &output)
        watch.endedObject()
    }

    /// A data line ended before the line end that ends before `index`.
    mutating func endedLine(
        before index: Int,
        _ scanner: inout JSONScanner,
        _ piece: Span<UInt8>,
        into output: inout [UInt8]
    ) {
        line = .other
        guard !watch.isPassing else { return }
        observe(&scanner, piece, into: &output)
        watch.endedLine(at: base + index - 1, &scanner)
    }

    /// A line of another field ended.
    mutating func endedOtherLine(namesError: Bool, _ scanner: inout JSONScanner) {
        line = .other
        watch.endedOtherLine(namesError: namesError, &scanner)
    }

    /// A part of a comment leaves at once, although earlier bytes may wait.
    mutating func readComment(_ range: Range<Int>, _ piece: Span<UInt8>, into output: inout [UInt8]) {
        line = .comment
        guard watch.waits, watch.safe < base + range.lowerBound else {
            return watch.safe = max(watch.safe, base + range.upperBound)
        }
        append(piece, upTo: watch.safe, to: &output)
        hold(piece, upTo: base + range.lowerBound)
        heldEnd = base + range.lowerBound
        Self.append(piece.extracting(range), to: &output)
        base -= range.count
    }

    /// An event ended with the blank line that ends before `index`: what is to be taken out of it is taken out.
    mutating func endEvent(_ piece: Span<UInt8>, before index: Int, into output: inout [UInt8]) {
        let end = base + index
        let isEdited = watch.isEdited(at: end)
        line = isEdited && watch.isExtra ? .dropped : .other
        if line == .dropped {
            append(piece, upTo: watch.safe, to: &output)
            passed = end
        } else if isEdited {
            takeOut(piece, into: &output)
        }
        watch = ChunkWatch(at: end)
    }

    /// A line feed ends before `index` that belongs to the carriage return before it.
    mutating func readLineFeed(_ piece: Span<UInt8>, before index: Int, into output: inout [UInt8]) {
        switch line {
        case .comment: readComment(index - 1..<index, piece, into: &output)
        case .dropped:
            passed = base + index
            watch.safe = passed
        case .other: if watch.safe == base + index - 1 { watch.safe += 1 }
        }
    }

    private mutating func observe(
        _ scanner: inout JSONScanner,
        _ piece: Span<UInt8>,
        into output: inout [UInt8]
    ) {
        guard !watch.isPassing else { return }
        while watch.observe(scanner.member, upTo: scanner.soundEnd) { takeOut(piece, into: &output) }
    }
}

// MARK: - Bytes

extension StreamEdit {
    /// Takes the usage member out of what waits.
    private mutating func takeOut(_ piece: Span<UInt8>, into output: inout [UInt8]) {
        guard let cut = watch.cut else { return }
        append(piece, upTo: cut.lowerBound, to: &output)
        passed = cut.upperBound
        watch.tookOut(upTo: passed)
    }

    /// Appends the bytes before `end` that have not left yet.
    private mutating func append(_ piece: Span<UInt8>, upTo end: Int, to output: inout [UInt8]) {
        let heldStart = heldEnd - held.count
        if passed < min(end, heldEnd) {
            Self.append(held.span.extracting(passed - heldStart..<min(end, heldEnd) - heldStart), to: &output)
            passed = min(end, heldEnd)
        }
        guard passed < end else { return }
        Self.append(piece.extracting(passed - base..<end - base), to: &output)
        passed = end
    }

    /// Keeps what waits before `end`, and forgets what has left.
    private mutating func hold(_ piece: Span<UInt8>, upTo end: Int) {
        if passed >= heldEnd {
            held.removeAll(keepingCapacity: held.capacity <= Self.keptCapacity)
        } else {
            held.removeFirst(passed - (heldEnd - held.count))
        }
        let start = max(passed, heldEnd)
        if start < end { Self.append(piece.extracting(start - base..<end - base), to: &held) }
    }

    private static func append(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { output.append(contentsOf: $0) }
    }
}
