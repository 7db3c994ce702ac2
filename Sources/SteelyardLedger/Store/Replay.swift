import Glibc
import SteelyardPolicy

/// Enters into the ledger what earlier runs left in the journal. It can be interrupted anywhere and started again.
struct Replay {
    private(set) var books: LedgerBooks
    /// The highest number that any segment had.
    private(set) var lastSegment: Int
    private let settings: LedgerSettings
    private let nowSeconds: Int64
    private let folder: SegmentFolder
    private let numbers: [Int]
    private let obsolete: [Int]
    /// What is wrong with the journal as a whole, when the start continues in spite of it.
    private let problems: [LedgerError]
    private let resummedHours: Int

    init(_ settings: LedgerSettings, _ lock: LedgerLock, nowSeconds: Int64) throws(LedgerError) {
        self.settings = settings
        self.nowSeconds = nowSeconds
        folder = SegmentFolder(path: settings.journalFolder)
        let database = try LedgerDatabase.writing(to: settings.file, lock)
        let found = try folder.numbers()
        let (floor, mark) = try database.read { database in
            (Int(try LedgerFact.journalFloor.read(database)), try JournalMark.read(database))
        }
        problems = mark?.problems(in: folder, from: floor, found, ledger: settings.file) ?? []
        if let problem = problems.first, !settings.salvages { throw problem }
        // This proves that the file can be written, before the gateway serves requests that rely on it.
        try database.write { database in try LedgerFact.runBegan.write(nowSeconds, database) }
        let upgraded = try LedgerRepair.upgrade(database)
        resummedHours = settings.salvages ? upgraded + (try LedgerRepair.sumDifferent(database)) : upgraded
        books = try LedgerBooks(database)
        numbers = found.filter { $0 >= floor }
        obsolete = found.filter { $0 < floor }
        lastSegment = max(floor - 1, found.last ?? 0)
    }

    /// Replays all segments, ends the charges that nothing else will end, and deletes the segments.
    mutating func run(_ opening: inout LedgerOpening, _ progress: (LedgerOpeningProgress) -> Void) throws(LedgerError) {
        var position = LedgerOpeningProgress(doneBytes: 0, allBytes: numbers.reduce(0) { $0 + size($1) })
        for number in numbers { try replay(number, &opening, &position, progress) }
        opening.droppedCharges = try books.dropSettled()
        opening.interrupted = try books.interrupt(atSeconds: nowSeconds, segment: lastSegment)
        opening.restored = books.deferrals
        opening.recordedUntil = try books.recordedUntil()
        opening.journalProblems = problems
        opening.resummedHours = resummedHours
        try books.outlive(segment: lastSegment)
        for number in numbers + obsolete { unlink(folder.file(number)) }
        try folder.deleteDrafts()
    }

    /// Records in the ledger which journal belongs to it, before anything is written to that journal.
    mutating func mark(_ run: RunID) throws(LedgerError) {
        try books.mark(JournalMark(segment: lastSegment + 1, run: run))
    }

    private func size(_ number: Int) -> Int {
        var facts = stat()
        return stat(folder.file(number), &facts) == 0 ? Int(facts.st_size) : 0
    }

    private mutating func replay(
        _ number: Int,
        _ opening: inout LedgerOpening,
        _ position: inout LedgerOpeningProgress,
        _ progress: (LedgerOpeningProgress) -> Void
    ) throws(LedgerError) {
        let bytes = try folder.bytes(number)
        guard try hasRecords(bytes, number, &opening) else { return }
        var reader = SegmentReader(bytes)
        let start = position.doneBytes
        while reader.ending == nil {
            let records = reader.batch(limit: LedgerWriter.batchRecords)
            opening.replayedRecords += records.count
            opening.addedEntries += records.isEmpty ? 0 : try books.enter(records, segment: number)
            position.doneBytes = start + reader.offset
            progress(position)
            if case .damaged(let offset, _) = reader.ending { try putAside(number, offset, &reader, &opening) }
        }
        try check(reader.ending, number, &opening)
        books.replayedSegment()
        position.doneBytes = start + bytes.count
    }

    /// Whether a segment's header allows this version to read it.
    private func hasRecords(_ bytes: [UInt8], _ number: Int, _ opening: inout LedgerOpening) throws(LedgerError) -> Bool
    {
        switch SegmentHeader.read(bytes) {
        case .header: return true
        case .incomplete:
            opening.tornSegments += 1
            return false
        case .newer: throw .journalNewer(path: folder.file(number))
        case .damaged:
            guard settings.salvages else { throw .journalDamaged(path: folder.file(number), at: 0) }
            return true
        }
    }

    private func check(_ ending: SegmentEnding?, _ number: Int, _ opening: inout LedgerOpening) throws(LedgerError) {
        switch ending {
        case .torn: opening.tornSegments += 1
        case .newer: throw .journalNewer(path: folder.file(number))
        case .whole, .damaged, nil: return
        }
    }

    /// Continues after damage if the settings allow it, and keeps a copy of the segment.
    private func putAside(
        _ number: Int,
        _ offset: Int,
        _ reader: inout SegmentReader,
        _ opening: inout LedgerOpening
    ) throws(LedgerError) {
        let path = folder.file(number)
        guard settings.salvages else { throw .journalDamaged(path: path, at: offset) }
        reader.skipDamage()
        let aside = "\(path).damaged"
        guard opening.damagedSegments.last != aside else { return }
        // A hard link: the second name remains when the first is deleted.
        guard link(path, aside) == 0 || errno == EEXIST else {
            throw .notWritable(path: aside, reason: String(cString: strerror(errno)))
        }
        opening.damagedSegments.append(aside)
    }
}
