import Glibc
public import SteelyardPolicy

/// What opening a ledger found and did.
public struct LedgerOpening: Hashable, Sendable {
    /// Whether the file was created.
    public var isNew = false
    /// Records that an earlier run left in the journal.
    public var replayedRecords = 0
    /// Entries that were not in the ledger yet.
    public var addedEntries = 0
    /// Charges of earlier runs that never ended. They are now entries at their hold.
    public var interrupted = 0
    /// Charges of earlier runs that a later answer will settle. They belong in the table of open jobs, and the budgets
    /// must hold them.
    public var restored: [ChargeDeferral] = []
    /// Charges that still counted as open although they had their entry.
    public var droppedCharges = 0
    /// Segments that ended in an incomplete record, as after a crash.
    public var tornSegments = 0
    /// The new names of damaged segments that were moved aside.
    public var damagedSegments: [String] = []
    /// Problems of the journal as a whole, in spite of which the start continued (``LedgerSettings/salvages``).
    public var journalProblems: [LedgerError] = []
    /// Hours that were summed again from their entries.
    public var resummedHours = 0
    /// When the latest recorded charge was opened, in seconds since 1970; nil if there is none.
    public var recordedUntil: Int64?
    /// How long opening took.
    public var seconds = 0.0
}

/// How far opening has got.
public struct LedgerOpeningProgress: Hashable, Sendable {
    /// Bytes of the journal that have been replayed.
    public var doneBytes: Int
    /// All bytes of the journal.
    public var allBytes: Int
}

extension Ledger {
    /// Takes the lock, opens or creates the file, and replays what earlier runs left in the journal.
    ///
    /// - Parameters:
    ///   - nowSeconds: The time of the entries for charges that never ended, since 1970.
    ///   - progress: Called between batches of the replay.
    /// - Returns: The ledger, and what was found. The caller has to continue the ``LedgerOpening/restored`` charges.
    /// - Throws: Why the ledger cannot be used. The next start can continue from whatever was changed until then.
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
        // A link whose file is missing at the moment is no reason to create an empty ledger.
        var facts = stat()
        guard lstat(settings.file, &facts) != 0 else { throw .danglingLink(path: settings.file) }
        // If the file was deleted by mistake, no empty one may replace it, because all budgets would be unspent in that
        // one.
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
