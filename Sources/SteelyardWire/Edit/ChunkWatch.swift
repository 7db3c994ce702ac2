/// What is known about the event being read, as far as the edit needs it. All places are offsets in the stream.
struct ChunkWatch: Sendable {
    private enum Phase {
        /// It may be the extra chunk, so all of it waits. → any other
        case undecided
        /// It is not the extra chunk: its members leave as they come, except for a null usage. → `passing`, `ripe`
        case open
        /// Its object is complete and something is to be taken out, unless non-blank data follows. → `passing`
        case ripe
        /// Nothing in it is edited any more. Left at the event's end.
        case passing
    }

    private enum Choices {
        case unseen
        /// Begun; no element has appeared yet.
        case pending
        /// `[]` or null.
        case empty
        case filled
    }

    private enum Usage { case unseen, null, object, other }

    /// What a member at the first level of a chunk means for the edit.
    private enum Meaning {
        /// The choices; the extra chunk has none.
        case choices
        /// The usage.
        case usage
        /// An error: unless it is null, the event passes as it is.
        case error
        /// A member the extra chunk may have beside its usage.
        case envelope
        /// A member the extra chunk never has, such as Azure's filter results.
        case other

        init(_ member: JSONMember) {
            switch AnswerPosition(rawValue: member.position) {
            case .choices: self = .choices
            case .usage: self = .usage
            case .error: self = .error
            default: self = member.role.contains(.envelope) ? .envelope : .other
            }
        }
    }

    /// How much of the last member has been taken into account.
    private enum Progress: Int { case key, begun, filled, ended }

    /// When more bytes of an event wait than this, the event is no longer kept back and passes as it is.
    static let waitLimit = 64 * 1024

    private var phase = Phase.undecided
    private var choices = Choices.unseen
    private var usage = Usage.unseen
    private var hasOther = false
    private var meaning = Meaning.other
    private var progress = Progress.ended
    /// Where the previous member's value ended; nil in front of the first member.
    private var previousEnd: Int?
    /// Where the usage member begins: after the previous value, so that its comma goes with it, or at its key.
    private var usageStart = 0
    /// Whether the usage is the first member, so that the comma after it goes with it.
    private var isUsageFirst = false
    /// Whether the bytes since the previous value may turn out to be a null usage.
    private var isTentative = false

    /// The usage member and its comma, as long as it may still be taken out.
    private(set) var cut: Range<Int>?
    /// Everything before this may leave.
    var safe: Int

    /// Begins with the event that begins here.
    init(at start: Int) { safe = start }

    /// Whether bytes wait.
    var waits: Bool {
        switch phase {
        case .undecided, .ripe: true
        case .open: isTentative || cut != nil
        case .passing: false
        }
    }

    var isPassing: Bool { phase == .passing }

    /// Whether the event's end, at this place, takes something out of it.
    func isEdited(at end: Int) -> Bool { phase == .ripe && end - safe <= Self.waitLimit }

    /// Whether the whole event is the extra chunk. Ask only for an event that is edited at its end.
    var isExtra: Bool { usage == .object && !hasOther }

    /// Whether only the possible beginning of a null usage waits.
    private var awaitsMember: Bool { phase == .open && isTentative && cut == nil }

    /// Whether nothing of the event's data has been read.
    var isFresh: Bool { phase == .undecided && progress == .ended && previousEnd == nil && !hasOther }

    /// Whether the event is undecided and has shown no usage.
    var isPlain: Bool { phase == .undecided && usage == .unseen }

    /// Goes on where an event was that began with the same bytes, at another place in the stream.
    mutating func skip(to opening: ChunkWatch, movedBy distance: Int) {
        let start = safe
        self = opening
        safe = start
        previousEnd = previousEnd.map { $0 + distance }
    }

    /// Stops editing the event.
    mutating func pass() {
        phase = .passing
        cut = nil
        isTentative = false
    }

    /// Forgets the usage member, which was taken out.
    mutating func tookOut(upTo end: Int) {
        cut = nil
        safe = max(safe, end)
    }

    /// Whether what is known at this place still decides anything: the text is JSON up to there, and not too much has
    /// waited. The result must not depend on how the stream was cut into pieces.
    private mutating func counts(at place: Int, upTo soundEnd: Int) -> Bool {
        if place > soundEnd || waits && place - safe > Self.waitLimit { pass() }
        return phase != .passing
    }
}

// MARK: - Members

extension ChunkWatch {
    /// Looks at a member as far as it has been read and the text is sound. Returns whether the usage is taken out now;
    /// then look again, because more of the member may have been read.
    mutating func observe(_ member: JSONMember, upTo soundEnd: Int) -> Bool {
        if progress == .key, member.first != 0 {
            progress = .begun
            beganValue(member.first)
        }
        if progress == .begun, let start = member.elementStart, counts(at: start, upTo: soundEnd) {
            progress = .filled
            if beganElement() { return true }
        }
        guard progress != .ended, let end = member.end, counts(at: end, upTo: soundEnd) else { return false }
        progress = .ended
        return endedValue(at: end)
    }

