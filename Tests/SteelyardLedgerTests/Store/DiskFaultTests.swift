import Glibc
import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

/// Real file systems that are full or cannot be written.
@Suite(.enabled(if: SmallDisk.mayBeMounted, "mounting a tmpfs takes root's rights"))
struct DiskFaultTests {
    /// Nothing recorded is lost, and writing recovers by itself when there is room.
    @Test func aFullDiskIsSurvivedAndLeftBehind() throws {
        let disk = try SmallDisk(kibibytes: 1024)
        let settings = LedgerSettings(file: disk.file("ledger.sqlite3"), segmentBytes: 64 << 10)
        let (ledger, _) = try Ledgers.open(settings)
        let lanes = [ledger.journal.lane(), ledger.journal.lane()]
        var settled: Int64 = 0
        disk.fill(leavingBytes: 300_000)
        for number in 0..<2000 as Range<UInt64> {
            let charge = Charges.opening(number)
            guard (try? lanes[Int(number % 2)].append(.opened(charge))) != nil else { break }
            // A settlement without room is written later.
            _ = try? lanes[Int(number % 3 % 2)].append(.settled(Charges.settlement(charge, cost: 1)))
            settled += 1
        }
        #expect(settled < 2000, "the disk was never full")
        #expect(ledger.journal.isFailing)
        ledger.passed(nowSeconds: Ledgers.now)
        #expect(!ledger.flush(withinSeconds: 5) || ledger.journal.isFailing)
        disk.empty()
        ledger.passed(nowSeconds: Ledgers.now)
        #expect(ledger.flush(withinSeconds: 5))
        #expect(!ledger.journal.isFailing)
        #expect(try Ledgers.total(ledger).cost == MoneySum(Int128(settled)))
        #expect(ledger.standing.failure == nil)
        #expect(ledger.standing.openCharges == 0)
        #expect(try ledger.read().verify() == [])
        #expect(ledger.close(withinSeconds: 5))
    }

    /// A database whose small disk is full, with a thousand charges in a journal that has room elsewhere.
    private struct FullDatabase {
        let disk: SmallDisk
        let folder = TemporaryFolder()
        let settings: LedgerSettings
        let ledger: Ledger

        init() throws {
            disk = try SmallDisk(kibibytes: 512)
            settings = LedgerSettings(file: disk.file("ledger.sqlite3"), segmentBytes: 16 << 10)
            symlink(folder.path, settings.journalFolder)
            (ledger, _) = try Ledgers.open(settings)
            disk.fill(leavingBytes: 8192)
            for number in 0..<1000 as Range<UInt64> {
                try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 1))])
            }
        }
    }

    /// The journal has room on its own disk, SQLite has none: nobody is refused.
    @Test func aFullDatabaseKeepsTheJournalAsItsQueue() throws {
        let full = try FullDatabase()
        let (disk, ledger) = (full.disk, full.ledger)
        #expect(!ledger.flush(withinSeconds: 5))
        #expect(ledger.standing.failure == .full(path: full.settings.file))
        #expect(ledger.standing.queueLength > 0)
        disk.empty()
        #expect(disk.grow(toKibibytes: 4096))
        ledger.passed(nowSeconds: Ledgers.now)
        #expect(try Ledgers.total(ledger).cost == MoneySum(1000))
        #expect(ledger.standing.failure == nil)
        #expect(ledger.standing.queueLength == 0)
        #expect(ledger.close(withinSeconds: 5))
    }

    /// A process that has released the lock must not write any more, even when writing becomes possible.
    @Test func aLedgerThatEndsOnAFullDiskLeavesTheRestToTheNextStart() throws {
        let full = try FullDatabase()
        let (disk, ledger) = (full.disk, full.ledger)
        #expect(!ledger.close(withinSeconds: 5))
        disk.empty()
        #expect(disk.grow(toKibibytes: 4096))
        let left = TemporaryFolder.names(in: full.folder.path)
        ledger.passed(nowSeconds: Ledgers.now)
        ledger.flush(withinSeconds: 5)
        #expect(TemporaryFolder.names(in: full.folder.path) == left)
        let (again, opening) = try Ledgers.open(full.settings)
        #expect(opening.replayedRecords > 0)
        #expect(try Ledgers.total(again).cost == MoneySum(1000))
        #expect(again.close(withinSeconds: 5))
    }

    @Test func aReadOnlyDiskIsRefusedAtTheStartAndReadAnyway() throws {
        let disk = try SmallDisk(kibibytes: 2048)
        let settings = LedgerSettings(file: disk.file("ledger.sqlite3"))
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(1), cost: 5))])
        #expect(ledger.close(withinSeconds: 5))
        #expect(disk.remount(readOnly: true))
        #expect {
            try Ledgers.open(settings)
        } throws: {
            guard case .notWritable = $0 as? LedgerError else { return false }
            return ($0 as? LedgerError)?.exitStatus == EX_CANTCREAT
        }
        let query = UsageQuery(by: [], within: Ledgers.always)
        #expect(try LedgerReader(file: settings.file).report(query).total.cost == MoneySum(5))
        #expect(disk.remount(readOnly: false))
    }

    @Test func aDiskThatTurnsReadOnlyStopsRecordsUntilItIsBack() throws {
        let disk = try SmallDisk(kibibytes: 2048)
        let settings = LedgerSettings(file: disk.file("ledger.sqlite3"), segmentBytes: 1)
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.opened(Charges.opening(1))])
        ledger.flush(withinSeconds: 5)
        // A file system with files open for writing cannot become read-only, unlike a dying disk.
        guard disk.remount(readOnly: true) else { return print("not remounted: the journal is open for writing") }
        #expect(throws: JournalFailure.self) { try ledger.journal.append([.opened(Charges.opening(2))]) }
        #expect(disk.remount(readOnly: false))
        ledger.passed(nowSeconds: Ledgers.now)
        ledger.flush(withinSeconds: 5)
        #expect(!ledger.journal.isFailing)
    }
}

/// A file system of some hundred kilobytes.
private final class SmallDisk {
    private let folder = TemporaryFolder()

    static var mayBeMounted: Bool {
        let folder = TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
        return umount2(folder.path, Int32(MNT_DETACH)) == 0
    }

    init(kibibytes: Int) throws {
        try #require(mount("tmpfs", folder.path, "tmpfs", 0, "size=\(kibibytes)k") == 0)
    }

    deinit { umount2(folder.path, Int32(MNT_DETACH)) }

    func file(_ name: String) -> String { folder.file(name) }

    func grow(toKibibytes kibibytes: Int) -> Bool {
        mount("tmpfs", folder.path, "tmpfs", UInt(MS_REMOUNT), "size=\(kibibytes)k") == 0
    }

    func remount(readOnly: Bool) -> Bool {
        let flags = UInt(MS_REMOUNT) | (readOnly ? UInt(MS_RDONLY) : 0)
        return mount("tmpfs", folder.path, "tmpfs", flags, nil) == 0
    }

    /// Fills the disk, except for some bytes.
    func fill(leavingBytes rest: Int) {
        var facts = statvfs()
        guard statvfs(folder.path, &facts) == 0 else { return }
        let free = Int(facts.f_bavail) * Int(facts.f_frsize)
        File.write([UInt8](repeating: 1, count: max(0, free - rest)), to: file("ballast"))
    }

    func empty() { unlink(file("ballast")) }
}
