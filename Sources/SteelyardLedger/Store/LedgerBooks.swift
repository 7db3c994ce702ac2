import GRDB
import SteelyardPolicy

/// The ledger's content while one process uses it: the database, and the open charges that are not in it.
struct LedgerBooks {
    private(set) var database: LedgerDatabase
    private(set) var open: OpenCharges
    private var hourModels = HourModels()
    /// The mark of the ledger's own journal; nil until it is written to the ledger.
    private var mark: JournalMark?

    init(_ database: LedgerDatabase) throws(LedgerError) {
        self.database = database
        open = OpenCharges(try database.read(OpenChargeTable.all))
    }

    /// Enters a batch of records in one transaction: either all of them, or none and an error.
    ///
    /// - Returns: The number of new entries. A record that was entered before changes nothing.
    mutating func enter(_ records: [ChargeRecord], segment: Int) throws(LedgerError) -> Int {
        let closed = records.compactMap(open.rowClosed(by:))
        // `hourModels` stays empty if the transaction fails: the names that a failed transaction saw are in no row.
        var models = HourModels()
        swap(&models, &hourModels)
        let written = try database.write { database in try Self.write(records, closed, &models, database) }
        hourModels = models
        for record in records where !written.isLate(record) { self.open.took(record, segment: segment) }
        return written.added
    }

    /// The result of writing a batch.
    private struct Written {
        /// The number of new entries.
        var added = 0
        /// Charges that were deferred although they already had their entry. This can happen because one event loop
        /// puts a job into the table of open jobs before it records the deferral, and meanwhile another one may record
        /// the end of the job, which a poll showed.
        var deferredLate: Set<ChargeID> = []

        func isLate(_ record: ChargeRecord) -> Bool {
            guard case .deferred(let deferral) = record else { return false }
            return deferredLate.contains(deferral.opening.charge)
        }
    }

    private static func write(
        _ records: [ChargeRecord],
        _ closed: [ChargeID],
        _ models: inout HourModels,
        _ database: Database
    ) throws -> Written {
        var (entries, totals) = (try EntryTable(database), HourTotals())
        var written = Written()
        for record in records {
            switch record {
            case .settled(let entry):
                guard try entries.insert(entry) else { continue }
                totals.add(entry)
                written.added += 1
            case .deferred(let deferral):
                let charge = deferral.opening.charge
                if try EntryTable.holds(charge, database) { written.deferredLate.insert(charge) }
            case .opened, .grown, .released: continue
            }
        }
        for charge in closed { try OpenChargeTable.delete(charge, database) }
        try totals.write(&models, database)
        return written
    }

    /// Drops open charges that have their entry, because nothing more will come for them.
    ///
    /// - Returns: The number of dropped charges.
    mutating func dropSettled() throws(LedgerError) -> Int {
        let charges = Array(open.charges.keys)
        let settled = try database.write { database in
            let settled = try charges.filter { try EntryTable.holds($0, database) }
            for charge in settled { try OpenChargeTable.delete(charge, database) }
            return settled
        }
        for charge in settled { self.open.drop(charge) }
        return settled.count
    }

    /// Makes the ledger independent of the journal's segments up to and including a number, so that they can be
    /// deleted.
    mutating func outlive(segment: Int) throws(LedgerError) {
        let outliving = open.outliving(segment)
        try database.write { database in
            for charge in outliving { try OpenChargeTable.put(charge, database) }
            try LedgerFact.journalFloor.write(Int64(segment) + 1, database)
        }
        open.stored(outliving)
        open.retired(upTo: segment)
    }

    /// Notes that everything that was in the journal at one moment has been entered.
    mutating func readAll() { open.readAll() }

    /// Notes that a replay has entered a whole segment.
    mutating func replayedSegment() { open.replayedSegment() }

    /// Records which journal belongs to the ledger. The checkpoint moves this into the file itself, because the
    /// write-ahead log beside the file is not found if the ledger gets another name.
    mutating func mark(_ mark: JournalMark) throws(LedgerError) {
        try database.write { database in try mark.write(database) }
        try database.checkpoint()
        self.mark = mark
    }

    /// Records the first segment of those from which the ledger is about to take records.
    mutating func begin(segment: Int) throws(LedgerError) {
        guard var mark, mark.segment != segment else { return }
        mark.segment = segment
        let changed = mark
        try database.write { database in try changed.write(database) }
        self.mark = changed
    }

    /// When the latest recorded charge was opened; nil if there is none.
    func recordedUntil() throws(LedgerError) -> Int64? {
        let latestOpen = open.charges.values.map(\.opening.openedAtSeconds).max()
        let latest = try database.read { database in
            // If entries were deleted, the hours are still there.
            try Int64.fetchOne(database, sql: "SELECT MAX(opened_at) FROM entries")
                ?? Int64.fetchOne(database, sql: "SELECT MAX(hour) + 3599 FROM hours")
        }
        return [latest, latestOpen].compactMap(\.self).max()
    }

    /// Turns each open charge that no later answer will settle into an entry at its hold. Its run has ended.
    ///
    /// - Returns: The number of these charges.
    mutating func interrupt(atSeconds seconds: Int64, segment: Int) throws(LedgerError) -> Int {
        let interrupted = open.charges.values.filter { $0.deferral == nil }.map(\.opening)
        let entries = interrupted.map { ChargeRecord.settled(ChargeSettlement(interrupted: $0, atSeconds: seconds)) }
        return try enter(entries, segment: segment)
    }

    /// The charges that a later answer will settle.
    var deferrals: [ChargeDeferral] { open.charges.values.compactMap(\.deferral) }

    /// Closes the connection.
    func close() throws(LedgerError) { try database.close() }

    /// Opens the file again. After an error nothing that SQLite has in memory is trusted.
    mutating func reopen(_ lock: LedgerLock) throws(LedgerError) {
        // The old connection is given up, whether closing it succeeds or not.
        try? database.close()
        database = try LedgerDatabase.writing(to: database.path, lock)
    }
}

extension ChargeSettlement {
    /// The entry for a charge whose process ended before the charge did: it costs everything that was reserved for it.
    fileprivate init(interrupted opening: ChargeOpening, atSeconds seconds: Int64) {
        self.init(
            opening: opening,
            part: 0,
            model: opening.model,
            cost: opening.hold,
            confidence: .interrupted,
            reason: "process_ended",
            usage: [],
            settledAtSeconds: seconds
        )
    }
}
