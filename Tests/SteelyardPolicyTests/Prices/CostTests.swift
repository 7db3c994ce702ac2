import SeededRandom
import Testing

@testable import SteelyardPolicy

@Suite("What a request costs")
struct CostTests {
    let book: PriceBook

    init() throws { book = try PriceBook.builtIn() }

    private func counts(_ edit: (inout TokenCounts) -> Void) -> Meters {
        var counts = TokenCounts()
        edit(&counts)
        return Meters(counts)
    }

    @Test(
        "each tier has its own row",
        arguments: [
            (.standard, "60"), (.batch, "30"), (.flex, "30"), (.priority, "120"), (.ultrafast, "360"),
        ] as [(ServiceTier, String)]
    )
    func tiers(_ tier: ServiceTier, _ usd: String) throws {
        // 100,000 tokens each way stay below the threshold; ten times their price is that of a million.
        let meters = Meters.plain(100_000, 100_000)
        let charge = try #require(book.cost(of: meters, model: "gpt-6-astra", tier: tier, at: now).charge)
        #expect(Picodollars(charge.total.amount * 10).usdText == usd)
        #expect(charge.price.tier == tier)
        #expect(charge.notes == [])
    }

    @Test("272,000 prompt tokens are short, one more prices the whole request anew", arguments: ServiceTier.allCases)
    func threshold(_ tier: ServiceTier) throws {
        let short = try #require(book.cost(of: .plain(272_000, 1000), model: "gpt-6-astra", tier: tier, at: now).charge)
        let long = try #require(book.cost(of: .plain(272_001, 1000), model: "gpt-6-astra", tier: tier, at: now).charge)
        #expect(short.price.bandFirstTokens == 0)
        #expect(long.price.bandFirstTokens == 272_001)
        #expect(long.lines[0].rate.picodollars == short.lines[0].rate.picodollars * 2)
        #expect(long.lines[1].rate.picodollars * 2 == short.lines[1].rate.picodollars * 3)
    }

    @Test("cached and written tokens count towards the threshold")
    func thresholdCountsCache() throws {
        let meters = counts { ($0.prompt, $0.cached, $0.cacheWrite) = (272_001, 200_000, 72_000) }
        let charge = try #require(book.cost(of: meters, model: "gpt-5.6-sol", at: now).charge)
        #expect(charge.price.bandFirstTokens == 272_001)
        #expect(charge.total.usdText == "0.880008")
    }

    @Test("an inclusive threshold begins at its number")
    func inclusiveThreshold() throws {
        let text = "model m\nfrom launch source x\nstandard input 1\nstandard >=200000 input 2"
        let book = try PriceBook(text: text)
        #expect(book.cost(of: .plain(199_999, 0), model: "m", at: now).usd == "0.199999")
        #expect(book.cost(of: .plain(200_000, 0), model: "m", at: now).usd == "0.4")
    }

    @Test("a tier the model has no prices for is charged as standard, and says so")
    func tierFallback() throws {
        let charge = try #require(book.cost(of: .plain(1000, 1000), model: "gpt-5-pro", tier: .flex, at: now).charge)
        #expect(charge.total.usdText == "0.135")
        #expect(charge.price.tier == .standard)
        #expect(charge.notes == .tierFallback)
    }

    @Test("fast mode without long prompts is served, and charged, as standard")
    func longPriority() throws {
        let long = try #require(book.cost(of: .plain(300_000, 1000), model: "gpt-5.5", tier: .priority, at: now).charge)
        #expect(long.total.usdText == "3.045")
        #expect(long.notes == .tierFallback)
        let short = try #require(book.cost(of: .plain(1000, 1000), model: "gpt-5.5", tier: .priority, at: now).charge)
        #expect(short.total.usdText == "0.0875")
        #expect(short.notes == [])
    }

    @Test(
        "a price changes at midnight UTC, to the second",
        arguments: [
            ("gpt-5.6-sol", "2026-08-21", "35", "24"), ("gpt-5.6-terra", "2026-07-30", "17.5", "14"),
            ("gpt-5.6-luna", "2026-07-30", "7", "1.4"), ("o3", "2025-06-10", "50", "10"),
        ]
    )
    func priceChange(_ model: String, _ day: String, _ before: String, _ after: String) throws {
        let midnight = try #require(EffectiveDate(day)).unixSeconds
        // 100,000 tokens each way stay below the threshold; ten times their price is that of a million.
        func usd(at time: Int64) throws -> String {
            let charge = try #require(book.cost(of: .plain(100_000, 100_000), model: model, at: time).charge)
            return Picodollars(charge.total.amount * 10).usdText
        }
        #expect(try usd(at: midnight - 1) == before)
        #expect(try usd(at: midnight) == after)
        #expect(try usd(at: .max) == after)
        #expect(try usd(at: .min) == before)
    }

