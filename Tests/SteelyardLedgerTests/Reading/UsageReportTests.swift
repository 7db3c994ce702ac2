import Testing

@testable import SteelyardLedger
@testable import SteelyardPolicy

@Suite struct UsageReportTests {
    let folder = TemporaryFolder()
    let ledger: Ledger

    init() throws {
        ledger = try Ledgers.open(LedgerSettings(file: folder.file("ledger.sqlite3"))).ledger
        let day: Int64 = 86_400
        let charges: [(team: String, confidence: Confidence, cost: Int64, day: Int64)] = [
            ("search", .exact, 1_500_000_000_000, 0), ("search", .estimated, 250_000_000_000, 0),
            ("search", .interrupted, 1, 1), ("batch", .exact, 2_000_000_000_000, 1), ("batch", .unpriced, 0, 1),
            ("batch", .unmetered, 0, 1),
        ]
        for (number, charge) in charges.enumerated() {
            let opening = Charges.opening(UInt64(number), team: charge.team, at: 1_700_000_000 + charge.day * day)
            let settlement = Charges.settlement(opening, cost: charge.cost, confidence: charge.confidence)
            try ledger.journal.append([.settled(settlement)])
        }
        ledger.flush(withinSeconds: 5)
    }

    private func report(_ dimensions: [UsageDimension], since: Int64 = 0) throws -> UsageReport {
        let bounds = WindowBounds(startSeconds: since, endSeconds: 10_000_000_000)
        return try ledger.read().report(UsageQuery(by: dimensions, within: bounds))
    }

    @Test func spendingShowsInItsParts() throws {
        let row = try #require(report([.team]).rows.first { $0.names == ["search"] })
        #expect(row.sums.requests == 3)
        #expect(row.sums.tokensIn == 3000)
        #expect(row.sums.tokensCached == 2400)
        #expect(row.sums.tokensOut == 150)
        #expect(row.sums.cost.usdText == "1.750000000001")
        #expect(row.sums.exact.usdText == "1.5")
        #expect(row.sums.estimated.usdText == "0.25")
        #expect(row.sums.interrupted.usdText == "0.000000000001")
        let other = try #require(report([.team]).rows.first { $0.names == ["batch"] })
        #expect(other.sums.unpricedRequests == 1)
        #expect(other.sums.unmeteredRequests == 1)
    }

    @Test(
        arguments: [
            ([.team], [["batch"], ["search"]]),
            ([.day, .team], [["2023-11-14", "search"], ["2023-11-15", "batch"], ["2023-11-15", "search"]]),
            ([.hour], [["2023-11-14T22:00Z"], ["2023-11-15T22:00Z"]]),
            ([.model, .key, .endpoint, .provider], [["gpt-4.1-mini", "k1", "/v1/chat/completions", "openai"]]),
            ([.paidModel], [["gpt-4.1-mini-2025-04-14"]]),
            ([], [[]]),
        ] as [([UsageDimension], [[String]])]
    ) func rowsAreTheGroupsAskedFor(dimensions: [UsageDimension], names: [[String]]) throws {
        #expect(try report(dimensions).rows.map(\.names) == names)
        #expect(try report(dimensions).total.requests == 6)
    }

    @Test func aTimeWithinAnHourIsTakenToTheSecond() throws {
        #expect(try report([], since: 1_700_000_000).total.requests == 6)
        #expect(try report([], since: 1_700_000_001).total.requests == 4)
    }

    @Test func columnsLineUpWithAsManyDecimalsAsTheLongestAmountHas() throws {
        let text = try report([.team]).table.text(.table)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines[0].hasPrefix("team    requests  tokens_in"))
        #expect(lines[1].hasPrefix("batch          3       3000           2400         150  2.000000000000"))
        #expect(lines[2].hasPrefix("search         3       3000           2400         150  1.750000000001"))
        #expect(lines[3].hasPrefix("total          6       6000           4800         300  3.750000000001"))
        #expect(Set(lines.map(\.count)).count == 1)
    }

    @Test(arguments: ["\u{1B}[31mred", "a\rb", "a\r\nb", "\u{202E}desrever", "\u{9B}2J", "a\u{2028}b", "a\u{7F}"])
    func aMadeUpNameMovesNoCursor(name: String) {
        let table = ReportTable(columns: ["model", "requests"], rows: [[.name(name), .count(1)]], total: [.count(1)])
        let text = table.text(.table)
        #expect(text.split(separator: "\n").count == 3)
        #expect(
            text.unicodeScalars.allSatisfy { $0 == "\n" || (0x20..<0x7F).contains($0.value) },
            "\(text.debugDescription)"
        )
        #expect(text.contains("\\"))
    }

    @Test func csvIsThatOfTheStandard() {
        let table = ReportTable(
            columns: ["team", "cost_usd"],
            rows: [
                [.name("plain"), .money("1.5")], [.name("a,b"), .money("0")], [.name("say \"hi\""), .money("0")],
                [.name("two\r\nlines"), .money("0")],
            ],
            total: [.money("1.5")]
        )
        let expected = "team,cost_usd\r\nplain,1.5\r\n\"a,b\",0\r\n\"say \"\"hi\"\"\",0\r\n\"two\r\nlines\",0\r\n"
        #expect(table.text(.csv) == expected)
    }

    @Test func jsonHasMoneyAsExactText() {
        let table = ReportTable(
            columns: ["team", "requests", "cost_usd"],
            rows: [[.name("a\"\\\n\u{1}é"), .count(3), .money("0.000000000001")]],
            total: [.count(3), .money("0.000000000001")]
        )
        #expect(
            table.text(.json) == #"""
                {
                  "rows": [
                    {"team": "a\"\\\u000a\u0001é", "requests": 3, "cost_usd": "0.000000000001"}
                  ],
                  "total": {"requests": 3, "cost_usd": "0.000000000001"}
                }

                """#
        )
    }

    @Test func pricingAgainIsAReportAndChangesNothing() throws {
        let book = try PriceBook.builtIn()
        let before = try report([.team])
        let query = UsageQuery(by: [.team], within: Ledgers.always)
        let repriced = try ledger.read().reprice(query, with: book)
        var counts = TokenCounts()
        (counts.prompt, counts.completion, counts.cached) = (1000, 50, 800)
        let outcome = book.cost(of: Meters(counts), model: "gpt-4.1-mini-2025-04-14", tier: .flex, at: 1_700_000_000)
        guard case .priced(let charge) = outcome else {
            Issue.record("the built-in book has no price for the test")
            return
        }
        #expect(repriced.rows.map(\.names) == [["batch"], ["search"]])
        #expect(repriced.rows[0].sums.repriced.amount == 3 * Int128(charge.total.amount))
        #expect(repriced.rows[0].sums.recorded == MoneySum(2_000_000_000_000))
        #expect(repriced.total.requests == 6)
        #expect(repriced.total.keptRequests == 0)
        #expect(repriced.priceBook == book.version)
        #expect(try report([.team]) == before)
    }
}
