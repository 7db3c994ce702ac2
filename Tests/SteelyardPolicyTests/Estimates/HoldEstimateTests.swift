import SteelyardPolicy
import Testing

@Suite("Holds")
struct HoldEstimateTests {
    /// Prices per million tokens, chosen so that one picodollar per token is one dollar per million.
    private static let book = Result {
        try PriceBook(
            text: """
                as-of 2026-11-18
                tools
                  from launch source test
                    standard  web-search 10/1000 file-search 2.5/1000 container 0.03/1 container-64g 1.92/1
                model searcher
                  kind chat
                  limits input 100000 output 1000
                  from launch source test
                    standard  input 1 output 4 assumed-search 25/1000
                model paints
                  kind image
                  from launch source test
                    standard  input 5 output 10 image-out 40
                model sketches
                  kind image
                  from launch source test
                    standard  input 5 output 10 image-out 8
                model films
                  kind video
                  from launch source test
                    standard  seconds 0.1/1
                model plain
                  kind chat
                  limits input 100000 output 20000
                  uplift 11/10 eu
                  from launch source test
                    standard          input 1 output 4
                    standard >50000   input 2 output 6
                    flex              input 0.5 output 2
                    flex     >50000   as-standard
                    priority          input 3 output 12
                    priority >50000   as-standard
                model cached
                  kind chat
                  limits input 100000 output 1000
                  from launch source test
                    standard  input 1 cached 0.1 write 1.25 write-long 2 output 4
                model sounds
                  kind chat
                  limits input 100000 output 1000
                  from launch source test
                    standard  input 1 output 4 audio-in 40 audio-out 80
                model timed
                  kind transcription
                  from launch source test
                    standard  seconds 0.006/60
                model vectors
                  kind embedding
                  limits input 8191
                  from launch source test
                    standard  input 1
                model unlimited
                  kind chat
                  from launch source test
                    standard  input 1 output 4
                model given
                  kind chat
                  from launch source test
                    standard  input 0 output 0
                model later
                  kind chat
                  from 2030-01-01 source test
                    standard  input 1 output 4
                """
        )
    }

    private static let million: Int64 = 1_000_000

    private static func estimate(
        _ work: PlannedWork,
        _ model: String? = "plain",
        _ reserve: ReservePolicy = .learned,
        quantiles: UsageQuantiles = UsageQuantiles(),
        region: Region? = nil
    ) throws -> HoldEstimate {
        HoldEstimate(
            work,
            model: model,
            label: model ?? "none",
            team: "t",
            reserve: reserve,
            prices: try book.get(),
            quantiles: quantiles,
            at: 1_795_262_400,
            region: region
        )
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var work: PlannedWork
        var model: String
        var reserve: ReservePolicy
        /// Millions of picodollars: tokens times dollars per million.
        var hold: Int64

        init(_ text: String, _ work: PlannedWork, _ hold: Int64) {
            self.init(text, work, "plain", .learned, hold)
        }

        init(_ text: String, _ work: PlannedWork, _ model: String, _ hold: Int64) {
            self.init(text, work, model, .learned, hold)
        }

        init(_ text: String, _ work: PlannedWork, _ model: String, _ reserve: ReservePolicy, _ hold: Int64) {
            (testDescription, self.work, self.model, self.reserve, self.hold) = (text, work, model, reserve, hold)
        }
    }