    @Test("a model is unpriced before its first sheet")
    func notYetInForce() throws {
        let midnight = try #require(EffectiveDate("2026-11-17")).unixSeconds
        let early = book.cost(of: .plain(1, 1), model: "gpt-6.2-astra", at: midnight - 1)
        #expect(early == .unpriced(.notYetInForce, atLeast: .zero))
        #expect(book.cost(of: .plain(10_000, 0), model: "gpt-6.2-astra", at: midnight).usd == "0.08")
    }

    @Test("fine-tuned models have prices of their own")
    func fineTuned() {
        let meters = Meters.plain(1_000_000, 1_000_000)
        #expect(book.cost(of: meters, model: "ft:gpt-4.1-2025-04-14:acme::x", at: now).usd == "15")
        #expect(book.cost(of: meters, model: "gpt-4.1-2025-04-14", at: now).usd == "10")
        #expect(book.cost(of: meters, model: "ft:gpt-5:acme::x", at: now) == .unpriced(.unknownModel, atLeast: .zero))
    }

    @Test("a dearer snapshot is priced as itself")
    func snapshot() {
        #expect(book.cost(of: .plain(1_000_000, 0), model: "gpt-4o-2024-05-13", at: now).usd == "5")
        #expect(book.cost(of: .plain(1_000_000, 0), model: "gpt-4o", at: now).usd == "2.5")
    }

    @Test("a regional host multiplies tokens and not fees, for the models that have an uplift")
    func region() throws {
        var meters = Meters.plain(1001, 0)
        meters[.webSearchCalls] = 1
        let eu = Region(code: "eu")
        let charge = try #require(book.cost(of: meters, model: "gpt-5.6-luna", at: now, region: eu).charge)
        #expect(charge.total.usdText == "0.01022022")
        #expect(charge.uplift == Ratio(11, over: 10))
        #expect(charge.notes == [])
        let plain = try #require(book.cost(of: meters, model: "gpt-4.1", at: now, region: eu).charge)
        #expect(plain.uplift == .one)
        #expect(plain.notes == [])
        let other = Region(code: "mars")
        let unknown = try #require(book.cost(of: meters, model: "gpt-5.6-luna", at: now, region: other).charge)
        #expect(unknown.total.usdText == "0.0102002")
        #expect(unknown.notes == .regionNotPriced)
    }

    @Test(
        "a price per minute stays a fraction until the charge is rounded",
        arguments: [
            (1, "0.000000000283"), (2, "0.000000000567"), (3, "0.00000000085"), (1_000_000, "0.000283333333"),
            (60_000_000, "0.017"), (3_600_000_000, "1.02"),
        ] as [(Int64, String)]
    )
    func perMinute(_ microseconds: Int64, _ usd: String) {
        var meters = Meters()
        meters[.duration] = microseconds
        #expect(book.cost(of: meters, model: "gpt-live-transcribe", at: now).usd == usd)
    }

    @Test("speech is billed by the character")
    func characters() {
        var meters = Meters()
        meters[.characters] = 1000
        #expect(book.cost(of: meters, model: "tts-1", at: now).usd == "0.015")
        #expect(book.cost(of: meters, model: "tts-1-hd", at: now).usd == "0.03")
    }

    @Test("cached audio is far cheaper than audio")
    func cachedAudio() {
        let meters = counts { ($0.prompt, $0.audioInput, $0.cached, $0.cachedAudio) = (10_000, 10_000, 8000, 8000) }
        #expect(book.cost(of: meters, model: "gpt-realtime", at: now).usd == "0.0672")
    }

