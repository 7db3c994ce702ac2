import GRDB
import SteelyardPolicy

/// What a ledger records about its journal: the segment from which it last took records (or is about to), and the run
/// that created that segment.
///
/// If a start does not find that segment, it must not continue: it would miss every charge in it, and the budgets could
/// be spent again. This happens after the journal was deleted, when the ledger has another name, or with a copy of the
/// ledger.
struct JournalMark: Hashable {
    var segment: Int
    var run: RunID

    /// Nil if no version that writes marks has ever opened the ledger.
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

    /// What is wrong with a journal: each segment that does not belong to the ledger, and the marked segment if it is
    /// missing.
    ///
    /// - Parameters:
    ///   - floor: all segments below this number are in the ledger.
    ///   - numbers: the existing segments.
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

    /// Whether a segment belongs to another run. One with only a header contains nothing: a start leaves it when it is
    /// interrupted before it writes the mark. Damage is not reported here, because the reader of the segment finds it.
    private func isForeign(_ number: Int, in folder: SegmentFolder) -> Bool {
        let bytes = (try? folder.bytes(number, to: JournalFormat.headerBytes + 1)) ?? []
        guard bytes.count > JournalFormat.headerBytes, case .header(let header) = SegmentHeader.read(bytes) else {
            return false
        }
        return header.run != run
    }
}
