import Dispatch
import Glibc
import SteelyardPolicy
import Synchronization
import Testing

@testable import SteelyardLedger

@Suite struct JournalLaneTests {
    let folder = TemporaryFolder()
    let disk = ScriptedDisk()

    @Test func lanesWriteAtOnceAndEveryRecordIsThereOnceAndInItsOwnSegments() async throws {
        let journal = try Journals.open(folder, segmentBytes: 16 << 10)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 as Range<UInt64> {
                let lane = journal.lane()
                group.addTask {
                    for number in 0..<250 as Range<UInt64> {
                        let charge = Charges.opening(thread * 1000 + number)
                        let records: [ChargeRecord] = [.opened(charge), .released(charge.charge)]
                        for record in records { #expect((try? lane.append(record)) == true) }
                    }
                }
            }
        }
        let segments = SegmentFolder(path: folder.path)
        var records: [ChargeRecord] = []
        for number in try segments.numbers() {
            let reading = Journals.read(try segments.bytes(number))
            #expect(reading.ending == .whole)
            #expect(Set(reading.records.map { $0.chargeNumber / 1000 }).count <= 1, "two lanes wrote to one segment")
            records += reading.records
        }
        #expect(records.count == 2000)
        #expect(Set(records).count == 2000)
        #expect(journal.standing.records == 2000)
    }

    /// A write of more than 2,000 bytes hangs until `mayGo`.
    private struct StalledDisk {
        let isStalled = DispatchSemaphore(value: 0)
        let mayGo = DispatchSemaphore(value: 0)

        var calls: SegmentCalls {
            var calls = SegmentCalls.system
            calls.write = { descriptor, bytes in
                if bytes.count > 2000 {
                    isStalled.signal()
                    mayGo.wait()
                }
                return Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            return calls
        }
    }

