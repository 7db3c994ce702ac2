/// Reads a provider's answer once: for the meter, which wants facts, and for the edit, which takes out what came only
/// because Steelyard asked for usage. The answer comes in pieces split anywhere.
///
/// It takes any bytes and never fails: what it cannot read it skips or gives up on, and it says so. It keeps short
/// texts and the last usage objects (16 KiB each at most), and of a stream under edit the bytes that wait; never a line,
/// an event or a body.
///
///     var walk = AnswerWalk(labelled: .eventStream, edits: true)
///     if walk.read(piece, into: &output) { … }    // as often as bytes arrive: send the piece, or else the output
///     if walk.isFinished { … }                    // settle: the client may hang up now
///     walk.finish(into: &output)
///     let facts = walk.facts
public struct AnswerWalk: Sendable {
    private static let done: StaticString = "[DONE]"

    /// How the answer is read: as its label says, until the first bytes decide.
    public private(set) var form: AnswerForm
    private var finder: FormFinder?
    private var splitter = EventStreamSplitter()
    private var scanner: JSONScanner
    private var tally: AnswerTally
    /// Nil for an answer that passes as it is.
    private var edit: StreamEdit?
    /// How the event before began; nil if it began in no ordinary way.
    private var opening: EventOpening?
    /// How many events in a row have not begun as the one before them.
    private var missCount = 0
    /// After so many, the stream's events are of another kind (Responses numbers them), and none is kept any more.
    private static let missLimit = 8
    /// How many bytes of `[DONE]` the event's data has begun with; −1 when it began with anything else.
    private var doneLength = 0
    /// Whether everything that counts has been read, so that the charge can be closed.
    ///
    /// For a stream this is at `[DONE]`, or at another end once a usage is known: some ends come once per part, and an
    /// error may come before the usage. The reader ignores what follows. Whether that arrives in the same piece depends
    /// on TCP, and the same bytes must cost the same (docs/decisions/0022).
    public private(set) var hasToldAll = false
    private var unreadableEventCount = 0

    /// Makes a walk over an answer of exactly this form, which passes as it is; the bytes must have no content coding.
    /// `choices` is how many choices, or images, the request asked for.
    public init(_ form: AnswerForm, choices: Int = 1) {
        self.init(form, choices: choices, finder: nil, edits: false)
    }

    /// Makes a walk over an answer with this label; the answer's first bytes may correct the label. It edits an event
    /// stream if `edits` is true. Ask for that only for 2xx answers to a request that was edited.
    public init(labelled label: AnswerForm, choices: Int = 1, edits: Bool = false) {
        self.init(label, choices: choices, finder: FormFinder(label: label), edits: edits)
    }

    private init(_ form: AnswerForm, choices: Int, finder: FormFinder?, edits: Bool) {
        self.form = form
        self.finder = finder
        tally = AnswerTally(form: form, choices: choices)
        scanner = JSONScanner(table: AnswerPosition.table, watchesMembers: edits)
        edit = edits ? StreamEdit() : nil
    }

    /// Reads the next bytes of an answer that passes as it is.
    public mutating func read(_ piece: Span<UInt8>) {
        var none: [UInt8] = []
        _ = read(piece, into: &none)
    }

    /// Reads the next bytes. Returns true if this piece may pass as it is; otherwise what may leave has been appended to
    /// `output`. Often nothing waits; sometimes nothing leaves.
    public mutating func read(_ piece: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        finder == nil ? readOn(piece, from: 0, into: &output) : find(piece, into: &output)
    }

    /// Bytes that mean nothing leave at once; the beginning of a field name waits.
    private mutating func find(_ piece: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        guard let start = finder?.read(piece) else { return true }
        let waits = finder?.opening.isEmpty == false
        if let found = finder?.form {
            let isWhole = begin(found, into: &output)
            return pass(piece, from: start, isFirst: isWhole, into: &output)
        }
        guard edit != nil, waits else { return true }
        piece.extracting(first: start).withUnsafeBufferPointer { output.append(contentsOf: $0) }
        return false
    }

    /// Reads the rest of a piece. If bytes went before it, it cannot pass by itself.
    private mutating func pass(
        _ piece: Span<UInt8>,
        from start: Int,
        isFirst: Bool,
        into output: inout [UInt8]
    ) -> Bool {
        let isWhole = readOn(piece, from: start, into: &output)
        guard isWhole, !isFirst else { return isWhole }
        piece.withUnsafeBufferPointer { output.append(contentsOf: $0) }
        return false
    }

    /// Sets the form, which is known now, and reads the bytes that waited for it. Returns whether there were none, or
    /// they have left already.
    private mutating func begin(_ found: AnswerForm, into output: inout [UInt8]) -> Bool {
        let (opening, isEdited) = (finder?.opening ?? [], edit != nil)
        finder = nil
        form = found
        tally.form = found
        if form != .eventStream { (edit, scanner.watchesMembers) = (nil, false) }
        let isWhole = readOn(opening.span, from: 0, into: &output)
        guard isEdited, !opening.isEmpty else { return true }
        if isWhole { output += opening }
        return false
    }

