import GRDB
import SteelyardPolicy

/// The ledger's content while one process keeps it: the database, and the open charges that are not in it.
struct LedgerBooks {
    private(set) var database: LedgerDatabase
    private(set) var open: OpenCharges

    init(_ database: LedgerDatabase) throws(LedgerError) {
        self.database = database
        open = OpenCharges(try database.read(OpenChargeTable.all))
    }

    /// Enters a batch of records in one transaction: all, or none and an error.
    ///
    /// - Returns: How many entries were new. A record that was entered before changes nothing.
    mutating func enter(_ records: [ChargeRecord], segment: Int) throws(LedgerError) -> Int {
        let closed = records.compactMap(open.rowClosed(by:))
        let added = try database.write { database in try Self.write(records, closed, database) }
        for record in records { self.open.took(record, segment: segment) }
        return added
    }

    private static func write(_ records: [ChargeRecord], _ closed: [ChargeID], _ database: Database) throws -> Int {
        var (entries, totals) = (try EntryTable(database), HourTotals())
        var added = 0
        for record in records {
            if case .settled(let entry) = record, try entries.insert(entry) {
                totals.add(entry)
                added += 1
            }
        }
        for charge in closed { try OpenChargeTable.delete(charge, database) }
        try totals.write(database)
        return added
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
    mutating func reopen() throws(LedgerError) {
        // It is given up whatever closing it says.
        try? database.close()
        database = try LedgerDatabase.writing(to: database.path)
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
