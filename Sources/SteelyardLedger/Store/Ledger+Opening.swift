import Glibc
public import SteelyardPolicy

/// What opening a ledger found and did.
public struct LedgerOpening: Hashable, Sendable {
    /// Whether the file was made.
    public var isNew = false
    /// Records that an earlier run left in the journal.
    public var replayedRecords = 0
    /// Entries that were not in the ledger yet.
    public var addedEntries = 0
    /// Charges of earlier runs that never ended: entries at their hold now.
    public var interrupted = 0
    /// Charges of earlier runs that a later answer settles: for the table of open jobs, and for the budgets' holds.
    public var restored: [ChargeDeferral] = []
    /// Charges that were still taken for open although they had their entry.
    public var droppedCharges = 0
    /// Segments that ended in a record that was never finished, as a crash leaves them.
    public var tornSegments = 0
    /// Damaged segments that were put aside, by their new names.
    public var damagedSegments: [String] = []
    /// What is wrong with the journal as a whole, and was done without (``LedgerSettings/salvages``).
    public var journalProblems: [LedgerError] = []
    /// Hours that were summed again from their entries.
    public var resummedHours = 0
    /// When the latest charge on record was opened, in seconds since 1970; nil: there is none.
    public var recordedUntil: Int64?
    /// How long it took.
    public var seconds = 0.0
}

/// How far opening has come.
public struct LedgerOpeningProgress: Hashable, Sendable {
    /// Bytes of the journal that are replayed.
    public var doneBytes: Int
    /// Bytes of the journal that there are.
    public var allBytes: Int
}

extension Ledger {
    /// Takes the lock, opens the file or makes it, and replays what earlier runs left in the journal.
    ///
    /// - Parameters:
    ///   - nowSeconds: The time of the entries for charges that never ended, since 1970.
    ///   - progress: Called between batches of the replay.
    /// - Returns: The ledger, and what was found: its ``LedgerOpening/restored`` charges are the caller's to go on with.
    /// - Throws: Why it cannot be kept; nothing is changed by then that the next start cannot go on with.
    public static func open(
        _ settings: LedgerSettings,
        run: RunID = RunID(),
        nowSeconds: Int64,
        progress: (LedgerOpeningProgress) -> Void = { _ in }
    ) throws(LedgerError) -> (ledger: Ledger, opening: LedgerOpening) {
        try open(settings, run: run, nowSeconds: nowSeconds, calls: .system, progress: progress)
    }

    static func open(
        _ settings: LedgerSettings,
        run: RunID = RunID(),
        nowSeconds: Int64,
        calls: SegmentCalls,
        progress: (LedgerOpeningProgress) -> Void = { _ in }
    ) throws(LedgerError) -> (ledger: Ledger, opening: LedgerOpening) {
        let began = ContinuousClock.now
        try makeFolder(LedgerDatabase.folder(of: settings.file))
        var opening = LedgerOpening()
        let lock = try LedgerLock(settings) { () throws(LedgerError) in
            opening.isNew = try createIfMissing(settings)
        }
        try makeFolder(settings.journalFolder)
        var replay = try Replay(settings, lock, nowSeconds: nowSeconds)
        try replay.run(&opening, progress)
        let journal = try journal(settings, run, after: replay.lastSegment, calls)
        try replay.mark(run)
        let elapsed = (ContinuousClock.now - began).components
        opening.seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
        return (Ledger(settings, lock: lock, journal: journal, books: replay.books), opening)
    }

    private static func journal(
        _ settings: LedgerSettings,
        _ run: RunID,
        after last: Int,
        _ calls: SegmentCalls
    ) throws(LedgerError) -> Journal {
        do throws(JournalFailure) {
            return try Journal(
                folder: settings.journalFolder,
                durability: settings.durability,
                segmentBytes: settings.segmentBytes,
                run: run,
                firstNumber: last + 1,
                calls: calls
            )
        } catch {
            throw LedgerError(error, folder: settings.journalFolder)
        }
    }

    private static func makeFolder(_ path: String) throws(LedgerError) {
        guard mkdir(path, 0o700) != 0, errno != EEXIST else { return }
        guard errno == ENOENT else { throw .notWritable(path: path, reason: String(cString: strerror(errno))) }
        try makeFolder(LedgerDatabase.folder(of: path))
        guard mkdir(path, 0o700) == 0 else { throw .notWritable(path: path, reason: String(cString: strerror(errno))) }
    }

    private static func createIfMissing(_ settings: LedgerSettings) throws(LedgerError) -> Bool {
        guard access(settings.file, F_OK) != 0 else { return false }
        // A file elsewhere that is not there at the moment is no reason for an empty one.
        var facts = stat()
        guard lstat(settings.file, &facts) != 0 else { throw .danglingLink(path: settings.file) }
        // A file that was deleted by mistake must not be followed by an empty one, in which all budgets are fresh.
        let remnants = try SegmentFolder(path: settings.journalFolder).numbers()
        if let number = remnants.first {
            let remnant = SegmentFile.path(of: number, in: settings.journalFolder)
            throw .missingBesideItsOwn(path: settings.file, remnant: remnant)
        }
        if access("\(settings.file)-wal", F_OK) == 0 {
            throw .missingBesideItsOwn(path: settings.file, remnant: "\(settings.file)-wal")
        }
        try LedgerDatabase.create(at: settings.file)
        return true
    }
}

extension LedgerError {
    fileprivate init(_ failure: JournalFailure, folder: String) {
        switch failure {
        case .cannotWrite(let path, ENOSPC): self = .full(path: path)
        case .cannotWrite(let path, EIO), .cannotSync(let path, EIO):
            self = .inputOutput(path: path, reason: String(cString: strerror(EIO)))
        case .cannotWrite(let path, let errno), .cannotSync(let path, let errno):
            self = .notWritable(path: path, reason: String(cString: strerror(errno)))
        case .closed: self = .refused(path: folder, reason: failure.description)
        }
    }
}