    @Test("meters add up; none excludes another")
    func additive() throws {
        var meters = counts {
            ($0.prompt, $0.completion, $0.audioInput, $0.audioOutput, $0.imageInput) = (600, 300, 200, 100, 200)
        }
        meters[.containerSessions] = 2
        meters[.fileSearchCalls] = 3
        let charge = try #require(book.cost(of: meters, model: "gpt-realtime", at: now).charge)
        #expect(
            charge.lines.map(\.meter) == [
                .input, .output, .audioInput, .audioOutput, .imageInput, .fileSearchCalls, .containerSessions,
            ]
        )
        #expect(
            charge.lines.map(\.amount.usdText) == ["0.0008", "0.0032", "0.0064", "0.0064", "0.001", "0.0075", "0.06"]
        )
        #expect(charge.total.usdText == "0.0853")
    }

    @Test("a missing cache price is the input's, a declared zero is zero")
    func missingCachePrice() throws {
        let meters = counts { ($0.prompt, $0.cached, $0.cacheWrite) = (10_000, 4000, 1000) }
        #expect(book.cost(of: meters, model: "gpt-4", at: now).usd == "0.3")
        let free = try PriceBook(text: "model m\nfrom launch source x\nstandard input 30 cached 0 output 1")
        #expect(free.cost(of: meters, model: "m", at: now).usd == "0.18")
    }

    @Test("cache writes cost the input price before gpt-5.6, and their own from then on")
    func cacheWrites() {
        let meters = counts { ($0.prompt, $0.cacheWrite, $0.cacheWriteLong) = (300, 100, 100) }
        #expect(book.cost(of: meters, model: "gpt-5.5", at: now).usd == "0.0015")
        #expect(book.cost(of: meters, model: "gpt-5.6", at: now).usd == "0.0019")
    }

    @Test("what a new model charges for without a published price makes the request unpriced, not free")
    func undisclosed() {
        let write = counts { ($0.prompt, $0.cacheWrite) = (2000, 1000) }
        let outcome = book.cost(of: write, model: "gpt-6-astra-law", at: now)
        #expect(outcome == .unpriced(.meterNotPriced(.cacheWrite), atLeast: Picodollars(10_000_000_000)))
        #expect(book.cost(of: .plain(1000, 0), model: "gpt-6-astra-law", at: now).usd == "0.01")
    }

    @Test("audio tokens of a model without an audio price are unpriced")
    func unpricedMeter() {
        let meters = counts { ($0.prompt, $0.audioInput) = (100, 40) }
        let outcome = book.cost(of: meters, model: "gpt-4.1", at: now)
        #expect(outcome == .unpriced(.meterNotPriced(.audioInput), atLeast: Picodollars(120_000_000)))
    }

    @Test("images that a text model reads are billed as text, cached ones as cached text")
    func images() {
        let meters = counts { ($0.prompt, $0.imageInput, $0.cached, $0.cachedImage) = (1000, 500, 200, 200) }
        #expect(book.cost(of: meters, model: "gpt-4.1", at: now).usd == "0.0017")
    }

    @Test("an unknown model is unpriced and never zero")
    func unknownModel() {
        #expect(book.cost(of: .plain(1, 1), model: "gpt-9", at: now) == .unpriced(.unknownModel, atLeast: .zero))
        #expect(book.cost(of: .plain(1, 1), model: "tools", at: now) == .unpriced(.unknownModel, atLeast: .zero))
    }

    @Test("a model declared free is free, and still pays for its tools")
    func free() throws {
        guard case .free(let price) = book.cost(of: .plain(1000, 0), model: "omni-moderation-latest", at: now) else {
            Issue.record("moderation is declared free")
            return
        }
        #expect(price.model == "omni-moderation-latest")
        var meters = Meters.plain(1000, 0)
        meters[.webSearchCalls] = 1
        #expect(book.cost(of: meters, model: "omni-moderation-latest", at: now).charge?.total.usdText == "0.01")
    }

    @Test("an empty request of a paid model costs nothing, and is priced")
    func emptyRequest() {
        #expect(book.cost(of: Meters(), model: "gpt-4.1", at: now).charge?.total == .zero)
    }

    @Test("the search fee depends on the tool and the model")
    func searchFees() {
        func usd(_ meter: Meter, _ model: String) -> String? {
            var meters = Meters()
            meters[meter] = 1000
            return book.cost(of: meters, model: model, tier: .batch, at: now).usd
        }
        #expect(usd(.webSearchCalls, "gpt-5.6") == "10")
        #expect(usd(.webSearchCalls, "gpt-4.1") == "10")
        #expect(usd(.webSearchPreviewCalls, "gpt-5.6") == "10")
        #expect(usd(.webSearchPreviewCalls, "gpt-4.1-mini-2025-04-14") == "25")
        #expect(usd(.webSearchCalls, "gpt-4o-search-preview") == "25")
    }

    @Test(
        "a tool's model is priced as itself: at no tier, band or region but its own",
        arguments: [
            (.standard, 1000, nil, "0.1668"), (.priority, 1000, nil, "0.1708"), (.standard, 300_000, nil, "2.5628"),
            (.standard, 1000, "eu", "0.1672"),
        ] as [(ServiceTier, Int64, String?, String)]
    )
    func toolWork(_ tier: ServiceTier, _ promptTokens: Int64, _ region: String?, _ usd: String) {
        var meters = counts { ($0.prompt, $0.completion) = (promptTokens, 0) }
        var pictures = Meters(promptTokens: 300_000)
        (pictures[.input], pictures[.imageOutput]) = (80, 4060)
        meters.add(ToolWork(model: "gpt-image-1", meters: pictures))
        let region = region.flatMap { Region(code: $0) }
        let work = book.cost(of: meters, model: "gpt-5.6-sol", tier: tier, at: now, region: region)
        #expect(work.usd == usd)
    }

    @Test("a tool's model of the same region's uplift shares the one rounding, another is lifted by itself")
    func liftedTool() {
        var meters = counts { $0.prompt = 1000 }
        meters.add(ToolWork(model: "gpt-6-sol", meters: counts { $0.prompt = 1000 }))
        let eu = Region(code: "eu")
        #expect(book.cost(of: meters, model: "gpt-5.6-sol", at: now, region: eu).usd == "0.0066")
        #expect(book.cost(of: meters, model: "gpt-4.1", at: now, region: eu).usd == "0.0042")
    }

    @Test("work of a tool's model without a price makes the charge unpriced, at least the rest")
    func unpricedTool() {
        var meters = counts { $0.prompt = 1000 }
        meters.add(ToolWork(model: "", meters: Meters()))
        let outcome = book.cost(of: meters, model: "gpt-4.1", at: now)
        #expect(outcome == .unpriced(.toolModelNotPriced, atLeast: Picodollars(2_000_000_000)))
        var counted = counts { $0.prompt = 1000 }
        var pictures = Meters()
        pictures[.images] = 1
        counted.add(ToolWork(model: "gpt-image-1", meters: pictures))
        let missing = book.cost(of: counted, model: "gpt-4.1", at: now)
        #expect(missing == .unpriced(.meterNotPriced(.images), atLeast: Picodollars(2_000_000_000)))
    }

    @Test("what is inconsistent or does not fit is charged capped, and noted")
    func notes() throws {
        let odd = counts { ($0.prompt, $0.cached) = (10, 20) }
        #expect(book.cost(of: odd, model: "gpt-4.1", at: now).charge?.notes == .countsInconsistent)
        let huge = counts { ($0.prompt, $0.completion) = (.max, .max) }
        let charge = try #require(book.cost(of: huge, model: "o1-pro", at: now).charge)
        #expect(charge.total == Picodollars(.max))
        #expect(charge.notes == .clamped)
    }
}

