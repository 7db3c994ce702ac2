import Foundation
import GRDB
import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

@Suite struct LedgerTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 4096) }

    @Test func aChargeIsInTheLedgerAfterAFlushAndTheJournalIsEmptyAfterTheEnd() throws {
        let (ledger, opening) = try Ledgers.open(settings)
        #expect(opening.isNew)
        let charge = Charges.opening(1)
        try ledger.journal.append([.opened(charge)])
        try ledger.journal.append([.settled(Charges.settlement(charge))])
        #expect(try Ledgers.total(ledger).cost == MoneySum(1_234_567))
        #expect(ledger.standing.entries == 1)
        #expect(ledger.standing.queueLength == 0)
        #expect(ledger.standing.openCharges == 0)
        let reader = try ledger.read()
        #expect(ledger.close(withinSeconds: 5))
        #expect(throws: LedgerError.self, "nobody keeps it open") { try reader.recent(limit: 1) }
        #expect(TemporaryFolder.names(in: settings.journalFolder).isEmpty)
        #expect(
            TemporaryFolder.names(in: folder.path) == [
                "ledger.sqlite3", "ledger.sqlite3.journal", "ledger.sqlite3.lock",
            ]
        )
    }

    @Test func whatComesAfterTheEndIsRefusedAndHarmless() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let reader = try ledger.read()
        #expect(ledger.close(withinSeconds: 5))
        ledger.passed(nowSeconds: Ledgers.now + 10_000_000)
        ledger.flush(withinSeconds: 5)
        #expect(ledger.close(withinSeconds: 5))
        #expect(ledger.standing.failures == 0)
        #expect(throws: JournalFailure.closed) { try ledger.journal.append([.opened(Charges.opening(1))]) }
        #expect(!ledger.journal.recover())
        #expect(throws: LedgerError.refused(path: settings.file, reason: "it is closed")) { try reader.verify() }
    }

    @Test func anEntryIsReadBackAsItWasSettled() throws {
        let (ledger, _) = try Ledgers.open(settings)
        var strange = Charges.settlement(Charges.opening(2), part: 3, confidence: .estimated, reason: "client_gone")
        strange.meters[.duration] = 90_000_000
        strange.meters[.input] = -1
        strange.opening.team = "équipe, \"x\""
        strange.opening.openedAtSeconds += 10
        let settlements = [strange, Charges.settlement(Charges.opening(1))]
        try ledger.journal.append(settlements.map(ChargeRecord.settled))
        ledger.flush(withinSeconds: 5)
        #expect(try ledger.read().recent(limit: 10) == settlements)
        #expect(try ledger.read().recent(limit: 10, team: "search") == [settlements[1]])
        #expect(try ledger.read().recent(limit: 1) == [strange])
    }

    @Test func aUsageThatIsNoTextIsKeptByteForByte() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let usages: [[UInt8]] = [[0x7B, 0xFF, 0x00, 0x7D], [], Array("{\"é\":1}".utf8)]
        for (number, usage) in usages.enumerated() {
            var settlement = Charges.settlement(Charges.opening(UInt64(number)))
            settlement.usage = usage
            try ledger.journal.append([.settled(settlement)])
        }
        #expect(ledger.close(withinSeconds: 5))
        let kept = try DatabaseQueue(path: settings.file).read { database in
            try Row.fetchAll(database, sql: "SELECT typeof(usage), CAST(usage AS BLOB) AS bytes FROM entries")
        }
        #expect(kept.map { $0[0] as String } == ["blob", "text", "text"])
        #expect(kept.map { Array($0["bytes"] as Data) } == usages)
    }

    /// A reader beside a server sees what was on record when it began, or how much of it is missing.
    @Test func aReaderWaitsForTheServerAndCountsWhatNobodyEnters() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let reader = try LedgerReader(file: settings.file)
        for number in 1...20 as ClosedRange<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 1))])
            #expect(try reader.caughtUp(with: settings, withinSeconds: 20) == 0)
            #expect(try reader.report(UsageQuery(by: [], within: Ledgers.always)).total.requests == Int64(number))
        }
        let opening = Charges.opening(30)
        let records: [ChargeRecord] = [.opened(opening), .settled(Charges.settlement(opening))]
        let dead = CrashImage(of: settings)
        File.write(Journals.segment(records + records), to: "\(dead.settings.journalFolder)/00000099.journal")
        #expect(!LedgerReader.isKept(dead.settings))
        #expect(try LedgerReader(file: dead.settings.file).caughtUp(with: dead.settings, withinSeconds: 3600) == 1)
    }

    @Test func aRecordThatComesTwiceCountsOnce() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let settlement = Charges.settlement(Charges.opening(1))
        for _ in 0..<3 { try ledger.journal.append([.settled(settlement)]) }
        ledger.flush(withinSeconds: 5)
        // Neither does a second settlement of the same part, whatever it says.
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(1), cost: 99))])
        let total = try Ledgers.total(ledger)
        #expect(total.requests == 1)
        #expect(total.cost == MoneySum(1_234_567))
        #expect(total.tokensIn == 1000)
        #expect(try ledger.read().verify() == [])
        #expect(ledger.standing.entries == 1)
    }

    @Test func partsOfAChargeAreEntriesOfTheirOwnAndOneRequest() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let charge = Charges.opening(1)
        try ledger.journal.append(
            [.opened(charge)]
                + (0..<3).reversed().map {
                    ChargeRecord.settled(Charges.settlement(charge, part: $0, cost: 100))
                }
        )
        let total = try Ledgers.total(ledger)
        #expect(total.requests == 1)
        #expect(total.cost == MoneySum(300))
        #expect(ledger.standing.openCharges == 0)
    }

    @Test func aChargeThatNeverEndedIsChargedAtItsHoldOnce() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let charge = Charges.opening(1, hold: 5_000_000)
        try ledger.journal.append([.opened(charge), .opened(Charges.opening(2)), .released(Charges.opening(2).charge)])
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(3), cost: 7))])
        let image = CrashImage(of: settings)
        for start in 1...3 {
            let (again, opening) = try Ledgers.open(image.settings)
            #expect(opening.interrupted == (start == 1 ? 1 : 0))
            let total = try Ledgers.total(again)
            #expect(total.cost == MoneySum(5_000_007))
            #expect(total.interrupted == MoneySum(5_000_000))
            #expect(total.requests == 2)
            #expect(again.close(withinSeconds: 5))
        }
    }

    /// What a long answer had come to hold is what it counts at, wherever the journal is cut off between its steps.
    @Test func aChargeWhoseHoldGrewIsChargedAtTheHoldOfItsLastStep() throws {
        let (ledger, _) = try Ledgers.open(settings)
        var charge = Charges.opening(1, hold: 100)
        try ledger.journal.append([.opened(charge)])
        for hold in [200, 400, 800] as [Int64] {
            charge.hold = Picodollars(hold)
            try ledger.journal.append([.grown(charge)])
            if hold == 400 {
                // Enough for the segment with the opening to go.
                for number in 10..<60 as Range<UInt64> {
                    try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 0))])
                }
            }
            ledger.flush(withinSeconds: 5)
            let image = CrashImage(of: settings)
            let (again, opening) = try Ledgers.open(image.settings)
            #expect(opening.interrupted == 1)
            #expect(try Ledgers.total(again).interrupted == MoneySum(Int128(hold)))
        }
        try ledger.journal.append([.settled(Charges.settlement(charge, cost: 42))])
        #expect(try Ledgers.total(ledger).cost == MoneySum(42))
        #expect(ledger.standing.openCharges == 0)
    }

    /// The event loop that reads an upload may learn that it costs more before a worker has put its opening on record.
    @Test(arguments: [false, true]) func aHoldThatGrewBeforeItsOpeningWasOnRecordCounts(isRead: Bool) throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.grown(Charges.opening(1, hold: 800))])
        if isRead { ledger.flush(withinSeconds: 5) }
        try ledger.journal.append([.opened(Charges.opening(1, hold: 100))])
        if isRead { ledger.flush(withinSeconds: 5) }
        let image = CrashImage(of: settings)
        let (again, opening) = try Ledgers.open(image.settings)
        #expect(opening.interrupted == 1)
        #expect(try Ledgers.total(again).interrupted == MoneySum(800))
    }

    @Test func whatWaitsForTheDiskIsNotSaidToBeInTheLedger() throws {
        let disk = ScriptedDisk()
        let (ledger, _) = try Ledger.open(settings, nowSeconds: Ledgers.now, calls: disk.calls)
        disk.room = 0
        let settlement = ChargeRecord.settled(Charges.settlement(Charges.opening(1), cost: 42))
        #expect(throws: JournalFailure.self) { try ledger.journal.append([settlement]) }
        #expect(!ledger.flush(withinSeconds: 5))
        disk.room = nil
        ledger.passed(nowSeconds: Ledgers.now)
        #expect(ledger.flush(withinSeconds: 5))
        #expect(try Ledgers.total(ledger).cost == MoneySum(42))
    }

    @Test func aBackgroundJobOutlivesRestartsAndSegmentsAndIsSettledOnce() throws {
        let charge = Charges.opening(1)
        let deferral = Charges.deferral(charge)
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.opened(charge)])
        try ledger.journal.append([.deferred(deferral)])
        // Enough for its segment to go.
        for number in 10..<60 as Range<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 1))])
        }
        ledger.flush(withinSeconds: 5)
        #expect(!TemporaryFolder.names(in: settings.journalFolder).contains("00000001.journal"))
        var image = CrashImage(of: settings)
        for _ in 0..<3 {
            let (again, opening) = try Ledgers.open(image.settings)
            #expect(opening.restored == [deferral])
            #expect(opening.interrupted == 0)
            _ = again
            image = CrashImage(of: image.settings)
        }
        let (again, _) = try Ledgers.open(image.settings)
        try again.journal.append([.settled(Charges.settlement(charge, cost: 42))])
        #expect(try Ledgers.total(again).cost == MoneySum(92))
        #expect(again.close(withinSeconds: 5))
        let (last, opening) = try Ledgers.open(image.settings)
        #expect(opening.restored == [])
        #expect(try Ledgers.total(last).cost == MoneySum(92))
    }

    /// The answer that hands a job to the table of open jobs and the poll that ends it are on two event loops: the poll's
    /// settlement may be on record first, and then there is nothing left to wait for.
    @Test(arguments: [0, 40]) func aDeferralBehindItsSettlementHoldsNothing(recordsBetween count: UInt64) throws {
        let charge = Charges.opening(1)
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.opened(charge)])
        try ledger.journal.append([.settled(Charges.settlement(charge, cost: 42))])
        // Enough of them put the two into different segments and transactions.
        for number in 10..<(10 + count) {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 1))])
        }
        if count > 0 { ledger.flush(withinSeconds: 5) }
        try ledger.journal.append([.deferred(Charges.deferral(charge))])
        let unread = CrashImage(of: settings)
        #expect(try Ledgers.open(unread.settings).opening.restored == [])
        #expect(try Ledgers.total(ledger).cost == MoneySum(42 + Int128(count)))
        #expect(ledger.standing.openCharges == 0)
        let read = CrashImage(of: settings)
        let (again, opening) = try Ledgers.open(read.settings)
        #expect(opening.restored == [])
        #expect(opening.interrupted == 0)
        #expect(try Ledgers.total(again).requests == 1 + Int64(count))
    }

    /// A row that an earlier version left behind in this way.
    @Test func anOpenChargeThatHasItsEntryIsDroppedAtTheStart() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let (done, waiting) = (Charges.opening(1), Charges.opening(2))
        try ledger.journal.append([.settled(Charges.settlement(done, cost: 42))])
        #expect(ledger.close(withinSeconds: 5))
        let database = try DatabaseQueue(path: settings.file)
        try database.write { database in
            for opening in [done, waiting] {
                try OpenChargeTable.put(
                    OpenCharge(opening: opening, deferral: Charges.deferral(opening, job: "\(opening.charge.low)")),
                    database
                )
            }
        }
        try database.close()
        for start in 1...2 {
            let (again, opening) = try Ledgers.open(settings)
            #expect(opening.droppedCharges == (start == 1 ? 1 : 0))
            #expect(opening.restored.map(\.opening) == [waiting])
            #expect(try Ledgers.total(again).cost == MoneySum(42))
            #expect(again.close(withinSeconds: 5))
        }
    }

    /// An opening reaches SQLite only when its segment goes; then its settlement must take it out again.
    @Test func aChargeThatOutlivesItsSegmentIsStillSettledOnce() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let slow = Charges.opening(1)
        try ledger.journal.append([.opened(slow)])
        for number in 10..<60 as Range<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 1))])
        }
        ledger.flush(withinSeconds: 5)
        #expect(ledger.standing.openCharges == 1)
        let crash = CrashImage(of: settings)
        #expect(try Ledgers.open(crash.settings).opening.interrupted == 1)
        try ledger.journal.append([.settled(Charges.settlement(slow, cost: 42))])
        #expect(try Ledgers.total(ledger).cost == MoneySum(92))
        let laterCrash = CrashImage(of: settings)
        #expect(try Ledgers.open(laterCrash.settings).opening.interrupted == 0)
    }

    @Test func aJournalCutOffAtAnyRecordIsReplayedUpToIt() throws {
        let (ledger, _) = try Ledger.open(
            LedgerSettings(file: settings.file),
            run: Journals.run,
            nowSeconds: Ledgers.now
        )
        let empty = CrashImage(of: LedgerSettings(file: settings.file))
        let charges = (1...4 as ClosedRange<UInt64>).map { Charges.opening($0, hold: 100) }
        let records = charges.flatMap { [ChargeRecord.opened($0), .settled(Charges.settlement($0, cost: 7))] }
        let segment = Journals.segment(records)
        let ends = records.indices.map { Journals.segment(Array(records[...$0])).count }
        _ = ledger
        for end in ends {
            for length in [end - 1, end, min(end + 1, segment.count)] {
                let image = CrashImage(of: empty.settings)
                File.write(segment[..<length], to: "\(image.settings.journalFolder)/00000001.journal")
                let (again, opening) = try Ledgers.open(image.settings)
                let whole = ends.count { $0 <= length }
                #expect(opening.replayedRecords == whole)
                #expect(try Ledgers.total(again).cost == MoneySum(Int128(whole / 2 * 7 + whole % 2 * 100)), "\(length)")
            }
        }
    }

    @Test func aRunLeavesNoSegmentThatIsReplayedAfterItWasDone() throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.opened(Charges.opening(1))])
        let first = File.read("\(settings.journalFolder)/00000001.journal")
        try ledger.journal.append([.released(Charges.opening(1).charge)])
        #expect(ledger.close(withinSeconds: 5))
        // After a power cut the deletion of the file may be undone: its opening alone would be an interruption.
        File.write(first, to: "\(settings.journalFolder)/00000001.journal")
        let (again, opening) = try Ledgers.open(settings)
        #expect(opening.replayedRecords == 0)
        #expect(opening.interrupted == 0)
        #expect(try Ledgers.total(again).requests == 0)
        #expect(!TemporaryFolder.names(in: settings.journalFolder).contains("00000001.journal"))
    }
}
