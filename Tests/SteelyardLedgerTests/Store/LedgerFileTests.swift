import GRDB
import Glibc
import SteelyardPolicy
import Testing

@testable import SteelyardLedger

/// Files that must not be used, and the messages about them.
@Suite struct LedgerFileTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3")) }

    private func makeLedger() throws {
        let (ledger, _) = try Ledgers.open(settings)
        for number in 0..<100 as Range<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number)))])
        }
        #expect(ledger.close(withinSeconds: 5))
    }

    private func refusal() -> LedgerError? {
        do throws(LedgerError) {
            _ = try Ledger.open(settings, nowSeconds: Ledgers.now)
            return nil
        } catch {
            return error
        }
    }

    @Test func aSecondProcessIsKeptOutAndToldByWhom() throws {
        let (ledger, _) = try Ledgers.open(settings)
        #expect(refusal() == .locked(path: settings.file, pid: getpid()))
        #expect(refusal()?.exitStatus == EX_TEMPFAIL)
        #expect(LedgerLock.isHeld(settings))
        #expect(ledger.close(withinSeconds: 5))
        #expect(!LedgerLock.isHeld(settings))
        #expect(refusal() == nil)
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() {
        let text = Array("accounts of the year 1998, not to be overwritten".utf8) + [UInt8](repeating: 32, count: 8000)
        File.write(text, to: settings.file)
        #expect(refusal() == .notALedger(path: settings.file))
        #expect(File.read(settings.file) == text)
    }

    @Test func aDatabaseOfSomethingElseIsRefused() throws {
        let other = try DatabaseQueue(path: settings.file)
        try other.write { try $0.execute(sql: "CREATE TABLE notes (text TEXT)") }
        try other.close()
        #expect(refusal() == .notALedger(path: settings.file))
    }

    @Test func anEmptyFileIsRefused() {
        File.write([], to: settings.file)
        #expect(refusal() == .empty(path: settings.file))
        #expect(refusal()?.exitStatus == EX_DATAERR)
    }

    @Test func aLaterSchemaIsRefusedAndNotTouched() throws {
        try makeLedger()
        let later = try DatabaseQueue(path: settings.file)
        try later.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
        try later.close()
        #expect(refusal() == .newer(path: settings.file, version: 99))
        #expect(refusal()?.exitStatus == EX_CONFIG)
    }

    @Test func aFileCutInHalfIsRefusedOrFoundByVerify() throws {
        try makeLedger()
        let whole = File.read(settings.file)
        File.write(whole[..<(whole.count / 2)], to: settings.file)
        #expect(try refusal() != nil || !LedgerReader(file: settings.file).verify().isEmpty)
        #expect(File.read(settings.file).count <= whole.count)
    }

    @Test func overwrittenPagesAreFoundByVerify() throws {
        try makeLedger()
        #expect(try LedgerReader(file: settings.file).verify() == [])
        var bytes = File.read(settings.file)
        for index in (bytes.count - 8192)..<(bytes.count - 4096) { bytes[index] = 0x5A }
        File.write(bytes, to: settings.file)
        do throws(LedgerError) {
            #expect(try !LedgerReader(file: settings.file).verify().isEmpty)
        } catch {
            #expect(error.exitStatus == EX_DATAERR)
        }
    }

    @Test func aLedgerThatWasDeletedBesideItsJournalIsNotBegunAnew() throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.opened(Charges.opening(1))])
        let image = CrashImage(of: settings)
        unlink(image.settings.file)
        unlink("\(image.settings.file)-wal")
        #expect {
            try Ledgers.open(image.settings)
        } throws: {
            guard case .missingBesideItsOwn = $0 as? LedgerError else { return false }
            return ($0 as? LedgerError)?.exitStatus == EX_NOINPUT
        }
        #expect(access(image.settings.file, F_OK) != 0)
        _ = ledger
    }

    @Test func damageBetweenRecordsEndsTheStartUnlessItIsToBePutAside() throws {
        let (ledger, _) = try Ledgers.open(settings)
        for number in 1...3 as ClosedRange<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 10))])
        }
        var image = CrashImage(of: settings)
        // Nothing of it may be in the database yet: this image is from before.
        let segment = "\(image.settings.journalFolder)/00000001.journal"
        var bytes = File.read(segment)
        bytes[JournalFormat.headerBytes + 30] ^= 16
        File.write(bytes, to: segment)
        let damage = LedgerError.journalDamaged(path: segment, at: JournalFormat.headerBytes)
        #expect(throws: damage) { try Ledgers.open(image.settings) }
        #expect(throws: damage, "a second start finds the same") { try Ledgers.open(image.settings) }
        #expect(try LedgerReader(file: image.settings.file).verify().map(\.check) == [.journal])
        image.settings.salvages = true
        let (again, opening) = try Ledgers.open(image.settings)
        #expect(opening.damagedSegments == ["\(segment).damaged"])
        #expect(File.read("\(segment).damaged") == bytes)
        #expect(opening.replayedRecords == 2)
        _ = (again, ledger)
    }

    @Test(arguments: [false, true]) func aLedgerIsReadInAFolderThatCannotBeWritten(isCrashed: Bool) throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(1)))])
        ledger.flush(withinSeconds: 5)
        if !isCrashed { ledger.close(withinSeconds: 5) }
        let image = CrashImage(of: settings)
        let report = try LedgerReader(file: image.settings.file).report(UsageQuery(by: [], within: Ledgers.always))
        #expect(report.total.requests == 1)
    }

    @Test func nothingIsReadFromAFileThatIsNotThere() {
        #expect(throws: LedgerError.missing(path: settings.file)) { try LedgerReader(file: settings.file) }
        #expect(access(settings.file, F_OK) != 0)
    }

    @Test func filesAreTheirOwnersAlone() throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.opened(Charges.opening(1))])
        let files = [
            settings.file, settings.lockFile, "\(settings.file)-wal", "\(settings.journalFolder)/00000001.journal",
        ]
        for file in files {
            var facts = stat()
            #expect(stat(file, &facts) == 0 && facts.st_mode & 0o077 == 0, "\(file)")
        }
    }
}
