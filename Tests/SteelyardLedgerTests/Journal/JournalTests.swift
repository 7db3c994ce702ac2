import Dispatch
import Glibc
import SteelyardPolicy
import Synchronization
import Testing

@testable import SteelyardLedger

@Suite struct JournalTests {
    let folder = TemporaryFolder()
    let disk = ScriptedDisk()

    @Test func recordsOfManyThreadsAreAllThereOnce() async throws {
        let journal = try Journals.open(folder, segmentBytes: 16 << 10)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 as Range<UInt64> {
                group.addTask {
                    for number in 0..<250 as Range<UInt64> {
                        let charge = Charges.opening(thread * 1000 + number)
                        #expect(throws: Never.self) { try journal.append([.opened(charge), .released(charge.charge)]) }
                    }
                }
            }
        }
        let records = try Journals.records(in: folder)
        #expect(records.count == 2000)
        #expect(Set(records).count == 2000)
        #expect(journal.standing.segments > 3)
        let sizes = TemporaryFolder.names(in: folder.path).map { File.read(folder.file($0)).count }
        #expect(journal.standing.bytes == sizes.reduce(0, +))
    }

    @Test func aShortWriteOnAFullDiskLeavesWholeRecordsAndNothingOfTheBatch() throws {
        let journal = try Journals.open(folder, calls: disk.calls)
        try journal.append([.opened(Charges.opening(1))])
        let batch = [Charges.opening(2), Charges.opening(3)].map(ChargeRecord.opened)
        for room in stride(from: 0, to: RecordEncoder(batch).bytes.count, by: 7) {
            disk.room = room
            #expect(throws: JournalFailure.self) { try journal.append(batch) }
            #expect(journal.isFailing)
            let bytes = File.read(SegmentFile.path(of: journal.standing.segments, in: folder.path))
            #expect(Journals.read(bytes).ending == .whole)
            disk.room = nil
            #expect(journal.recover())
        }
        let openings = try Journals.records(in: folder).filter { if case .opened = $0 { true } else { false } }
        #expect(openings == [.opened(Charges.opening(1))])
    }

    @Test func aSettlementThatFindsTheDiskFullIsWrittenWhenThereIsRoom() throws {
        let journal = try Journals.open(folder, calls: disk.calls)
        let opening = Charges.opening(1)
        try journal.append([.opened(opening)])
        disk.room = 100
        let settlement = ChargeRecord.settled(Charges.settlement(opening))
        #expect(throws: JournalFailure.cannotWrite(path: folder.file("00000001.journal"), errno: ENOSPC)) {
            try journal.append([settlement])
        }
        #expect(journal.standing.unwrittenRecords == 1)
        #expect(!journal.recover(), "there is no room for a probe")
        disk.room = nil
        #expect(journal.recover())
        #expect(!journal.isFailing)
        #expect(journal.standing.unwrittenRecords == 0)
        #expect(try Journals.records(in: folder) == [.opened(opening), settlement])
    }

    @Test func anErrorIsFinalForItsFile() throws {
        let journal = try Journals.open(folder, calls: disk.calls)
        disk.room = 0
        #expect(throws: JournalFailure.self) { try journal.append([.opened(Charges.opening(1))]) }
        disk.room = nil
        #expect(throws: JournalFailure.self, "nothing is written before a recovery") {
            try journal.append([.opened(Charges.opening(2))])
        }
        #expect(journal.recover())
        try journal.append([.opened(Charges.opening(3))])
        #expect(File.read(folder.file("00000001.journal")).count == JournalFormat.headerBytes)
        #expect(Journals.read(File.read(folder.file("00000002.journal"))).records.last == .opened(Charges.opening(3)))
    }

    @Test func aTornRecordThatCannotBeCutOffIsReadOver() throws {
        disk.state.withLock { $0.truncates = false }
        let journal = try Journals.open(folder, calls: disk.calls)
        try journal.append([.opened(Charges.opening(1))])
        disk.room = 60
        #expect(throws: JournalFailure.self) { try journal.append([.opened(Charges.opening(2))]) }
        guard case .torn = Journals.read(File.read(folder.file("00000001.journal"))).ending else {
            Issue.record("the record was cut off")
            return
        }
        #expect(try Journals.records(in: folder) == [.opened(Charges.opening(1))])
    }

    @Test func aRecoveryThatFailsAgainKeepsWhatItHad() throws {
        let journal = try Journals.open(folder, calls: disk.calls)
        disk.room = 0
        let settlements = (0..<300 as Range<UInt64>).map {
            ChargeRecord.settled(Charges.settlement(Charges.opening($0)))
        }
        #expect(throws: JournalFailure.self) { try journal.append(settlements) }
        // The probe and the header fit, but not all the settlements.
        disk.room = 70 << 10
        #expect(!journal.recover())
        #expect(journal.standing.unwrittenRecords == 300)
        disk.room = nil
        #expect(journal.recover())
        #expect(try Journals.records(in: folder) == settlements)
    }

    // MARK: Power

    @Test func anOpeningWaitsForTheDiskAndASettlementDoesNot() throws {
        let journal = try Journals.open(folder, durability: .power, calls: disk.calls)
        try journal.append([.opened(Charges.opening(1))])
        #expect(disk.state.withLock { $0.syncs } == 1)
        let (mayGo, isSyncing) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        var calls = disk.calls
        calls.sync = { _ in
            isSyncing.signal()
            mayGo.wait()
            return 0
        }
        let other = TemporaryFolder()
        let blocked = try Journals.open(other, durability: .power, calls: calls)
        try blocked.append([.settled(Charges.settlement(Charges.opening(1)))])
        #expect(isSyncing.wait(timeout: .now() + 5) == .success, "nobody synced the settlement")
        mayGo.signal()
    }

    @Test func openingsThatComeTogetherShareASync() throws {
        let (mayGo, isSyncing, hasWritten) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        let syncs = Atomic<Int>(0)
        var calls = SegmentCalls.system
        calls.write = { descriptor, bytes in
            defer { hasWritten.signal() }
            return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
        calls.sync = { _ in
            if syncs.add(1, ordering: .relaxed).newValue == 1 {
                isSyncing.signal()
                mayGo.wait()
            }
            return 0
        }
        let journal = try Journals.open(folder, durability: .power, calls: calls)
        hasWritten.wait()
        let group = DispatchGroup()
        for number in 0..<8 as Range<UInt64> {
            DispatchQueue(label: "append").async(group: group) {
                #expect(throws: Never.self) { try journal.append([.opened(Charges.opening(number))]) }
            }
            if number == 0 { isSyncing.wait() }
        }
        for _ in 0..<8 { hasWritten.wait() }
        // A record counts as written after it waits for its sync.
        while journal.standing.records < 8 { sched_yield() }
        mayGo.signal()
        group.wait()
        #expect(syncs.load(ordering: .relaxed) == 2)
    }

    @Test func aFailedSyncIsNeverTriedAgainOnTheSameFile() throws {
        let journal = try Journals.open(folder, durability: .power, calls: disk.calls)
        disk.state.withLock { $0.syncError = EIO }
        #expect(throws: JournalFailure.cannotSync(path: folder.file("00000001.journal"), errno: EIO)) {
            try journal.append([.opened(Charges.opening(1))])
        }
        #expect(journal.isFailing)
        #expect(!journal.recover())
        disk.state.withLock { $0.syncError = nil }
        let before = disk.state.withLock { $0.syncs }
        #expect(journal.recover())
        try journal.append([.opened(Charges.opening(2))])
        #expect(disk.state.withLock { $0.syncs } >= before + 2, "the probe and the opening")
        let records = try Journals.records(in: folder)
        // Its request did not leave: it must not count as interrupted, whatever is on the disk.
        #expect(records.contains(.released(Charges.opening(1).charge)))
    }

    @Test func whatOthersHaveSyncedIsNotSyncedAgain() throws {
        let draft = try SegmentDraft(creating: folder.file("draft"), calls: disk.calls)
        let file = try SegmentFile(SegmentHeader(run: Journals.run, number: 1), draft, in: folder.path)
        let group = SyncGroup(folder: folder.path) { failure, _ in Issue.record("\(failure)") }
        let isSynced = DispatchSemaphore(value: 0)
        for _ in 0..<3 { group.wrote(to: file) }
        group.wrote(to: file, SyncGroup.Waiter(undone: []) { _ in isSynced.signal() })
        isSynced.wait()
        #expect(disk.state.withLock { $0.syncs } == 1)
    }
}
