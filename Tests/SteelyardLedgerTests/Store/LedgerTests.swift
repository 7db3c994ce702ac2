import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

@Suite struct LedgerTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3")) }
    let now: Int64 = 1_700_000_100

    private func open() throws -> (ledger: Ledger, opening: LedgerOpening) {
        try Ledger.open(settings, nowSeconds: now)
    }

    @Test func aChargeIsInTheLedgerAfterAFlushAndTheJournalIsEmptyAfterTheEnd() throws {
        let (ledger, opening) = try open()
        #expect(opening.isNew)
        let charge = Charges.opening(1)
        try ledger.journal.append([.opened(charge)])
        try ledger.journal.append([.settled(Charges.settlement(charge))])
        #expect(ledger.flush(withinSeconds: 5))
        #expect(ledger.standing.entries == 1)
        #expect(ledger.standing.queueLength == 0)
        let bounds = WindowBounds(startSeconds: 0, endSeconds: now)
        let query = SpendingQuery(scope: .organization, models: [], bounds: bounds)
        #expect(try ledger.read().spent(query) == MoneySum(1_234_567))
        #expect(ledger.close(withinSeconds: 5))
        #expect(TemporaryFolder.names(in: settings.journalFolder).isEmpty)
    }

    @Test func aChargeThatNeverEndedIsChargedAtItsHold() throws {
        do {
            let (ledger, _) = try open()
            try ledger.journal.append([.opened(Charges.opening(1)), .opened(Charges.opening(2))])
            try ledger.journal.append([.deferred(Charges.deferral(Charges.opening(2)))])
            ledger.flush(withinSeconds: 5)
        }
        let (ledger, opening) = try open()
        #expect(opening.interrupted == 1)
        #expect(opening.restored == [Charges.deferral(Charges.opening(2))])
        let bounds = WindowBounds(startSeconds: 0, endSeconds: now)
        let query = SpendingQuery(scope: .team("search"), models: [ModelPattern("gpt-4*")], bounds: bounds)
        #expect(try ledger.read().spent(query) == MoneySum(5_000_000))
        ledger.close(withinSeconds: 5)
    }
}