    private static let rows = [
        Row("text at 2.5 bytes a token, and its framing", PlannedWork(textBytes: 1000, outputLimit: 0), 416),
        Row("rounded up", PlannedWork(textBytes: 1001, outputLimit: 0), 417),
        Row("the request's cap on output", PlannedWork(textBytes: 0, outputLimit: 100), 16 + 400),
        Row("what is assumed of an unknown model's answers", PlannedWork(textBytes: 0), 16 + 8192 * 4),
        Row("no more than the model can put out", PlannedWork(textBytes: 0), "cached", 20 + 1000 * 4),
        Row("n choices", PlannedWork(textBytes: 0, outputLimit: 100, generations: 3), 16 + 1200),
        Row("token ids", PlannedWork(textBytes: 0, tokenIDs: 50, outputLimit: 0), 66),
        Row("a picture", PlannedWork(textBytes: 0, imageParts: 2, outputLimit: 0), 16 + 2890),
        Row("a file", PlannedWork(textBytes: 0, fileParts: 1, outputLimit: 0), 16 + 16_384),
        Row(
            "sound, at its own price",
            PlannedWork(textBytes: 0, audioParts: 1, outputLimit: 0),
            "sounds",
            16 + 120_000
        ),
        Row("sound, by its length", PlannedWork(textBytes: 0, audioParts: 2), "timed", 60_000),
        Row("worst case: sound by its length", PlannedWork(audioParts: 1), "timed", .worstCase, 2_500_000),
        Row("an answer that may be spoken", PlannedWork(textBytes: 0, outputLimit: 10), "sounds", 16 + 800),
        Row("input that is not in the body", PlannedWork(textBytes: 0, hasUnseenInput: true, outputLimit: 0), 16_400),
        Row("a body that was not read", PlannedWork(outputLimit: 0), 16_400),
        Row(
            "fees of tools",
            PlannedWork(textBytes: 0, hostedTools: ["web_search", "mcp", "code_interpreter"], outputLimit: 0),
            16 + 50_000 + 30_000
        ),
        Row(
            "a container with more memory, started once",
            PlannedWork(
                textBytes: 0,
                hostedTools: ["code_interpreter"],
                container: .containerSessions64G,
                outputLimit: 0
            ),
            16 + 1_920_000
        ),
        Row(
            "a shell that runs at the client's",
            PlannedWork(textBytes: 0, hostedTools: ["shell"], outputLimit: 0),
            16
        ),
        Row(
            "a search model's search, once, whatever was asked for",
            PlannedWork(textBytes: 0, hostedTools: ["web_search"], outputLimit: 0),
            "searcher",
            16 + 25_000
        ),
        Row(
            "a picture that a tool makes",
            PlannedWork(textBytes: 0, hostedTools: ["image_generation"], pictureModel: "sketches", outputLimit: 0),
            16 + 6240 * 8
        ),
        Row(
            "a picture by a model that nobody names, at the dearest price",
            PlannedWork(textBytes: 0, hostedTools: ["image_generation"], outputLimit: 0),
            16 + 6240 * 40
        ),
        Row(
            "worst case: five pictures",
            PlannedWork(
                textBytes: 0,
                hostedTools: ["image_generation"],
                pictureModel: "paints",
                outputLimit: 0,
                tier: "default"
            ),
            "plain",
            .worstCase,
            80 + 5 * 6240 * 40
        ),
        Row("a film, by its length", PlannedWork(textBytes: 100, filmSeconds: 8), "films", 800_000),
        Row("a prompt that is written to the cache", PlannedWork(textBytes: 960, outputLimit: 0), "cached", 500),
        Row(
            "a prompt that is kept for hours",
            PlannedWork(textBytes: 960, outputLimit: 0, writesCacheLong: true),
            "cached",
            800
        ),
        Row("vectors: no answer to pay for", PlannedWork(textBytes: 960), "vectors", 400),
        Row(
            "no prompt beyond the model's context",
            PlannedWork(textBytes: 64 << 20, outputLimit: 0),
            100_000 * 2
        ),
        Row("many inputs, each within it", PlannedWork(textBytes: 100_000, inputs: 4), "vectors", 8191 * 4),
        Row("the band of a long prompt", PlannedWork(textBytes: 125_000, outputLimit: 100), 50_016 * 2 + 600),
        Row("a tier wished for", PlannedWork(textBytes: 0, outputLimit: 100, tier: "priority"), 48 + 1200),
        Row("the same under its newer name", PlannedWork(textBytes: 0, outputLimit: 100, tier: "fast"), 48 + 1200),
        Row("flex may be served as standard", PlannedWork(textBytes: 0, outputLimit: 100, tier: "flex"), 16 + 400),
        Row("a tier nobody knows", PlannedWork(textBytes: 0, outputLimit: 100, tier: "warp"), 48 + 1200),
        Row(
            "worst case: a token for each byte",
            PlannedWork(textBytes: 1000, outputLimit: 0, tier: "default"),
            "plain",
            .worstCase,
            1000 + 80
        ),
        Row(
            "worst case: all the model can put out",
            PlannedWork(textBytes: 0, tier: "default"),
            "plain",
            .worstCase,
            80 + 20_000 * 4
        ),
        Row(
            "worst case: the cap, for every choice",
            PlannedWork(textBytes: 0, outputLimit: 10, generations: 4, tier: "default"),
            "plain",
            .worstCase,
            80 + 160
        ),
        Row(
            "worst case: a project may be set to a dearer tier",
            PlannedWork(textBytes: 0, outputLimit: 100),
            "plain",
            .worstCase,
            240 + 1200
        ),
        Row(
            "worst case: a prompt that turns out short is served at the dearer tier",
            PlannedWork(textBytes: 60_000, outputLimit: 100),
            "plain",
            .worstCase,
            60_080 * 3 + 1200
        ),
        Row(
            "worst case: unseen input fills the context",
            PlannedWork(textBytes: 0, hasUnseenInput: true, outputLimit: 0, tier: "default"),
            "plain",
            .worstCase,
            200_000
        ),
        Row(
            "worst case: a model without known limits",
            PlannedWork(textBytes: 0),
            "unlimited",
            .worstCase,
            80 + 131_072 * 4
        ),
    ]