    private mutating func readOn(_ piece: Span<UInt8>, from start: Int, into output: inout [UInt8]) -> Bool {
        switch form {
        case .json: readText(piece.extracting(start...))
        case .eventStream where edit != nil || !hasToldAll: return readEvents(piece, from: start, into: &output)
        case .eventStream, .opaque: break
        }
        return true
    }

    /// Ends the walk: no more bytes come, whether the answer ended or broke off. The last event is read even without
    /// the blank line that clients need to see it. What waits is appended to `output`.
    public mutating func finish(into output: inout [UInt8]) {
        if let found = finder?.finish() { _ = begin(found, into: &output) }
        switch form {
        case .json: endData()
        case .eventStream where !hasToldAll: endEvent()
        case .eventStream, .opaque: break
        }
        edit?.finish(isAtLineStart: splitter.isAtLineStart, into: &output)
    }

    /// Ends the walk over an answer that passes as it is.
    public mutating func finish() {
        var none: [UInt8] = []
        finish(into: &none)
    }

    /// Whether the answer's semantic end has been read.
    ///
    /// In a stream: `[DONE]`, a terminal event, an error event, or the extra chunk with the usage. The charge is
    /// settled then, because the official clients hang up at `[DONE]`, before the last bytes. A plain answer is
    /// finished with the last byte of its JSON text, so that its charge is recorded before the client has that byte. An
    /// opaque answer is never finished.
    public var isFinished: Bool { tally.isFinished }

    /// Whether only the usage is still to come: the choices that were asked for have given a reason for ending, or a
    /// response has finished a message or call.
    public var hasEndedOutput: Bool { tally.hasEndedOutput }

    /// Whether the answer is opaque, so that its bytes are not read.
    public var isOpaque: Bool { form == .opaque }

    /// Whether a usage object has been read.
    public var hasUsage: Bool { tally.hasUsage }

    /// The bytes of generated text so far; see `AnswerFacts.outputByteCount`.
    public var outputByteCount: Int { tally.outputByteCount }

    /// The events so far that carried generated output.
    public var contentEventCount: Int { tally.contentEventCount }

    /// Everything the answer has said so far. It is built anew at each call, so ask once, at the end.
    public var facts: AnswerFacts {
        var facts = tally.facts
        facts.unreadableEventCount = unreadableEventCount
        facts.gaveUp = gaveUp
        return facts
    }

    private var gaveUp: AnswerFailure? {
        switch scanner.failure {
        case .invalid where form == .json: .invalidJSON
        case .tooDeep where form == .json: .nestedTooDeep
        default: scanner.hasOutgrownVerbatim ? .usageTooLong : nil
        }
    }
}

// MARK: - JSON

extension AnswerWalk {
    private mutating func readText(_ piece: Span<UInt8>) {
        var index = 0
        while let token = scanner.next(in: piece, at: &index) { take(token, of: piece) }
        // Not `isComplete`: bytes after the text would make the end depend on where the pieces are cut.
        guard scanner.rootHasEnded else { return }
        tally.isFinished = true
        hasToldAll = true
    }

    /// The meter takes what was found.
    private mutating func take(_ token: JSONToken, of bytes: Span<UInt8>) {
        switch token {
        case .scalar(let position):
            guard let position = AnswerPosition(rawValue: position) else { return }
            if let range = scanner.scalarRange {
                tally.take(bytes.extracting(range), at: position)
            } else {
                tally.take(scanner.scalarBytes.span, at: position)
            }
        case .measured(let position, let count):
            if let position = AnswerPosition(rawValue: position) { tally.take(byteCount: count, at: position) }
        case .verbatim(let position):
            if let position = AnswerPosition(rawValue: position) {
                tally.take(verbatim: &scanner.verbatim, at: position)
            }
        case .began(let position):
            if let position = AnswerPosition(rawValue: position) { tally.began(position) }
        case .ended(AnswerPosition.root.rawValue): endObject()
        case .ended(let position):
            if let position = AnswerPosition(rawValue: position) { tally.ended(position) }
        case .member, .opening: break
        }
    }

    private mutating func endObject() {
        tally.endEvent(named: splitter.eventName, isWhole: true)
        noteEnd()
    }

    /// Notes the end of a stream; called at the end of an event, so that every event is read whole.
    private mutating func noteEnd() {
        if form == .eventStream, tally.isFinished, tally.hasUsage { hasToldAll = true }
    }

    /// Ends the JSON text. If it was cut short, what was read of it is still taken.
    private mutating func endData() {
        tally.endEvent(named: splitter.eventName, isWhole: false)
    }
}

// MARK: - Events

