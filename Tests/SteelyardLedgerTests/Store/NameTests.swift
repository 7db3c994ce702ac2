import GRDB
import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

/// Names are the bytes that they are, in every table.
@Suite struct NameTests {
    let folder = TemporaryFolder()
    var settings: LedgerSettings { LedgerSettings(file: folder.file("ledger.sqlite3")) }

    /// Swift takes both for the same text; the entries and SQLite do not.
    @Test func spellingsThatLookTheSameAreTwoModelsEverywhere() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let names = ["mod\u{e8}le", "mode\u{300}le"]
        for (number, name) in (names + names).enumerated() {
            var settlement = Charges.settlement(Charges.opening(UInt64(number), model: name), cost: 10)
            settlement.model = name
            try ledger.journal.append([.settled(settlement)])
        }
        #expect(try Ledgers.total(ledger).cost == MoneySum(40))
        #expect(try ledger.read().verify() == [])
        let report = try ledger.read().report(UsageQuery(by: [.model, .paidModel], within: Ledgers.always))
        #expect(Set(report.rows.map { ByteText($0.names[0]) }) == Set(names.map(ByteText.init)))
        #expect(report.rows.map(\.sums.cost) == [MoneySum(20), MoneySum(20)])
        #expect(try Ledgers.spent(ledger, models: [names[1]]) == 20)
    }

    @Test func whatIsNoNameIsOtherInEveryTableAndAfterARestart() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let names = ["gpt-4.1\u{0}", "gpt-4.1\u{0}x", "", "\u{fffd}", String(repeating: "x", count: 100_000)]
        for (number, name) in names.enumerated() {
            let opening = Charges.opening(UInt64(number), model: name, hold: 100)
            try ledger.journal.append([.opened(opening)])
            guard number > 0 else { continue }
            try ledger.journal.append([.settled(Charges.settlement(opening, cost: 10))])
        }
        #expect(try Ledgers.spent(flushed(ledger), models: ["other"]) == 40)
        let image = CrashImage(of: settings)
        let (again, opening) = try Ledgers.open(image.settings)
        #expect(opening.interrupted == 1)
        #expect(try Ledgers.spent(again, models: ["other"]) == 140)
        #expect(try Ledgers.spent(again, models: ["gpt*"]) == 40, "by the model that is paid for")
        #expect(try Ledgers.spent(again, models: ["x*"]) == 0)
        #expect(try again.read().verify() == [])
        _ = ledger
    }

    private func flushed(_ ledger: Ledger) -> Ledger {
        ledger.flush(withinSeconds: 20)
        return ledger
    }

    /// Ids of jobs are the provider's affair: any text.
    @Test(arguments: ["resp_\u{0}1", "\u{0}", "e\u{301}", "", "a\u{fffd}"]) func aJobKeepsItsIdOverARestart(id: String)
        throws
    {
        let (ledger, _) = try Ledgers.open(settings)
        try ledger.journal.append([
            .opened(Charges.opening(1)), .deferred(Charges.deferral(Charges.opening(1), job: id)),
        ])
        #expect(ledger.close(withinSeconds: 5))
        let (again, opening) = try Ledgers.open(settings)
        #expect(opening.restored.map { Array($0.jobID.utf8) } == [Array(id.utf8)])
        #expect(opening.restored.map(\.work) == [Charges.deferral(Charges.opening(1)).work])
        _ = again
    }

    /// What version 1 made of such names: the whole of it in the entries, and what is before U+0000 in the hours; two
    /// spellings in the entries, and one of them in the hours.
    private func makeLedgerOfVersion1() throws {
        let (ledger, _) = try Ledgers.open(settings)
        for number in 1...6 as ClosedRange<UInt64> {
            let settlement = Charges.settlement(
                Charges.opening(number, model: "model-\(number)"),
                cost: 1 << Int64(number)
            )
            try ledger.journal.append([.settled(settlement)])
        }
        try ledger.journal.append([.deferred(Charges.deferral(Charges.opening(7, model: "model-7")))])
        #expect(ledger.close(withinSeconds: 5))
        let database = try DatabaseQueue(path: settings.file)
        try database.write { database in
            func spell(_ number: Int, _ hex: String, inHours name: String) throws {
                let entry = "UPDATE entries SET model = CAST(x'\(hex)' AS TEXT) WHERE model = 'model-\(number)'"
                try database.execute(sql: entry)
                let hour = "UPDATE hours SET model = ? WHERE model = 'model-\(number)'"
                try database.execute(sql: hour, arguments: [name])
            }
            // gpt-4.1, U+0000, x; and with nothing behind it.
            try spell(1, "6770742d342e310078", inHours: "gpt-4.1")
            try spell(2, "6f3300", inHours: "o3")
            // é in two scalars; and in one, as the hour has it.
            try spell(3, "65cc81", inHours: "\u{e9}")
            try spell(4, String(repeating: "78", count: 300), inHours: String(repeating: "x", count: 300))
            try database.execute(sql: "UPDATE open_charges SET model = CAST(x'6f3300' AS TEXT)")
            try database.execute(sql: "PRAGMA user_version = 1; DELETE FROM facts WHERE name LIKE 'journal_%'")
        }
        try database.close()
    }

    @Test func aLedgerThatHasThemIsMendedAtItsNextStart() throws {
        try makeLedgerOfVersion1()
        #expect(try LedgerReader(file: settings.file).verify().map(\.check).contains(.totals))
        let (ledger, opening) = try Ledgers.open(settings)
        #expect(opening.resummedHours == 1)
        #expect(opening.restored.map(\.opening.model) == ["other"])
        #expect(try ledger.read().verify() == [])
        #expect(try Ledgers.total(ledger).cost == MoneySum(2 + 4 + 8 + 16 + 32 + 64), "the money is what it was, once")
        #expect(try Ledgers.spent(ledger, models: ["other"]) == 2 + 4 + 16)
        #expect(try Ledgers.spent(ledger, models: ["e\u{301}"]) == 8)
        #expect(try Ledgers.spent(ledger, models: ["\u{e9}"]) == 0)
        #expect(try Ledgers.spent(ledger, models: ["model-*"]) == 32 + 64)
        #expect(ledger.close(withinSeconds: 5))
        #expect(try Ledgers.open(settings).opening.resummedHours == 0, "once")
    }

    @Test func salvageMendsHoursThatDifferForWhateverReason() throws {
        let (ledger, _) = try Ledgers.open(settings)
        for number in 1...3 as ClosedRange<UInt64> {
            try ledger.journal.append([.settled(Charges.settlement(Charges.opening(number), cost: 10))])
        }
        #expect(ledger.close(withinSeconds: 5))
        let database = try DatabaseQueue(path: settings.file)
        try database.write { try $0.execute(sql: "UPDATE hours SET cost_rest = cost_rest + 7, entries = 9") }
        try database.close()
        var salvaging = settings
        salvaging.salvages = true
        let (again, opening) = try Ledgers.open(salvaging)
        #expect(opening.resummedHours == 1)
        #expect(try again.read().verify() == [])
        #expect(try Ledgers.total(again).cost == MoneySum(30))
    }

    /// What restarts count and what was counted while running are the same.
    @Test func aBudgetOverAModelIsSummedByAnyOfItsNames() throws {
        let (ledger, _) = try Ledgers.open(settings)
        let prices = try PriceBook.builtIn()
        for (number, name) in ["gpt-4.1", "gpt-4.1-latest", "openai/gpt-4.1", "alias", "gpt-4.1-mini"].enumerated() {
            var settlement = Charges.settlement(Charges.opening(UInt64(number), model: name), cost: 1 << Int64(number))
            settlement.model = name == "gpt-4.1-mini" ? "gpt-4.1-mini-2025-04-14" : "gpt-4.1-2025-04-14"
            try ledger.journal.append([.settled(settlement)])
        }
        ledger.flush(withinSeconds: 5)
        func spent(_ pattern: String, _ prices: PriceBook?) throws -> Int128 {
            let models = [ModelPattern(pattern)]
            let query = SpendingQuery(scope: .organization, models: models, bounds: Ledgers.always)
            return try ledger.read().spent([query], knownBy: prices)[0].amount
        }
        for pattern in ["gpt-4.1", "gpt-4.1-2025-04-14", "gpt-4.1-2025*"] {
            #expect(try spent(pattern, prices) == 1 + 2 + 4 + 8, "\(pattern)")
        }
        #expect(try spent("alias", prices) == 8)
        #expect(try spent("gpt-4.1-mini", prices) == 16)
        #expect(try spent("gpt-4.1", nil) == 1)
    }
}
