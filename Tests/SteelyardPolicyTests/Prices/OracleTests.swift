import Testing

@testable import SteelyardPolicy

/// Usage and its price in dollars, computed outside this project with decimal arithmetic from published price sheets.
struct OracleCase: Sendable, CustomTestStringConvertible {
    let name: String
    let model: String
    var tier = ServiceTier.standard
    /// Prompt, completion, cached and written tokens.
    let tokens: [Int64]
    let usd: String

    var testDescription: String { name }

    var meters: Meters {
        var counts = TokenCounts()
        counts.prompt = tokens[0]
        counts.completion = tokens[1]
        counts.cached = tokens[2]
        counts.cacheWrite = tokens[3]
        return Meters(counts)
    }
}

@Suite("Prices agree with independently computed ones")
struct OracleTests {
    static let cases: [OracleCase] = [
        .init(name: "gpt-5.4 just above 272k", model: "gpt-5.4", tokens: [273_000, 1000, 0, 0], usd: "1.3875"),
        .init(name: "gpt-5.4 at the threshold", model: "gpt-5.4", tokens: [272_000, 1000, 0, 0], usd: "0.695"),
        .init(name: "gpt-5.5", model: "gpt-5.5", tokens: [1000, 500, 0, 0], usd: "0.02"),
        .init(name: "gpt-5.5-pro", model: "gpt-5.5-pro", tokens: [1000, 500, 0, 0], usd: "0.12"),
        .init(name: "gpt-5.6-terra", model: "gpt-5.6-terra", tokens: [1000, 500, 0, 0], usd: "0.008"),
        .init(name: "gpt-5.6-luna", model: "gpt-5.6-luna", tokens: [1000, 500, 0, 0], usd: "0.0008"),
        .init(name: "gpt-5.6 cache write", model: "gpt-5.6", tokens: [12_317, 5, 0, 12_314], usd: "0.061682"),
        .init(name: "gpt-5.6 long write", model: "gpt-5.6", tokens: [300_000, 100, 0, 299_000], usd: "3.001"),
        .init(name: "sol flex", model: "gpt-5.6-sol", tier: .flex, tokens: [300_000, 1000, 0, 0], usd: "1.215"),
        .init(name: "terra flex", model: "gpt-5.6-terra", tier: .flex, tokens: [300_000, 1000, 0, 0], usd: "0.609"),
        .init(name: "luna flex", model: "gpt-5.6-luna", tier: .flex, tokens: [300_000, 1000, 0, 0], usd: "0.0609"),
        .init(name: "terra 100k", model: "gpt-5.6-terra", tokens: [100_000, 100, 50_000, 40_000], usd: "0.1312"),
        .init(
            name: "terra 100k flex",
            model: "gpt-5.6-terra",
            tier: .flex,
            tokens: [100_000, 100, 50_000, 40_000],
            usd: "0.0656"
        ),
        .init(name: "terra 300k", model: "gpt-5.6-terra", tokens: [300_000, 100, 50_000, 40_000], usd: "1.0618"),
        .init(
            name: "terra 300k flex",
            model: "gpt-5.6-terra",
            tier: .flex,
            tokens: [300_000, 100, 50_000, 40_000],
            usd: "0.5309"
        ),
        .init(name: "astra 100k", model: "gpt-6-astra", tokens: [100_000, 1000, 50_000, 40_000], usd: "0.7"),
        .init(name: "astra 300k", model: "gpt-6-astra", tokens: [300_000, 1000, 50_000, 40_000], usd: "5.375"),
        .init(
            name: "astra 100k flex",
            model: "gpt-6-astra",
            tier: .flex,
            tokens: [100_000, 1000, 50_000, 40_000],
            usd: "0.35"
        ),
        .init(
            name: "astra 300k flex",
            model: "gpt-6-astra",
            tier: .flex,
            tokens: [300_000, 1000, 50_000, 40_000],
            usd: "2.6875"
        ),
        .init(
            name: "astra 100k priority",
            model: "gpt-6-astra",
            tier: .priority,
            tokens: [100_000, 1000, 50_000, 40_000],
            usd: "1.4"
        ),
        .init(
            name: "astra 300k priority",
            model: "gpt-6-astra",
            tier: .priority,
            tokens: [300_000, 1000, 50_000, 40_000],
            usd: "10.75"
        ),
        .init(name: "cyber 300k", model: "gpt-5.6-cyber", tokens: [300_000, 1000, 50_000, 40_000], usd: "6.7375"),
        .init(name: "gpt-5-nano flex", model: "gpt-5-nano", tier: .flex, tokens: [1000, 500, 0, 0], usd: "0.000125"),
    ]

    let book: PriceBook

    init() throws { book = try PriceBook.builtIn() }

    @Test("a text request costs what the price sheet says", arguments: cases)
    func text(_ oracle: OracleCase) throws {
        let charge = try #require(book.cost(of: oracle.meters, model: oracle.model, tier: oracle.tier, at: now).charge)
        #expect(charge.total.usdText == oracle.usd)
        #expect(charge.notes == [])
        #expect(charge.price.tier == oracle.tier)
    }