extension AnswerWalk {
    private mutating func readEvents(_ piece: Span<UInt8>, from start: Int, into output: inout [UInt8]) -> Bool {
        var index = start
        edit?.begin(skipping: start)
        while let token = splitter.next(in: piece, at: &index) {
            switch token {
            case .data(let range): readData(piece, range, into: &output)
            case .dataLineFeed: readLineFeed()
            case .lineEnded(let field): endLine(field, piece, before: index, into: &output)
            case .comment(let range): edit?.readComment(range, piece, into: &output)
            case .dispatched: dispatch(piece, before: index, into: &output)
            case .lineFeed: edit?.readLineFeed(piece, before: index, into: &output)
            }
            if hasToldAll, edit == nil { return true }
        }
        return edit?.end(piece, isDataLine: splitter.mayBeInData, &scanner, into: &output) ?? true
    }

    private mutating func readData(_ piece: Span<UInt8>, _ range: Range<Int>, into output: inout [UInt8]) {
        let data = piece.extracting(range)
        if doneLength >= 0, !hasToldAll { matchDone(data) }
        if let base = edit?.base { scanner.base = base &+ range.lowerBound }
        let isFirst = !scanner.hasBegun && !hasToldAll && edit?.watch.isFresh != false
        let start = isFirst ? skipOpening(of: data) : 0
        scan(data, from: start, of: piece, into: &output)
        scanner.announcesOpening = false
    }

    /// Skips what the event has in common with the one before it, and returns the length of that. If the events begin
    /// differently, this one is the example for the next.
    private mutating func skipOpening(of data: Span<UInt8>) -> Int {
        guard let opening, tally.stillKnows(opening.tally), opening.begins(data) else {
            opening = nil
            missCount &+= 1
            scanner.announcesOpening = missCount <= Self.missLimit
            return 0
        }
        missCount = 0
        let distance = scanner.base &- opening.base
        scanner.skip(to: opening.scanner)
        tally.take(opening.tally)
        if let watch = opening.watch { edit?.skip(to: watch, movedBy: distance) }
        return opening.bytes.count
    }

    /// Reads data for the meter until it has been told all, and for the edit to its end.
    private mutating func scan(
        _ data: Span<UInt8>,
        from start: Int,
        of piece: Span<UInt8>,
        into output: inout [UInt8]
    ) {
        var index = start
        while edit != nil || !hasToldAll, let token = scanner.next(in: data, at: &index) {
            switch token {
            case .member: edit?.readKey(&scanner, piece, into: &output)
            case .ended(AnswerPosition.root.rawValue): edit?.endedObject(&scanner, piece, into: &output)
            case .opening:
                let begun = data.extracting(first: index)
                opening = EventOpening(begun, scanner.opening, tally.opening, edit?.watch, base: scanner.base)
            default: break
            }
            if !hasToldAll { take(token, of: data) }
        }
    }

    private mutating func readLineFeed() {
        let lineFeed: [UInt8] = [UInt8(ascii: "\n")]
        if doneLength >= 0, !hasToldAll { matchDone(lineFeed.span) }
        var none: [UInt8] = []
        scan(lineFeed.span, from: 0, of: lineFeed.span, into: &none)
    }

    private mutating func endLine(
        _ field: EventStreamField,
        _ piece: Span<UInt8>,
        before index: Int,
        into output: inout [UInt8]
    ) {
        guard let base = edit?.base else { return }
        guard field == .data else {
            let namesError = field == .event && splitter.eventName.span.isExactly("error")
            edit?.endedOtherLine(namesError: namesError, &scanner)
            return
        }
        // Ends a number or literal where it ends for the edit.
        if scanner.isWithinWord {
            scanner.base = base &+ index &- 1
            if let token = scanner.endWord(), !hasToldAll { take(token, of: piece) }
        }
        edit?.endedLine(before: index, &scanner, piece, into: &output)
    }

    /// openai-python stops at data that begins with `[DONE]`, openai-node at data that equals it.
    private mutating func matchDone(_ data: Span<UInt8>) {
        for index in 0..<data.count {
            // In bounds: `doneLength` is below the literal's length here.
            guard data[index] == Self.done.utf8Start[doneLength] else { return doneLength = -1 }
            doneLength &+= 1
            if doneLength == Self.done.utf8CodeUnitCount {
                tally.isFinished = true
                hasToldAll = true
                return
            }
        }
    }

    private mutating func dispatch(_ piece: Span<UInt8>, before index: Int, into output: inout [UInt8]) {
        edit?.endEvent(piece, before: index, into: &output)
        if !hasToldAll { endEvent() }
        scanner.reset()
        splitter.beginEvent()
        doneLength = 0
    }

    private mutating func endEvent() {
        if scanner.hasBegun, !scanner.isComplete { unreadableEventCount &+= 1 }
        endData()
        if !splitter.hasData, AnswerEnding.isNamed(splitter.eventName) { tally.isFinished = true }
        noteEnd()
    }
}
