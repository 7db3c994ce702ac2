import Testing

@testable import SteelyardPolicy

@Suite("The built-in price book")
struct BuiltInBookTests {
    let book: PriceBook

    init() throws { book = try PriceBook.builtIn() }

    @Test("it is complete and says when it was last compared with its sources")
    func loads() {
        #expect(book.asOf?.text == "2026-11-18")
        #expect(book.version.hasPrefix("2026-11-18-"))
        #expect(book.models.filter { $0.kind != .tools }.count > 90)
        #expect(book.models.filter { $0.kind == .tools }.count == 1)
    }

    @Test("every model has prices now")
    func inForce() {
        for model in book.models where model.kind != .tools {
            for name in model.names {
                #expect(book.bookName(for: name.text) == name.text)
                let outcome = book.cost(of: Meters(), model: name.text, at: now)
                #expect(outcome.isKnown, "\(name.text): \(outcome)")
            }
        }
    }

    @Test("cached input costs no more than input, batch and flex no more than standard, priority no less")
    func discountsAreDiscounts() {
        forEachRow { model, base, row in
            guard let prices = row.prices else { return }
            let table = RateTable(prices)
            for (cached, plain) in [(Meter.cachedInput, Meter.input), (.cachedAudioInput, .audioInput)] {
                guard let low = table[cached], let high = table[plain] else { continue }
                #expect(low.picodollars * high.per <= high.picodollars * low.per, "\(model) \(row.tier) \(cached)")
            }
            for meter in Meter.allCases {
                guard let own = table[meter], let standard = RateTable(base.prices ?? [:])[meter] else { continue }
                switch row.tier {
                case .standard: break
                case .batch, .flex: #expect(own.picodollars <= standard.picodollars, "\(model) \(row.tier) \(meter)")
                case .priority, .ultrafast: #expect(own.picodollars >= standard.picodollars, "\(model) \(meter)")
                }
            }
        }
    }

    @Test("a long prompt costs twice the input and one and a half times the output, at every tier")
    func longContext() {
        for model in book.models {
            for sheet in model.sheets {
                for row in sheet.rows where row.threshold != nil {
                    guard let prices = row.prices,
                        let short = sheet.rows.first(where: { $0.tier == row.tier && $0.threshold == nil })?.prices
                    else { continue }
                    #expect(row.threshold == .above(272_000))
                    let (long, base) = (RateTable(prices), RateTable(short))
                    let (input, output) = (long[.input], long[.output])
                    #expect(input?.picodollars == base[.input].map { $0.picodollars * 2 }, "\(model.names[0])")
                    #expect(output?.picodollars == base[.output].map { $0.picodollars * 3 / 2 }, "\(model.names[0])")
                }
            }
        }
    }

    @Test("cache writes are priced from gpt-5.6 on, at 1.25 and 2.5 times the input")
    func cacheWrites() {
        for model in book.models {
            for row in model.sheets.flatMap(\.rows) {
                guard let prices = row.prices, case .rate(let write) = prices[.cacheWrite],
                    case .rate(let input) = prices[.input]
                else { continue }
                #expect(write.picodollars * 4 == input.picodollars * 5, "\(model.names[0].text) \(row.tier)")
                guard case .rate(let long) = prices[.cacheWriteLong] else { continue }
                #expect(long.picodollars * 2 == input.picodollars * 5, "\(model.names[0].text) \(row.tier)")
            }
        }
    }

    /// Calls `body` with every row and the standard row of its prompt length.
    private func forEachRow(_ body: (String, PriceRow, PriceRow) -> Void) {
        for model in book.models where model.kind != .tools {
            for sheet in model.sheets {
                for row in sheet.rows {
                    let base = sheet.rows.first { $0.tier == .standard && $0.threshold == row.threshold }
                    if let base { body(model.names[0].text, base, row) }
                }
            }
        }
    }
}

/// 2026-11-21 00:00:00 UTC.
let now: Int64 = 1_795_219_200

extension PriceOutcome {
    /// Whether the outcome is a price or declared free.
    var isKnown: Bool {
        switch self {
        case .priced, .free: true
        case .unpriced: false
        }
    }

    /// The charge, if there is one.
    var charge: Charge? {
        if case .priced(let charge) = self { charge } else { nil }
    }

    /// The total in dollars; nil when it is not known.
    var usd: String? {
        switch self {
        case .priced(let charge): charge.total.usdText
        case .free: "0"
        case .unpriced: nil
        }
    }
}
