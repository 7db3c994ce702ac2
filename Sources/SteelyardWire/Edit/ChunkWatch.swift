/// What is known about the event being read, as far as the edit needs it.
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

    /// What to do with the usage member after an input.
    enum Outcome {
        /// Nothing yet, or nothing any more.
        case none
        /// It is taken out now.
        case takeOut
    }

    private var phase = Phase.undecided
    private var choices = Choices.unseen
    private var usage = Usage.unseen
    private var hasOther = false
    private var member = ChunkMember.other
    /// Where the previous member's value ended; nil in front of the first member.
    private var previousEnd: Int?
    /// Where the usage member begins: after the previous value, so that its comma goes with it, or at its key.
    private var usageStart = 0
    /// Whether the usage is the first member, so that the comma after it goes with it.
    private var isUsageFirst = false
    /// Whether the bytes since the previous value may turn out to be a null usage.
    private var isTentative = false
    private var isKeyReleased = false

    /// The usage member and its comma, as long as it may still be taken out.
    private(set) var cut: Range<Int>?

    /// Whether bytes wait.
    var waits: Bool {
        switch phase {
        case .undecided, .ripe: true
        case .open: isTentative || cut != nil
        case .passing: false
        }
    }

    var isPassing: Bool { phase == .passing }
    var isRipe: Bool { phase == .ripe }

    /// Whether the whole event is the extra chunk. Ask only for a ripe event.
    var isExtra: Bool { usage == .object && !hasOther }

    /// Whether only the possible beginning of a null usage waits.
    var awaitsMember: Bool { phase == .open && isTentative && cut == nil }

    /// Makes positions count from a byte that is `count` bytes later.
    mutating func rebase(by count: Int) {
        previousEnd = previousEnd.map { $0 - count }
        usageStart -= count
        cut = cut.map { ($0.lowerBound - count)..<($0.upperBound - count) }
    }

    /// Stops editing the event.
    mutating func pass() {
        phase = .passing
        cut = nil
        isTentative = false
    }

    /// Forgets the usage member, which was taken out.
    mutating func tookOut() { cut = nil }

    /// A key is being read. Its bytes need not wait for its end, unless it may still matter.
    mutating func releaseKey(unless mayMatter: Bool) {
        guard !mayMatter else { return }
        isTentative = false
        isKeyReleased = true
    }
}

extension ChunkWatch {
    /// A key ended; its contents are at this range.
    mutating func readKey(_ key: Range<Int>, _ bytes: Span<UInt8>) -> Outcome {
        if let cut, isUsageFirst, previousEnd == cut.upperBound {
            // The comma and the white space after it go too, up to this key's quote.
            self.cut = cut.lowerBound..<(key.lowerBound - 1)
            previousEnd = nil
        }
        member = isKeyReleased ? .other : ChunkMember(bytes, key: key)
        isKeyReleased = false
        switch member {
        case .other: return readOther()
        case .envelope, .error: release()
        case .choices: choices == .unseen ? release() : pass()
        case .usage: beginUsage(key)
        }
        return .none
    }

    private mutating func readOther() -> Outcome {
        hasOther = true
        guard phase == .undecided else {
            release()
            return .none
        }
        // Whether a usage object is taken out depends on the choices. Until they are known, it waits, and so does
        // everything after it.
        if usage == .object, choices != .empty { return .none }
        phase = .open
        return cut == nil ? .none : .takeOut
    }

    private mutating func beginUsage(_ key: Range<Int>) {
        guard usage == .unseen else { return pass() }
        isUsageFirst = previousEnd == nil
        usageStart = previousEnd ?? key.lowerBound - 1
    }

    /// The member is not a null usage: the bytes that waited for one may leave.
    private mutating func release() { isTentative = false }

    /// The value of the last key began with this byte.
    mutating func beganValue(_ first: UInt8) {
        switch member {
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
    mutating func beganElement() -> Outcome {
        guard member == .choices, choices == .pending else { return .none }
        choices = .filled
        if usage == .object { cut = nil }
        phase = .open
        isTentative = false
        return cut == nil ? .none : .takeOut
    }

    /// The value of the last key ended before this position.
    mutating func endedValue(at end: Int) -> Outcome {
        defer { isTentative = phase == .open }
        previousEnd = end
        switch member {
        case .choices where choices == .pending:
            choices = .empty
            guard usage == .object, hasOther else { return .none }
            phase = .open
            return .takeOut
        case .usage where usage == .null || usage == .object && choices != .filled:
            cut = usageStart..<end
            return phase == .open && (usage == .null || choices == .empty) ? .takeOut : .none
        default: return .none
        }
    }

    /// The object ended.
    mutating func endedObject() {
        if cut == nil { pass() }
    }

    /// A data line ended in this state of the grammar. The object may go on in the next data line, but a text may not.
    mutating func endedLine(_ grammar: ChunkGrammar) {
        if !grammar.isComplete {
            if grammar.isWithinText { pass() }
        } else if cut != nil {
            phase = .ripe
        } else {
            pass()
        }
    }
}
