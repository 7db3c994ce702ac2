import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

/// The records of one charge in the segments of two lanes: whatever lies where, and whatever is read first, the charge
/// counts once and at the same amount.
@Suite struct LaneOrderTests {
    let folder = TemporaryFolder()
    static let opening = Charges.opening(1, hold: 100)
    static let grown = Charges.opening(1, hold: 800)
    static let deferral = Charges.deferral(Charges.opening(1, hold: 100))
    static let settlement = Charges.settlement(Charges.opening(1, hold: 800), cost: 7)

    /// What a start must find.
    enum Outcome: Hashable {
        case settled
        case nothing
        case interrupted(atHold: Int64)
        case restored(hold: Int64)
    }

    /// What happens to a charge, as it happens.
    static let lives: [(records: [ChargeRecord], outcome: Outcome)] = [
        ([.opened(opening)], .interrupted(atHold: 100)),
        ([.opened(opening), .grown(grown)], .interrupted(atHold: 800)),
        ([.opened(opening), .settled(settlement)], .settled),
        ([.opened(opening), .released(opening.charge)], .nothing),
        ([.opened(opening), .grown(grown), .settled(settlement)], .settled),
        ([.opened(opening), .grown(grown), .released(opening.charge)], .nothing),
        ([.opened(opening), .deferred(deferral)], .restored(hold: 100)),
        ([.opened(opening), .grown(grown), .deferred(deferral)], .restored(hold: 800)),
        ([.opened(opening), .deferred(deferral), .settled(settlement)], .settled),
        ([.opened(opening), .deferred(deferral), .released(opening.charge)], .nothing),
        ([.opened(opening), .grown(grown), .deferred(deferral), .settled(settlement)], .settled),
        ([.opened(opening), .grown(grown), .deferred(deferral), .released(opening.charge)], .nothing),
    ]

    private static func outcome(of image: CrashImage) throws -> Outcome {
        let (ledger, opening) = try Ledgers.open(image.settings)
        let total = try Ledgers.total(ledger)
        #expect(try ledger.read().verify() == [])
        #expect(ledger.close(withinSeconds: 5))
        if let restored = opening.restored.first { return .restored(hold: restored.opening.hold.amount) }
        if opening.interrupted > 0 { return .interrupted(atHold: Int64(total.cost.amount)) }
        #expect(total.requests == (total.cost == MoneySum(7) ? 1 : 0))
        return total.cost == MoneySum(7) ? .settled : .nothing
    }

    @Test(arguments: lives.indices) func aStartReadsTheLanesInEitherOrder(life: Int) throws {
        let (records, outcome) = Self.lives[life]
        let settings = LedgerSettings(file: folder.file("ledger.sqlite3"))
        let (ledger, _) = try Ledger.open(settings, run: Journals.run, nowSeconds: Ledgers.now)
        let empty = CrashImage(of: settings)
        for places in 0..<(1 << records.count) {
            let image = CrashImage(of: empty.settings)
            for lane in 0...1 {
                let mine = records.indices.filter { places >> $0 & 1 == lane }.map { records[$0] }
                let bytes =
                    SegmentHeader(run: Journals.run, number: lane + 1).bytes + RecordEncoder(mine).bytes
                File.write(bytes, to: SegmentFile.path(of: lane + 1, in: image.settings.journalFolder))
            }
            #expect(try Self.outcome(of: image) == outcome, "\(places)")
        }
        _ = ledger
    }

