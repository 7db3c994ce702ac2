import GRDB
import SteelyardPolicy

/// The ledger's content while one process keeps it: the database, and the open charges that are not in it.
struct LedgerBooks {
    private(set) var database: LedgerDatabase
    private(set) var open: OpenCharges
    private var hourModels = HourModels()
    /// The journal that belongs to the ledger; nil before that is noted there.
    private var mark: JournalMark?

    init(_ database: LedgerDatabase) throws(LedgerError) {
        self.database = database
        open = OpenCharges(try database.read(OpenChargeTable.all))
    }

    /// Enters a batch of records in one transaction: all, or none and an error.
    ///
    /// - Returns: How many entries were new. A record that was entered before changes nothing.
    mutating func enter(_ records: [ChargeRecord], segment: Int) throws(LedgerError) -> Int {
        let closed = records.compactMap(open.rowClosed(by:))
        // Taken out while it changes: names that a failed transaction saw are in no row.
        var models = HourModels()
        swap(&models, &hourModels)
        let written = try database.write { database in try Self.write(records, closed, &models, database) }
        hourModels = models
        for record in records where !written.isLate(record) { self.open.took(record, segment: segment) }
        return written.added
    }

    /// What a batch came to.
    private struct Written {
        /// How many entries were new.
        var added = 0
        /// Charges that were deferred when they had their entry already: between the answer that hands a job to the table
        /// of open jobs and its record, another event loop may put the poll on record that ends the job.
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

    /// Forgets open charges that have their entry: nothing will come for them.
    ///
    /// - Returns: How many there were.
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

    /// Makes the ledger independent of the journal's segments up to a number.
    mutating func outlive(segment: Int) throws(LedgerError) {
        let outliving = open.outliving(segment)
        try database.write { database in
            for charge in outliving { try OpenChargeTable.put(charge, database) }
            try LedgerFact.journalFloor.write(Int64(segment) + 1, database)
        }
        open.stored(outliving)
    }

    /// Notes which journal belongs to the ledger. In the file itself: under another name of it, the log beside it is not
    /// found.
    mutating func mark(_ mark: JournalMark) throws(LedgerError) {
        try database.write { database in try mark.write(database) }
        try database.checkpoint()
        self.mark = mark
    }

    /// Notes that records of a segment will be entered.
    mutating func begin(segment: Int) throws(LedgerError) {
        guard var mark, mark.segment != segment else { return }
        mark.segment = segment
        let changed = mark
        try database.write { database in try changed.write(database) }
        self.mark = changed
    }

    /// When the latest charge was opened that is on record; nil when there is none.
    func recordedUntil() throws(LedgerError) -> Int64? {
        let latestOpen = open.charges.values.map(\.opening.openedAtSeconds).max()
        let latest = try database.read { database in
            // Where entries are gone, hours are left.
            try Int64.fetchOne(database, sql: "SELECT MAX(opened_at) FROM entries")
                ?? Int64.fetchOne(database, sql: "SELECT MAX(hour) + 3599 FROM hours")
        }
        return [latest, latestOpen].compactMap(\.self).max()
    }

    /// Turns every open charge that nothing waits for into an entry at its hold, by a run that is over.
    ///
    /// - Returns: How many there were.
    mutating func interrupt(atSeconds seconds: Int64, segment: Int) throws(LedgerError) -> Int {
        let interrupted = open.charges.values.filter { $0.deferral == nil }.map(\.opening)
        let entries = interrupted.map { ChargeRecord.settled(ChargeSettlement(interrupted: $0, atSeconds: seconds)) }
        return try enter(entries, segment: segment)
    }

    /// The charges that a later answer will settle.
    var deferrals: [ChargeDeferral] { open.charges.values.compactMap(\.deferral) }

    /// Ends the connection.
    func close() throws(LedgerError) { try database.close() }

    /// Opens the file anew: after an error nothing that SQLite remembers of it is believed.
    mutating func reopen(_ lock: LedgerLock) throws(LedgerError) {
        // It is given up whatever closing it says.
        try? database.close()
        database = try LedgerDatabase.writing(to: database.path, lock)
    }
}

extension ChargeSettlement {
    /// What is charged when the process ended before the charge did: all that was set aside for it.
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