    @Test("set aside what a request may cost:", arguments: rows)
    func hold(row: Row) throws {
        let estimate = try Self.estimate(row.work, row.model, row.reserve)
        #expect(estimate.price == .priced)
        #expect(estimate.hold.amount == row.hold * Self.million)
        #expect(estimate.ceiling >= estimate.hold)
        #expect(row.reserve == .learned || (estimate.ceiling == estimate.hold && estimate.growth == nil))
    }

    @Test("follow what the model's recent answers came to")
    func learned() throws {
        let quantiles = UsageQuantiles()
        for _ in 0..<100 { quantiles.learn(model: "plain", team: "t", inputTokens: 300, outputTokens: 100) }
        let estimate = try Self.estimate(PlannedWork(textBytes: 0), quantiles: quantiles)
        #expect(estimate.hold.amount == (16 + 111 * 4) * Self.million)
        #expect(estimate.tokens == 16 + 111)
        #expect(estimate.ceiling.amount == (240 + 20_000 * 12) * Self.million)
        let unseen = try Self.estimate(PlannedWork(textBytes: 0, hasUnseenInput: true), quantiles: quantiles)
        #expect(unseen.hold.amount == (16 + 319 + 111 * 4) * Self.million)
    }

    @Test("a project that serves at a dearer tier what names none is believed")
    func dearerProject() throws {
        let quantiles = UsageQuantiles()
        quantiles.learn(model: "plain", team: "t", inputTokens: 1, outputTokens: 1, served: .priority)
        let work = PlannedWork(textBytes: 0, outputLimit: 100)
        #expect(try Self.estimate(work, quantiles: quantiles).hold.amount == (48 + 1200) * Self.million)
    }

    @Test("a region's host costs more")
    func region() throws {
        let work = PlannedWork(textBytes: 0, outputLimit: 96)
        #expect(try Self.estimate(work, region: Region(code: "eu")).hold.amount == 400 * 11 * Self.million / 10)
    }

