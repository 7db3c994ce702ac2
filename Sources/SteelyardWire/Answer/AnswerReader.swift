/// Turns a provider's answer into facts for the meter. The answer comes in pieces split anywhere.
///
/// It takes any bytes and never fails: what it cannot read it skips or gives up on, and it says so. It keeps short
/// texts and the last usage objects (16 KiB each at most), never a line, an event or a body.
///
///     var reader = AnswerReader(.eventStream)
///     reader.read(piece)              // as often as bytes arrive
///     if reader.isFinished { … }      // settle: the client may hang up now
///     reader.finish()
///     let facts = reader.facts
public struct AnswerReader: Sendable {
    private static let done: StaticString = "[DONE]"

    /// How the answer is read: as its label says, until the first bytes decide.
    public private(set) var form: AnswerForm
    private var finder: FormFinder?
    private var splitter = EventStreamSplitter()
    private var scanner = JSONScanner(table: AnswerPosition.table)
    private var tally: AnswerTally
    /// How many bytes of `[DONE]` the event's data has begun with; −1 when it began with anything else.
    private var doneLength = 0
    /// Whether everything that counts has been read, so that the charge can be closed.
    ///
    /// For a stream this is at `[DONE]`, or at another end once a usage is known: some ends come once per part, and an
    /// error may come before the usage. The reader ignores what follows. Whether that arrives in the same piece depends
    /// on TCP, and the same bytes must cost the same (docs/decisions/0022).
    public private(set) var hasToldAll = false
    private var unreadableEventCount = 0

    /// Makes a reader for an answer of exactly this form; the bytes must have no content coding. `choices` is how many
    /// choices, or images, the request asked for.
    public init(_ form: AnswerForm, choices: Int = 1) {
        self.form = form
        tally = AnswerTally(form: form, choices: choices)
    }

    /// Makes a reader for an answer with this label; the answer's first bytes may correct the label.
    public init(labelled label: AnswerForm, choices: Int = 1) {
        self.init(label, choices: choices)
        finder = FormFinder(label: label)
    }

    /// Reads the next bytes.
    public mutating func read(_ piece: Span<UInt8>) {
        if finder == nil { readOn(piece) } else { find(piece) }
    }

    private mutating func find(_ piece: Span<UInt8>) {
        guard let start = finder?.read(piece), let found = finder?.form else { return }
        begin(found)
        readOn(piece.extracting(start...))
    }

    /// Sets the form, which is known now, and reads the bytes that waited for it.
    private mutating func begin(_ found: AnswerForm) {
        let opening = finder?.opening ?? []
        finder = nil
        form = found
        tally.form = found
        readOn(opening.span)
    }

    private mutating func readOn(_ piece: Span<UInt8>) {
        switch form {
        case .json: readText(piece)
        case .eventStream: readEvents(piece)
        case .opaque: break
        }
    }

    /// Ends the reading: no more bytes come, whether the answer ended or broke off. The last event is read even without
    /// the blank line that clients need to see it.
    public mutating func finish() {
        if let found = finder?.finish() { begin(found) }
        switch form {
        case .json: endData()
        case .eventStream where !hasToldAll: endEvent()
        case .eventStream, .opaque: break
        }
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

extension AnswerReader {
    private mutating func readText(_ piece: Span<UInt8>) {
        scan(piece)
        // Not `isComplete`: bytes after the text would make the end depend on where the pieces are cut.
        guard scanner.rootHasEnded else { return }
        tally.isFinished = true
        hasToldAll = true
    }

    private mutating func scan(_ bytes: Span<UInt8>) {
        var index = 0
        while let token = scanner.next(in: bytes, at: &index) {
            take(token, of: bytes)
            if hasToldAll { return }
        }
    }

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

extension AnswerReader {
    private mutating func readEvents(_ piece: Span<UInt8>) {
        var index = 0
        while !hasToldAll, let token = splitter.next(in: piece, at: &index) {
            switch token {
            case .data(let range): readData(piece.extracting(range))
            case .dataLineFeed: readLineFeed()
            case .dispatched: endEvent()
            }
        }
    }

    private mutating func readData(_ data: Span<UInt8>) {
        if doneLength >= 0 { matchDone(data) }
        if !hasToldAll { scan(data) }
    }

    private mutating func readLineFeed() {
        let lineFeed: [UInt8] = [UInt8(ascii: "\n")]
        readData(lineFeed.span)
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

    private mutating func endEvent() {
        if scanner.hasBegun, !scanner.isComplete { unreadableEventCount &+= 1 }
        endData()
        if !splitter.hasData, AnswerEnding.isNamed(splitter.eventName) { tally.isFinished = true }
        noteEnd()
        scanner.reset()
        splitter.beginEvent()
        doneLength = 0
    }
}
