import GRDB
import SteelyardPolicy

/// What a ledger knows of the journal beside it: the segment that it took records from last, or is about to, and the run
/// that began it.
///
/// A start that does not find that segment would pass over every charge in it and give the budgets away again: after the
/// journal was deleted, or under another name of the ledger, or with a copy of it.
struct JournalMark: Hashable {
    var segment: Int
    var run: RunID

    /// Nil in a ledger that has never been opened by a version that marks it.
    static func read(_ database: Database) throws -> JournalMark? {
        let segment = Int(try LedgerFact.journalSegment.read(database))
        guard segment > 0 else { return nil }
        let high = UInt64(bitPattern: try LedgerFact.journalRunHigh.read(database))
        let low = UInt64(bitPattern: try LedgerFact.journalRunLow.read(database))
        return JournalMark(segment: segment, run: RunID(high: high, low: low))
    }

    func write(_ database: Database) throws {
        try LedgerFact.journalSegment.write(Int64(segment), database)
        try LedgerFact.journalRunHigh.write(Int64(bitPattern: run.high), database)
        try LedgerFact.journalRunLow.write(Int64(bitPattern: run.low), database)
    }

    /// What is wrong with a journal: each segment that belongs to another, or the one that is missing.
    ///
    /// - Parameters:
    ///   - floor: segments below are all in the ledger.
    ///   - numbers: the segments that there are.
    func problems(in folder: SegmentFolder, from floor: Int, _ numbers: [Int], ledger: String) -> [LedgerError] {
        var problems: [LedgerError] = []
        if segment >= floor, !numbers.contains(segment) {
            problems.append(.journalMissing(path: folder.file(segment), ledger: ledger))
        }
        for number in numbers where number >= floor && isForeign(number, in: folder) {
            problems.append(.journalForeign(path: folder.file(number), ledger: ledger))
        }
        return problems
    }

    /// One with a header alone holds nothing: a start that was broken off before it was marked leaves it. What is damaged
    /// is found by whoever reads it.
    private func isForeign(_ number: Int, in folder: SegmentFolder) -> Bool {
        let bytes = (try? folder.bytes(number, to: JournalFormat.headerBytes + 1)) ?? []
        guard bytes.count > JournalFormat.headerBytes, case .header(let header) = SegmentHeader.read(bytes) else {
            return false
        }
        return header.run != run
    }
}