    @Test("reasoning tokens are inside the completion, and billed once")
    func reasoning() throws {
        var counts = TokenCounts()
        counts.prompt = 17
        counts.completion = 1578
        counts.reasoning = 952
        counts.total = 1595
        #expect(book.cost(of: Meters(counts), model: "o1", at: now).usd == "0.094935")
    }

    @Test("a transcription by length is billed by the second")
    func whisper() {
        var meters = Meters()
        meters[.duration] = 10_000_000
        #expect(book.cost(of: meters, model: "whisper-1", at: now).usd == "0.001")
    }

    @Test("the lengths of two events are added before the one rounding")
    func realtimeWhisper() {
        var meters = Meters()
        meters[.duration] += 60_000_000
        meters[.duration] += 30_000_000
        #expect(book.cost(of: meters, model: "gpt-realtime-whisper", at: now).usd == "0.0255")
    }

    @Test("a transcription by tokens is billed by its audio tokens")
    func transcribe() {
        var counts = TokenCounts()
        counts.prompt = 14
        counts.audioInput = 14
        counts.completion = 45
        counts.total = 59
        #expect(book.cost(of: Meters(counts), model: "gpt-4o-transcribe", at: now).usd == "0.000485")
    }

    @Test("a file search is a fee that any model carries")
    func fileSearch() {
        var meters = Meters()
        meters[.fileSearchCalls] = 1
        #expect(book.cost(of: meters, model: "gpt-4.1", at: now).usd == "0.0025")
    }
}

@Suite("Prices from a book of one's own agree with independently computed ones")
struct OwnBookOracleTests {
    @Test("of several thresholds the highest one crossed counts, by number and not by spelling")
    func highestThreshold() throws {
        let book = try PriceBook(
            text: """
                model m
                  from launch source test
                    standard         input 1 output 2
                    standard >128000 input 9 output 2
                    standard >90000  input 5 output 2
                """
        )
        #expect(book.cost(of: Meters.plain(150_000, 10), model: "m", at: now).usd == "1.35002")
        #expect(book.cost(of: Meters.plain(100_000, 0), model: "m", at: now).usd == "0.5")
    }

    @Test("a band prices the whole request, not the part above its threshold")
    func allOrNothing() throws {
        let book = try PriceBook(
            text: """
                model m
                  from launch source test
                    standard        input 0.46 output 2.3
                    standard >32000 input 0.7 output 3.5
                """
        )
        #expect(book.cost(of: Meters.plain(40_000, 1000), model: "m", at: now).usd == "0.0315")
    }

    @Test("writes for five minutes and for an hour have prices of their own, in a prompt that leaves them out")
    func anthropicWrites() throws {
        let book = try PriceBook(
            text: """
                model m
                  from launch source test
                    standard input 3 cached 0.3 write 3.75 write-long 6 output 15
                """
        )
        var counts = TokenCounts()
        counts.cacheWrite = 100
        counts.cacheWriteLong = 200
        let meters = Meters(counts, prompt: .excludesCache)
        #expect(meters.promptTokens == 300)
        #expect(!meters.isInconsistent)
        #expect(book.cost(of: meters, model: "m", at: now).usd == "0.001575")
    }

    @Test(
        "image tokens of an answer have their own price, or the output's",
        arguments: [(true, "0.006814"), (false, "0.003454")]
    )
    func imageOutput(_ hasPrice: Bool, _ usd: String) throws {
        let book = try PriceBook(
            text: """
                model m
                  from launch source test
                    standard input 1 output 2 \(hasPrice ? "image-out 5" : "")
                """
        )
        var counts = TokenCounts()
        counts.prompt = 14
        counts.completion = 1720
        counts.imageOutput = 1120
        #expect(book.cost(of: Meters(counts), model: "m", at: now).usd == usd)
    }

    @Test(
        "a cached part is billed at its own price, whoever sells the model",
        arguments: [
            ("0.75 cached 0.075 output 4.5", 1000, 500, 200, "0.002865"),
            ("11 cached 1.1 output 49.5", 300_238, 1000, 100_000, "2.362118"),
        ] as [(String, Int64, Int64, Int64, String)]
    )
    func otherProviders(_ prices: String, _ prompt: Int64, _ completion: Int64, _ cached: Int64, _ usd: String) throws {
        let book = try PriceBook(
            text: """
                model m
                  from launch source test
                    standard input \(prices)
                """
        )
        var counts = TokenCounts()
        (counts.prompt, counts.completion, counts.cached) = (prompt, completion, cached)
        #expect(book.cost(of: Meters(counts), model: "m", at: now).usd == usd)
    }
}

extension Meters {
    /// Plain prompt and answer tokens.
    static func plain(_ prompt: Int64, _ completion: Int64) -> Meters {
        var counts = TokenCounts()
        (counts.prompt, counts.completion) = (prompt, completion)
        return Meters(counts)
    }
}
