import GRDB
import SeededRandom
import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

/// Sums over hours and entries.
@Suite struct LedgerTotalsTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3"), segmentBytes: 64 << 10) }

    /// Settlements over some days, some of them twice.
    private func settlements(_ count: Int, _ random: inout SeededRandom) -> [ChargeSettlement] {
        (0..<UInt64(count)).map { number in
            let opening = Charges.opening(
                number,
                team: ["search", "batch", "équipe"].randomElement(using: &random) ?? "",
                key: ["k1", "k2", ""].randomElement(using: &random) ?? "",
                model: ["gpt-4.1", "o3", "none"].randomElement(using: &random) ?? "",
                at: 1_700_000_000 + Int64.random(in: 0..<400_000, using: &random)
            )
            let confidence = Confidence.allCases.randomElement(using: &random) ?? .exact
            let cost = Int64.random(in: 0...3_000_000_000_000_000_000, using: &random)
            var settlement = Charges.settlement(opening, cost: cost, confidence: confidence)
            settlement.model = opening.model
            return settlement
        }
    }

    @Test func hoursEntriesAndAModelInMemoryAgreeWhateverComesInWhateverBatches() throws {
        var random = SeededRandom()
        print("seed \(random.seed)")
        let (ledger, _) = try Ledgers.open(settings)
        let settlements = settlements(600, &random)
        var rest = (settlements + settlements.shuffled(using: &random).prefix(200)).shuffled(using: &random)[...]
        while !rest.isEmpty {
            let batch = rest.prefix(Int.random(in: 1...40, using: &random))
            rest = rest.dropFirst(batch.count)
            try ledger.journal.append(batch.map(ChargeRecord.settled))
            if Bool.random(using: &random) { ledger.flush(withinSeconds: 5) }
        }
        let expected = settlements.reduce(Int128(0)) { $0 + Int128($1.cost.amount) }
        #expect(try Ledgers.total(ledger).cost.amount == expected)
        #expect(expected > Int128(Int64.max), "the sum must need more than 64 bits")
        #expect(try ledger.read().verify() == [])
        try compareWindows(ledger, settlements, &random)
    }

    /// Windows begin and end anywhere: in zones of +5:45 days do not begin with an hour.
    private func compareWindows(_ ledger: Ledger, _ all: [ChargeSettlement], _ random: inout SeededRandom) throws {
        for _ in 0..<100 {
            let start = 1_700_000_000 + Int64.random(in: -9000..<400_000, using: &random)
            let end = start + (Bool.random(using: &random) ? 900 * Int64.random(in: 0...300, using: &random) : 1)
            let within = all.filter { (start..<end).contains($0.opening.openedAtSeconds) }
            func sum(_ counts: (ChargeSettlement) -> Bool) -> Int128 {
                within.filter(counts).reduce(0) { $0 + Int128($1.cost.amount) }
            }
            #expect(try Ledgers.spent(ledger, from: start, to: end) == sum { _ in true }, "\(start)..<\(end)")
            let team = try Ledgers.spent(ledger, .team("équipe"), models: ["gpt*", "none"], from: start, to: end)
            #expect(team == sum { $0.opening.team == "équipe" && $0.opening.model != "o3" }, "\(start)..<\(end)")
            let key = try Ledgers.spent(ledger, .key(team: "search", id: "k1"), from: start, to: end)
            #expect(key == sum { $0.opening.team == "search" && $0.opening.key == "k1" }, "\(start)..<\(end)")
        }
    }

    /// Sums are remembered between questions, and only until something is spent.
    @Test func whatIsSpentLaterIsSeen() throws {
        let (ledger, _) = try Ledgers.open(settings)
        for number in 1...3 as ClosedRange<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 10))])
            ledger.flush(withinSeconds: 5)
            for _ in 0..<2 { #expect(try Ledgers.spent(ledger) == Int128(number) * 10) }
        }
    }

    /// A budget that is opened while requests are answered counts them itself, in the ledger already or not.
    @Test func chargesThatAreCountedElsewhereAreLeftOut() throws {
        let (ledger, _) = try Ledgers.open(settings)
        for number in 1...5 as ClosedRange<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: Int64(number)))])
        }
        ledger.flush(withinSeconds: 5)
        let all = SpendingQuery(scope: .organization, models: [], bounds: Ledgers.always)
        let nobody = SpendingQuery(scope: .team("nobody"), models: [], bounds: Ledgers.always)
        let early = SpendingQuery(
            scope: .organization,
            models: [],
            bounds: WindowBounds(startSeconds: 0, endSeconds: 1)
        )
        let counted = [2, 4, 4, 99].map { Charges.opening($0).charge }
        let sums = try ledger.read().spent([all, nobody, early]) { counted }
        #expect(sums.map(\.amount) == [1 + 3 + 5, 0, 0])
        #expect(try ledger.read().spent([all]).map(\.amount) == [15], "the sums that are kept stay whole")
    }

    /// Whoever makes up a name for every request makes no row for every request, and no budget forgets what it cost.
    @Test func madeUpModelsShareATotalAndBudgetsStillTellThemApart() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let hour = HourTotals.hour(of: 1_700_000_000)
        var sent: [ChargeSettlement] = []
        for number in 0..<(3 * UInt64(HourModels.limit)) {
            let model = ["o-\(number)", "x-\(number)", "other"][Int(number % 3)]
            var settlement = Charges.settlement(
                Charges.opening(number, model: model, at: hour + Int64(number) % 3600),
                cost: 1 << (number % 40)
            )
            settlement.model = model
            sent.append(settlement)
            try ledger.journal.append([.settled(settlement)])
            // In transactions of some and of one.
            if number % 90 < 3 { ledger.flush(withinSeconds: 5) }
        }
        let flooder = sent.count
        // Another key of the team has its own.
        let calm = Charges.settlement(Charges.opening(9999, key: "k2", model: "o-calm", at: hour), cost: 5)
        sent.append(calm)
        try ledger.journal.append([.settled(calm)])
        func sum(_ counts: (ChargeSettlement) -> Bool) -> Int128 {
            sent.filter(counts).reduce(0) { $0 + Int128($1.cost.amount) }
        }
        #expect(try Ledgers.total(ledger).cost.amount == sum { _ in true })
        let report = try ledger.read().report(UsageQuery(by: [.key, .model], within: Ledgers.always))
        #expect(report.rows.count == HourModels.limit + 1, "the first of them, one of which is other, and the calm one")
        #expect(report.rows.contains { $0.names == ["k2", "o-calm"] })
        #expect(try ledger.read().recent(limit: flooder).contains { $0.opening.model == "o-\(flooder - 3)" })
        for (patterns, counts) in [
            (["o*"], { $0.opening.model.hasPrefix("o") }), (["o-*"], { $0.opening.model.hasPrefix("o-") }),
            (["x-1*", "other"], { $0.opening.model.hasPrefix("x-1") || $0.opening.model == "other" }),
            ([], { _ in true }),
        ] as [([String], (ChargeSettlement) -> Bool)] {
            for (start, end) in [(hour, hour + 3600), (hour - 900, hour + 1800), (hour + 7, hour + 3601)] {
                let expected = sum { counts($0) && (start..<end).contains($0.opening.openedAtSeconds) }
                let spent = try Ledgers.spent(ledger, models: patterns, from: start, to: end)
                #expect(spent == expected, "\(patterns) in \(start - hour)..<\(end - hour)")
            }
        }
        #expect(try ledger.read().verify() == [])
        // What has no total of its own has none after a restart either.
        #expect(ledger.close(withinSeconds: 5))
        let (again, _) = try Ledgers.open(settings)
        let late = Charges.settlement(Charges.opening(5000, model: "late", at: hour), cost: 3)
        try again.journal.append([.settled(late)])
        #expect(try Ledgers.total(again).cost.amount == sum { _ in true } + 3)
        #expect(
            try again.read().report(UsageQuery(by: [.key, .model], within: Ledgers.always)).rows.count
                == report.rows.count
        )
        #expect(try Ledgers.spent(again, models: ["late"]) == 3)
        #expect(try again.read().verify() == [])
    }

    /// When the entries are gone nobody can tell which models they were for.
    @Test func aSharedTotalWithoutEntriesCountsForEveryGroupOfModels() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let old = HourTotals.hour(of: Ledgers.now - 500 * 86_400)
        for number in 0..<(UInt64(HourModels.limit) + 10) {
            let opening = Charges.opening(number, model: "o-\(number)", at: old)
            try ledger.journal.append([.settled(Charges.settlement(opening, cost: 1))])
        }
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(9999, at: Ledgers.now)))])
        ledger.flush(withinSeconds: 5)
        let window = (start: old - 3600, end: old + 7200)
        #expect(try Ledgers.spent(ledger, models: ["x*"], from: window.start, to: window.end) == 0)
        ledger.passed(nowSeconds: Ledgers.now)
        ledger.flush(withinSeconds: 5)
        #expect(ledger.standing.prunedEntries == HourModels.limit + 10)
        #expect(try Ledgers.spent(ledger, models: ["x*"], from: window.start, to: window.end) == 10)
        #expect(try ledger.read().verify() == [])
    }

    @Test func aTotalThatWasTamperedWithIsFound() throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(1)))])
        #expect(ledger.close(withinSeconds: 5))
        let database = try DatabaseQueue(path: settings.file)
        try database.write { try $0.execute(sql: "UPDATE hours SET cost_rest = cost_rest - 1") }
        try database.close()
        #expect(try LedgerReader(file: settings.file).verify().map(\.check) == [.totals])
    }

    @Test func aChargeThatIsOpenSinceBeforeTheRunIsFound() throws {
        let (ledger, _) = try Ledgers.open(settings)
        #expect(ledger.close(withinSeconds: 5))
        let database = try DatabaseQueue(path: settings.file)
        try database.write { database in
            var charge = OpenCharge(opening: Charges.opening(1, at: Ledgers.now - 1))
            try OpenChargeTable.put(charge, database)
            charge.deferral = Charges.deferral(Charges.opening(2))
            charge.opening = Charges.opening(2, at: Ledgers.now - 1)
            try OpenChargeTable.put(charge, database)
        }
        try database.close()
        let findings = try LedgerReader(file: settings.file).verify()
        #expect(findings.map(\.check) == [.openCharges])
    }

    @Test func oldEntriesGoAndTheirHoursStay() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let day: Int64 = 86_400
        let now = Ledgers.now
        let ages: [Int64] = [500 * day, 401 * day, 400 * day + 7200, 399 * day, 10]
        for (number, age) in ages.enumerated() {
            let opening = Charges.opening(UInt64(number), at: now - age)
            try ledger.journal.append([.settled(Charges.settlement(opening, cost: 10))])
        }
        ledger.flush(withinSeconds: 5)
        ledger.passed(nowSeconds: now)
        #expect(try Ledgers.total(ledger).cost == MoneySum(50))
        #expect(ledger.standing.prunedEntries == 3)
        #expect(try ledger.read().recent(limit: 10).count == 2)
        #expect(try ledger.read().verify() == [])
        // Half an hour of an hour that has no entries any more: the whole hour counts.
        let old = now - 500 * day
        #expect(try Ledgers.spent(ledger, from: old + 1, to: old + 2) == 10)
    }

    @Test func aClockYearsAheadDropsNothing() throws {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([.settled(Charges.settlement(Charges.opening(1)))])
        ledger.flush(withinSeconds: 5)
        ledger.passed(nowSeconds: Ledgers.now + 10 * 365 * 86_400)
        ledger.flush(withinSeconds: 5)
        #expect(try ledger.read().recent(limit: 10).count == 1)
        #expect(ledger.standing.prunedEntries == 0)
    }
}
