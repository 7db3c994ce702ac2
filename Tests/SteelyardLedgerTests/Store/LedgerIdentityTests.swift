import Glibc
import SteelyardPolicy
import Testing

@testable import SteelyardLedger

/// One ledger, one process, one journal: under whatever names they are found.
@Suite struct LedgerIdentityTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3")) }

    private func refusal(_ settings: LedgerSettings) -> LedgerError? {
        do throws(LedgerError) {
            _ = try Ledger.open(settings, nowSeconds: Ledgers.now)
            return nil
        } catch {
            return error
        }
    }

    private func filled(_ settings: LedgerSettings) throws -> Ledger {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(1), cost: 10))])
        ledger.flush(withinSeconds: 5)
        // On record, and not in the ledger before the next start.
        try ledger.journal.append([.opened(Charges.opening(2, hold: 500))])
        return ledger
    }

    @Test(arguments: ["symlink", "hard link"]) func aSecondNameIsKeptOut(kind: String) throws {
        let ledger = try filled(settings)
        let other = LedgerSettings(file: folder.file("other.sqlite3"))
        #expect((kind == "symlink" ? symlink(settings.file, other.file) : link(settings.file, other.file)) == 0)
        #expect(LedgerLock.isHeld(other))
        #expect(refusal(other) == .lockedUnderAnotherName(path: other.file))
        #expect(refusal(other)?.exitStatus == EX_TEMPFAIL)
        #expect(ledger.close(withinSeconds: 5))
        #expect(!LedgerLock.isHeld(other))
        #expect(refusal(other) == nil, "nothing is left in the journal of the first")
    }

    @Test(arguments: ["symlink", "hard link"]) func afterAKillOnlyTheNameWithTheJournalIsServed(kind: String) throws {
        let image = CrashImage(of: try filled(settings).settings)
        let other = LedgerSettings(file: image.folder.file("other.sqlite3"))
        #expect(
            (kind == "symlink" ? symlink(image.settings.file, other.file) : link(image.settings.file, other.file)) == 0
        )
        let missing = LedgerError.journalMissing(path: "\(other.journalFolder)/00000001.journal", ledger: other.file)
        #expect(refusal(other) == missing)
        let (again, opening) = try Ledgers.open(image.settings)
        #expect(opening.interrupted == 1)
        #expect(try Ledgers.total(again).cost == MoneySum(510))
    }

    @Test func aJournalThatWasDeletedAfterAKillEndsTheStartUntilItIsSalvaged() throws {
        let image = CrashImage(of: try filled(settings).settings)
        let segment = "\(image.settings.journalFolder)/00000001.journal"
        let bytes = File.read(segment)
        unlink(segment)
        rmdir(image.settings.journalFolder)
        let missing = LedgerError.journalMissing(path: segment, ledger: image.settings.file)
        #expect(refusal(image.settings) == missing)
        #expect(refusal(image.settings)?.exitStatus == EX_NOINPUT, "a second start finds the same")
        #expect(try LedgerReader(file: image.settings.file).verify().map(\.check) == [.journal])
        // What is put back is as good as it was.
        File.write(bytes, to: segment)
        let restored = CrashImage(of: image.settings)
        #expect(try Ledgers.open(restored.settings).opening.interrupted == 1)
        unlink(segment)
        var salvaging = image.settings
        salvaging.salvages = true
        let (salvaged, opening) = try Ledgers.open(salvaging)
        #expect(opening.journalProblems == [missing])
        #expect(salvaged.close(withinSeconds: 5))
        #expect(refusal(image.settings) == nil)
    }

    @Test func aJournalOfAnotherLedgerIsNotEntered() throws {
        let image = CrashImage(of: try filled(settings).settings)
        let stranger = LedgerSettings(file: folder.file("stranger.sqlite3"))
        let foreign = CrashImage(of: try filled(stranger).settings)
        let segment = "\(image.settings.journalFolder)/00000001.journal"
        File.write(File.read("\(foreign.settings.journalFolder)/00000001.journal"), to: segment)
        #expect(refusal(image.settings) == .journalForeign(path: segment, ledger: image.settings.file))
        #expect(refusal(image.settings)?.exitStatus == EX_DATAERR)
    }

    /// A copy that was made while the original ran has no journal that belongs to it.
    @Test func aCopyWithoutItsJournalIsNotServed() throws {
        let ledger = try filled(settings)
        let copy = LedgerSettings(file: folder.file("copy.sqlite3"))
        for suffix in ["", "-wal"] { File.write(File.read(settings.file + suffix), to: copy.file + suffix) }
        guard case .journalMissing = refusal(copy) else {
            Issue.record("\(String(describing: refusal(copy)))")
            return
        }
        #expect(ledger.close(withinSeconds: 5))
        let later = LedgerSettings(file: folder.file("later.sqlite3"))
        File.write(File.read(settings.file), to: later.file)
        #expect(refusal(later) == nil, "after an end in order everything is in the file")
    }

    /// Begun segments are noted as they come.
    @Test func theSegmentThatIsBeingEnteredMustBeThere() throws {
        let small = LedgerSettings(file: settings.file, segmentBytes: 2048)
        let (ledger, _) = try Ledgers.open(small)
        for number in 1...20 as ClosedRange<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 10))])
            ledger.flush(withinSeconds: 5)
        }
        let image = CrashImage(of: small)
        let names = TemporaryFolder.names(in: image.settings.journalFolder).filter { $0.hasSuffix(".journal") }
        #expect(names.count == 1 && names[0] > "00000001.journal")
        unlink("\(image.settings.journalFolder)/\(names[0])")
        #expect(refusal(image.settings)?.exitStatus == EX_NOINPUT)
        _ = ledger
    }

    @Test func aFileThatWasReplacedIsNotWrittenTo() throws {
        _ = try Ledgers.open(settings).ledger.close(withinSeconds: 5)
        let lock = try LedgerLock(settings) { () throws(LedgerError) in }
        let bytes = File.read(settings.file)
        #expect(throws: Never.self) { try LedgerDatabase.writing(to: settings.file, lock).close() }
        rename(settings.file, settings.file + ".old")
        File.write(bytes, to: settings.file)
        #expect(throws: LedgerError.replaced(path: settings.file)) {
            try LedgerDatabase.writing(to: settings.file, lock)
        }
    }

    @Test func whatIsNoFileIsRefused() throws {
        mkdir(settings.file, 0o700)
        #expect(refusal(settings) == .notAFile(path: settings.file))
        rmdir(settings.file)
        mkfifo(settings.file, 0o600)
        #expect(refusal(settings) == .notAFile(path: settings.file))
        unlink(settings.file)
        symlink(folder.file("away/ledger.sqlite3"), settings.file)
        #expect(refusal(settings) == .danglingLink(path: settings.file))
        #expect(access(folder.file("away"), F_OK) != 0)
    }
}