    @Test func aStalledWriteInOneLaneStopsNeitherAnotherNorTheReader() throws {
        let stalled = StalledDisk()
        let settings = LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 4096)
        let (ledger, _) = try Ledger.open(settings, nowSeconds: Ledgers.now, calls: stalled.calls)
        let (slow, quick) = (ledger.journal.lane(), ledger.journal.lane())
        var large = Charges.settlement(Charges.opening(1), cost: 5)
        large.usage = [UInt8](repeating: 32, count: 3000)
        let group = DispatchGroup()
        DispatchQueue(label: "slow").async(group: group) { [large] in
            #expect((try? slow.append(.settled(large))) == true)
        }
        stalled.isStalled.wait()
        // Enough for several segments.
        for number in 10..<60 as Range<UInt64> {
            #expect(try quick.append(.settled(Charges.settlement(Charges.opening(number), cost: 1))))
        }
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(60), cost: 1))])
        #expect(ledger.journal.standing.records == 51)
        #expect(!ledger.journal.isFailing)
        #expect(try Ledgers.total(ledger).cost == MoneySum(51))
        stalled.mayGo.signal()
        group.wait()
        #expect(try Ledgers.total(ledger).cost == MoneySum(56))
        #expect(ledger.close(withinSeconds: 5))
        #expect(TemporaryFolder.names(in: settings.journalFolder).isEmpty)
    }

    /// The next file is created while the last quarter fills, on another thread, so a lane that changes its segment does
    /// not wait for that.
    @Test func aLaneFindsItsNextSegmentPrepared() throws {
        let (isCreated, mayGo) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let created = Atomic<Int>(0)
        var calls = SegmentCalls.system
        let create = calls.create
        calls.create = { path in
            // The journal's own lane, this lane, and the prepared file.
            if created.add(1, ordering: .relaxed).newValue > 3 { mayGo.wait() }
            defer { isCreated.signal() }
            return create(path)
        }
        let journal = try Journals.open(folder, segmentBytes: 2000, calls: calls)
        let lane = journal.lane()
        for _ in 0..<2 { isCreated.wait() }
        var number: UInt64 = 0
        func append(untilBytes bytes: Int) throws {
            while journal.standing.bytes < bytes {
                number += 1
                #expect(try lane.append(.opened(Charges.opening(number))))
            }
        }
        try append(untilBytes: 1700)
        isCreated.wait()
        try append(untilBytes: 2400)
        #expect(journal.standing.segments == 3)
        mayGo.signal()
        mayGo.signal()
        journal.close()
        let names = TemporaryFolder.names(in: folder.path)
        #expect(names.allSatisfy { $0.hasSuffix(".journal") }, "\(names)")
        #expect(try Journals.records(in: folder).count == Int(number))
    }

    @Test func aDiskThatFailsOneLaneFailsAllAndRecoveryBringsAllBack() throws {
        let journal = try Journals.open(folder, calls: disk.calls)
        let (first, second) = (journal.lane(), journal.lane())
        let charges = (1...3 as ClosedRange<UInt64>).map { Charges.opening($0) }
        #expect(try first.append(.opened(charges[0])))
        #expect(try second.append(.opened(charges[1])))
        disk.room = 0
        let failure = JournalFailure.cannotWrite(path: folder.file("00000002.journal"), errno: ENOSPC)
        #expect(throws: failure) { try first.append(.opened(charges[2])) }
        #expect(journal.isFailing)
        disk.room = nil
        let ends = charges[..<2].map { ChargeRecord.settled(Charges.settlement($0)) }
        #expect(throws: failure) { try second.append(ends[1]) }
        #expect(throws: failure) { try first.append(ends[0]) }
        #expect(journal.standing.unwrittenRecords == 2)
        #expect(journal.recover())
        for lane in [first, second] { #expect(try lane.append(.released(charges[2].charge))) }
        let records = try Journals.records(in: folder)
        #expect(records.count == 6)
        #expect(Set(records) == Set(charges[..<2].map(ChargeRecord.opened) + ends + [.released(charges[2].charge)]))
        for number in 1...3 {
            let bytes = File.read(SegmentFile.path(of: number, in: folder.path))
            #expect(Journals.read(bytes).records.count == (number == 1 ? 0 : 1), "segment \(number) was used again")
        }
    }

    @Test func whatIsRefusedBecauseTheJournalEndedIsNotWrittenByAnyLane() throws {
        let journal = try Journals.open(folder)
        let lane = journal.lane()
        journal.close()
        #expect(throws: JournalFailure.closed) { try lane.append(.opened(Charges.opening(1))) }
        #expect(throws: JournalFailure.closed) { try journal.lane().append(.opened(Charges.opening(1))) }
        #expect(try Journals.records(in: folder).isEmpty)
    }

    // MARK: Power

    @Test func anOpeningIsSafeOnlyAfterItsSyncAndNothingElseWaits() throws {
        let (isSyncing, mayGo, isSafe) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        var calls = SegmentCalls.system
        calls.sync = { _ in
            isSyncing.signal()
            mayGo.wait()
            return 0
        }
        let journal = try Journals.open(folder, durability: .power, calls: calls)
        let (lane, other) = (journal.lane(), journal.lane())
        let outcomes = Mutex<[JournalFailure?]>([])
        let isDone = try lane.append(.opened(Charges.opening(1))) { failure in
            outcomes.withLock { $0.append(failure) }
            isSafe.signal()
        }
        #expect(!isDone)
        isSyncing.wait()
        // The disk is busy: the other lane records nevertheless.
        for number in 2..<20 as Range<UInt64> {
            #expect(try other.append(.settled(Charges.settlement(Charges.opening(number)))) { _ in Issue.record() })
        }
        #expect(outcomes.withLock { $0.isEmpty })
        mayGo.signal()
        isSafe.wait()
        #expect(outcomes.withLock { $0 } == [nil])
        for _ in 0..<20 { mayGo.signal() }
    }

    @Test func aSyncThatFailsIsReportedToEveryOpeningAndTakesItBack() throws {
        let journal = try Journals.open(folder, durability: .power, calls: disk.calls)
        let lanes = [journal.lane(), journal.lane()]
        disk.state.withLock { $0.syncError = EIO }
        let isTold = DispatchSemaphore(value: 0)
        let failures = Mutex<[JournalFailure?]>([])
        var refused = 0
        for (number, lane) in lanes.enumerated() {
            do {
                let isDone = try lane.append(.opened(Charges.opening(UInt64(number)))) { failure in
                    failures.withLock { $0.append(failure) }
                    isTold.signal()
                }
                #expect(!isDone)
            } catch {
                // The first may have failed already.
                refused += 1
                isTold.signal()
            }
        }
        for _ in lanes { isTold.wait() }
        #expect(failures.withLock { $0.count } + refused == 2)
        #expect(failures.withLock { $0.allSatisfy { $0 != nil } })
        #expect(journal.isFailing)
        disk.state.withLock { $0.syncError = nil }
        #expect(journal.recover())
        let records = try Journals.records(in: folder)
        for case .opened(let opening) in records {
            #expect(records.contains(.released(opening.charge)), "its request did not leave")
        }
    }
}

extension ChargeRecord {
    fileprivate var chargeNumber: UInt64 {
        switch self {
        case .opened(let opening), .grown(let opening): opening.charge.low
        case .deferred(let deferral): deferral.opening.charge.low
        case .settled(let settlement): settlement.charge.low
        case .released(let charge): charge.low
        }
    }
}