    @Test("tell models without a price from those that are free")
    func unpriced() throws {
        let work = PlannedWork(textBytes: 1000)
        #expect(try Self.estimate(work, "nobody-knows").price == .unpriced)
        #expect(try Self.estimate(work, nil).price == .unpriced)
        #expect(try Self.estimate(work, "later").price == .unpriced)
        #expect(try Self.estimate(work, "given").price == .free)
        #expect(try Self.estimate(work, "nobody-knows").tokens > 400)
    }

    @Test("a free model whose tools have fees is not free")
    func freeWithFees() throws {
        let estimate = try Self.estimate(PlannedWork(textBytes: 0, hostedTools: ["web_search"]), "given")
        #expect(estimate.price == .priced)
        #expect(estimate.hold.amount == 50_000 * Self.million)
    }

    @Test("grow in steps, each as large as all before it, up to what can come at all")
    func growth() throws {
        let work = PlannedWork(textBytes: 0, outputLimit: 20_000, tier: "default")
        var growth = try #require(try Self.estimate(work).growth)
        #expect(growth.coveredTokens == 8192)
        #expect(growth.nextStep(outputTokens: 8192) == nil)
        let first = growth.nextStep(outputTokens: 8193)
        #expect(first?.wanted == Picodollars(8194 * 4 * Self.million))
        #expect(growth.coveredTokens == 16_386)
        #expect(growth.nextStep(outputTokens: 16_386) == nil)
        let second = growth.nextStep(outputTokens: 16_387)
        #expect(second?.wanted == Picodollars(3614 * 4 * Self.million))
        #expect(growth.nextStep(outputTokens: .max) == nil)
    }

    @Test("that get a part of a step cover that part, and no less than what has come")
    func partialGrowth() throws {
        let work = PlannedWork(textBytes: 0, outputLimit: 20_000, tier: "default")
        let token = 4 * Self.million
        var growth = try #require(try Self.estimate(work).growth)
        let first = growth.nextStep(outputTokens: 9000)
        let step = try #require(first)
        #expect([step.wanted, step.needed] == [Picodollars(9808 * token), Picodollars(808 * token)])
        growth.took(Picodollars(1000 * token + token - 1), of: step)
        #expect(growth.coveredTokens == 9192)
        #expect(growth.nextStep(outputTokens: 9192) == nil)
        let second = growth.nextStep(outputTokens: 30_000)
        let last = try #require(second)
        #expect([last.wanted, last.needed] == [Picodollars(10_808 * token), Picodollars(10_808 * token)])
        growth.took(last.wanted, of: last)
        #expect(growth.coveredTokens == 20_000)
    }

    @Test("need no growth where they cover all that can come")
    func noGrowth() throws {
        #expect(try Self.estimate(PlannedWork(textBytes: 0, outputLimit: 100, tier: "default")).growth == nil)
    }

    @Test("survive numbers that are too large")
    func overflow() throws {
        let work = PlannedWork(
            textBytes: .max,
            inputs: .max,
            tokenIDs: .max,
            imageParts: .max,
            fileParts: .max,
            audioParts: .max,
            hasUnseenInput: true,
            outputLimit: .max,
            generations: .max
        )
        for reserve in ReservePolicy.allCases {
            #expect(try Self.estimate(work, "plain", reserve).hold == Picodollars(.max))
        }
    }

    @Test("with the prices that are built in, every model that generates text has one")
    func builtIn() throws {
        let book = try PriceBook.builtIn()
        for model in book.models where [.chat, .responses, .completion, .embedding].contains(model.kind) {
            let estimate = HoldEstimate(
                PlannedWork(textBytes: 4000),
                model: model.names[0].text,
                label: model.names[0].text,
                team: "t",
                reserve: .worstCase,
                prices: book,
                quantiles: UsageQuantiles(),
                at: 1_795_262_400,
                region: nil
            )
            #expect(estimate.price == .priced || estimate.price == .free, "\(model.names[0].text)")
            #expect(estimate.hold.amount < 200_000_000_000_000, "\(model.names[0].text): \(estimate.hold.usdText)")
        }
    }
}