@Suite("Properties of every price")
struct CostPropertyTests {
    let book: PriceBook

    init() throws { book = try PriceBook.builtIn() }

    @Test("the charge is the sum of its lines, and grows with every meter", arguments: [UInt64(1), 2, 3])
    func additiveAndMonotone(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let names = book.models.filter { $0.kind != .tools }.map { $0.names[0].text }
        for round in 0..<400 {
            let model = names[Int(random.below(Int64(names.count)))]
            let tier = ServiceTier.allCases[Int(random.below(5))]
            let region = random.below(2) == 0 ? nil : Region(code: "eu")
            func total(_ meters: Meters) -> Int64? {
                let outcome = book.cost(of: meters, model: model, tier: tier, at: now, region: region)
                if case .free = outcome { return 0 }
                return outcome.charge?.total.amount
            }
            // One length of prompt, so that one band prices the whole and its parts.
            let promptTokens = random.below(2) * 300_000 as Int64
            var (whole, sum) = (Meters(promptTokens: promptTokens), Int64(0))
            var parts: Int64 = 0
            for meter in Meter.allCases where random.below(3) == 0 {
                var alone = Meters(promptTokens: promptTokens)
                alone[meter] = random.below(1_000_000)
                guard let price = total(alone), let before = total(whole) else { continue }
                whole[meter] = alone[meter]
                (sum, parts) = (sum + price, parts + 1)
                let after = try #require(total(whole), "seed \(seed), round \(round)")
                #expect(after >= before, "seed \(seed), round \(round): \(model) \(meter)")
            }
            let difference = try abs(#require(total(whole)) - sum)
            #expect(difference <= parts, "seed \(seed), round \(round): \(model) \(tier)")
        }
    }

    @Test("a charge is within half a picodollar of the sum of its lines' fractions")
    func roundedOnce() throws {
        var random = SeededRandom(seed: 77)
        for round in 0..<500 {
            var meters = Meters()
            meters[.duration] = random.below(10_000_000_000)
            meters[.fileSearchCalls] = random.below(10)
            let charge = try #require(book.cost(of: meters, model: "gpt-realtime-translate", at: now).charge)
            let exactThirds = meters[.duration] * 1700 + meters[.fileSearchCalls] * 7_500_000_000  // 0.034 / 60 s
            #expect(charge.total.amount == (exactThirds * 2 + 3) / 6, "seed 77, round \(round)")
        }
    }
}