    /// Every record is a segment of its own here, so segments end, are read and are deleted in all orders. The process
    /// dies when everything was read, or before.
    @Test(arguments: lives.indices, [false, true])
    func aRunningReaderLeavesARightJournalBehind(life: Int, readsEach: Bool) throws {
        let (records, outcome) = Self.lives[life]
        for places in 0..<(1 << records.count) {
            let folder = TemporaryFolder()
            let settings = LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 1)
            let (ledger, _) = try Ledgers.open(settings)
            let lanes = [ledger.journal.lane(), ledger.journal.lane()]
            for (index, record) in records.enumerated() {
                #expect(try lanes[places >> index & 1].append(record))
                if readsEach { ledger.flush(withinSeconds: 5) }
            }
            #expect(try Self.outcome(of: CrashImage(of: settings)) == outcome, "\(places)")
            ledger.flush(withinSeconds: 5)
            #expect(try Self.outcome(of: CrashImage(of: settings)) == outcome, "\(places), read")
            #expect(ledger.close(withinSeconds: 5))
        }
    }

    /// A reader reads one segment up to its end, and then another, to which more was written meanwhile.
    @Test func aChargeThatEndedStaysEndedInWhateverOrderItsRecordsAreRead() {
        for (records, outcome) in Self.lives {
            for order in Self.orders(records.count) {
                var open = OpenCharges([])
                for index in order {
                    open.took(records[index], segment: index)
                    // Another lane's records come in between.
                    open.took(.settled(Charges.settlement(Charges.opening(UInt64(index) + 50))), segment: 9)
                }
                let charge = open.charges.values.first
                switch outcome {
                case .settled, .nothing: #expect(open.charges.isEmpty, "\(order)")
                case .interrupted(let hold):
                    #expect(charge?.opening.hold.amount == hold, "\(order)")
                    #expect(charge?.segment == 0)
                case .restored(let hold):
                    #expect(charge?.opening.hold.amount == hold, "\(order)")
                    #expect(charge?.deferral != nil)
                }
            }
        }
    }

    private static func orders(_ count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return orders(count - 1).flatMap { order in
            (0...order.count).map { place in
                var longer = order
                longer.insert(count - 1, at: place)
                return longer
            }
        }
    }

    @Test func whatEndedIsForgottenWhenEverythingHasBeenReadOnceMore() {
        var open = OpenCharges([])
        open.took(.released(Self.opening.charge), segment: 1)
        open.readAll()
        open.took(.grown(Self.grown), segment: 2)
        #expect(open.charges.isEmpty)
        open.readAll()
        open.took(.opened(Self.opening), segment: 3)
        #expect(open.charges.count == 1)
    }

    /// If the segment with the release went first, a kill would leave the opening alone: an interrupted charge.
    @Test func aReleaseIsNotDeletedBeforeItsOpening() throws {
        let settings = LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 2048)
        let (ledger, _) = try Ledgers.open(settings)
        let (low, high) = (ledger.journal.lane(), ledger.journal.lane())
        #expect(try high.append(.opened(Self.opening)))
        #expect(try low.append(.released(Self.opening.charge)))
        for number in 10..<30 as Range<UInt64> {
            #expect(try low.append(.settled(Charges.settlement(Charges.opening(number), cost: 0))))
            ledger.flush(withinSeconds: 5)
            let image = CrashImage(of: settings)
            #expect(try Ledgers.open(image.settings).opening.interrupted == 0, "after \(number)")
        }
        // The other lane's segment ends as well.
        for number in 30..<50 as Range<UInt64> {
            #expect(try high.append(.settled(Charges.settlement(Charges.opening(number), cost: 0))))
        }
        ledger.flush(withinSeconds: 5)
        let left = TemporaryFolder.names(in: settings.journalFolder).filter { $0.hasSuffix(".journal") }
        #expect(left.allSatisfy { $0 > "00000003.journal" }, "\(left)")
    }

    /// An idle lane keeps no segment that was begun before those of a busy one.
    @Test func anIdleLaneKeepsNoSegmentsOfOthers() throws {
        let settings = LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 2048)
        let (ledger, _) = try Ledgers.open(settings)
        let (idle, busy) = (ledger.journal.lane(), ledger.journal.lane())
        #expect(try idle.append(.opened(Charges.opening(1, hold: 100))))
        for number in 10..<100 as Range<UInt64> {
            #expect(try busy.append(.settled(Charges.settlement(Charges.opening(number), cost: 0))))
            ledger.flush(withinSeconds: 5)
        }
        #expect(ledger.journal.standing.segments <= 4)
        #expect(try Self.outcome(of: CrashImage(of: settings)) == .interrupted(atHold: 100))
        #expect(try idle.append(.settled(Charges.settlement(Charges.opening(1), cost: 42))))
        #expect(try Ledgers.total(ledger).cost == MoneySum(42))
        #expect(ledger.close(withinSeconds: 5))
    }
}