    /// A key has been read. Returns whether the usage is taken out now.
    mutating func readKey(of member: JSONMember, upTo soundEnd: Int) -> Bool {
        // A key that means nothing stops waiting within its first bytes, however long it is.
        let isReleased = awaitsMember && !Self.mayMatter(member.head)
        let place = isReleased ? member.key.lowerBound : member.key.upperBound
        guard counts(at: place, upTo: soundEnd) else { return false }
        takeComma(before: member.key.lowerBound)
        meaning = Meaning(member)
        progress = .key
        switch meaning {
        case .other: return readOther()
        case .envelope, .error: release()
        case .choices: choices == .unseen ? release() : pass()
        case .usage: beginUsage(at: member.key.lowerBound)
        }
        return false
    }

    /// If the usage is the first member, the comma after it goes with it, and the white space up to the next key.
    private mutating func takeComma(before key: Int) {
        guard let cut, isUsageFirst, previousEnd == cut.upperBound else { return }
        self.cut = cut.lowerBound..<key
        previousEnd = nil
    }

    private mutating func readOther() -> Bool {
        hasOther = true
        guard phase == .undecided else {
            release()
            return false
        }
        // Whether a usage object is taken out depends on the choices. Until they are known, it waits, and so does
        // everything after it.
        if usage == .object, choices != .empty { return false }
        phase = .open
        return cut != nil
    }

    private mutating func beginUsage(at key: Int) {
        guard usage == .unseen else { return pass() }
        isUsageFirst = previousEnd == nil
        usageStart = previousEnd ?? key
    }

    /// The member is not a null usage: the bytes that waited for one may leave.
    private mutating func release() { isTentative = false }

    /// The value of the last key began with this byte.
    private mutating func beganValue(_ first: UInt8) {
        switch meaning {
        case .choices:
            choices = .pending
            if first != .openBracket, first != UInt8(ascii: "n") { pass() }
        case .usage:
            usage = first == .openBrace ? .object : first == UInt8(ascii: "n") ? .null : .other
            if usage == .other || usage == .object && choices == .filled { release() }
        case .error: if first != UInt8(ascii: "n") { pass() }
        case .envelope, .other: return
        }
    }

    /// The value of the last key is an array that is not empty.
    private mutating func beganElement() -> Bool {
        guard meaning == .choices, choices == .pending else { return false }
        choices = .filled
        if usage == .object { cut = nil }
        phase = .open
        isTentative = false
        return cut != nil
    }

    /// The value of the last key ended before this place. What follows may become a null usage; what came before may
    /// leave.
    private mutating func endedValue(at end: Int) -> Bool {
        previousEnd = end
        let takesOut = endedMember(at: end)
        isTentative = phase == .open
        if awaitsMember || takesOut && isTentative { safe = end }
        return takesOut
    }

    private mutating func endedMember(at end: Int) -> Bool {
        switch meaning {
        case .choices where choices == .pending:
            choices = .empty
            guard usage == .object, hasOther else { return false }
            phase = .open
            return true
        case .usage where usage == .null || usage == .object && choices != .filled:
            cut = usageStart..<end
            return phase == .open && (usage == .null || choices == .empty)
        default: return false
        }
    }

    private static func mayMatter(_ head: JSONKeyHead) -> Bool {
        head.mayBecome("usage") || head.mayBecome("choices") || head.mayBecome("error")
    }
}

// MARK: - Ends

extension ChunkWatch {
    /// The object ended.
    mutating func endedObject() {
        if cut == nil { pass() }
    }

    /// A data line ended. The object may go on in the next data line, but a text may not.
    mutating func endedLine(at end: Int, _ scanner: inout JSONScanner) {
        guard counts(at: end, upTo: scanner.soundEnd) else { return }
        if !scanner.isComplete {
            if scanner.isWithinText { pass() }
        } else if cut != nil {
            phase = .ripe
        } else {
            pass()
        }
    }

    /// A line of another field is there. A cut could remove it too if it is between two lines of one object.
    mutating func endedOtherLine(namesError: Bool, _ scanner: inout JSONScanner) {
        if namesError || scanner.isWithinRoot { pass() }
    }

    /// The piece ended at this place: everything that need not wait may leave.
    mutating func endedPiece(at end: Int, _ scanner: inout JSONScanner) {
        if scanner.soundEnd < end { pass() }
        if awaitsMember, scanner.isWithinMemberKey, !Self.mayMatter(scanner.openKey) { isTentative = false }
        if waits, end - safe > Self.waitLimit { pass() }
        if !waits { safe = end }
    }
}
