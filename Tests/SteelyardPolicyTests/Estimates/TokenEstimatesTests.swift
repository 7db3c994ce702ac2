import SeededRandom
import SteelyardPolicy
import Testing

@Suite("Token estimates")
struct TokenEstimatesTests {
    /// An answer of so many bytes and tokens, in and out.
    private static func sample(
        _ inputBytes: Int64,
        _ inputTokens: Int64,
        _ outputBytes: Int64 = 0,
        _ outputTokens: Int64 = 0,
        reasoning: Int64 = 0
    ) -> AnswerSample {
        AnswerSample(
            inputBytes: inputBytes,
            inputTokens: inputTokens,
            outputBytes: outputBytes,
            outputTokens: outputTokens,
            reasoningTokens: reasoning
        )
    }

    private static func taught(_ samples: some Sequence<AnswerSample>, team: String = "a") -> TokenEstimates {
        let estimates = TokenEstimates()
        for sample in samples { estimates.learn(sample, team: team, model: "m") }
        return estimates
    }

    @Test("assume four bytes a token until something is learned, and never no input")
    func unlearned() {
        let estimates = TokenEstimates()
        #expect(estimates.inputTokens(bytes: 0, team: "a", model: "m") == 1)
        #expect(estimates.inputTokens(bytes: 9, team: "a", model: "m") == 3)
        #expect(estimates.textTokens(bytes: 9, team: "a", model: "m") == 3)
        #expect(estimates.textTokens(bytes: 0, team: "a", model: "m") == 0)
        #expect(estimates.thoughtTokens(team: "a", model: "m") == nil)
        #expect(estimates.unseenTokens(team: "a", model: "m") == 256)
    }

    @Test("learn nothing of long texts from a greeting")
    func greeting() {
        for count in [1, 3, 100] {
            let estimates = Self.taught(repeatElement(Self.sample(6, 8, 9, 9), count: count))
            let tokens = estimates.inputTokens(bytes: 40_000, team: "a", model: "m")
            #expect((8_000...10_600).contains(tokens), "after \(count) greetings")
        }
    }

    @Test("count at most one token a byte, whatever was learned", arguments: [1, 6, 1_000, 1 << 40] as [Int64])
    func oneTokenAByte(bytes: Int64) {
        let estimates = Self.taught(repeatElement(Self.sample(1_000, 900_000, 1_000, 900_000), count: 40))
        #expect(estimates.inputTokens(bytes: bytes, team: "a", model: "m") <= bytes)
        #expect(estimates.textTokens(bytes: bytes, team: "a", model: "m") <= bytes)
    }

    @Test("learn the fixed part of requests and what a byte takes, in spite of outliers")
    func line() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        let samples = (0..<32).map { index -> AnswerSample in
            let bytes = Int64.random(in: 200...20_000, using: &random)
            let tokens = index.isMultiple(of: 4) ? bytes * 20 : 40 + bytes * 2 / 5
            return Self.sample(bytes, tokens)
        }
        let estimates = Self.taught(samples)
        for bytes in [500, 5_000, 50_000] as [Int64] {
            let exact = 40 + bytes * 2 / 5
            let tokens = estimates.inputTokens(bytes: bytes, team: "a", model: "m")
            #expect(tokens > exact * 4 / 5 && tokens < exact * 6 / 5, "of \(bytes) bytes")
        }
    }

    @Test("keep hidden reasoning apart from text")
    func thoughts() {
        let estimates = Self.taught(repeatElement(Self.sample(100, 25, 400, 1100, reasoning: 1000), count: 10))
        #expect(estimates.thoughtTokens(team: "a", model: "m") == 1000)
        #expect(estimates.textTokens(bytes: 400, team: "a", model: "m") == 100)
        #expect(estimates.unseenTokens(team: "a", model: "m") == 1100)
    }

    @Test("find hidden reasoning that the usage does not call so: text of this length cannot hold it")
    func unnamedThoughts() {
        let estimates = Self.taught(repeatElement(Self.sample(100, 25, 1, 4800), count: 4))
        #expect(estimates.thoughtTokens(team: "a", model: "m") == 4783)
        #expect(estimates.textTokens(bytes: 40_000, team: "a", model: "m") <= 10_020)
    }

    @Test("do not count reasoning that was shown as text a second time")
    func shownThoughts() {
        let estimates = Self.taught(repeatElement(Self.sample(100, 25, 4400, 1100, reasoning: 1000), count: 10))
        #expect(estimates.thoughtTokens(team: "a", model: "m") == 0)
    }

    @Test("say nothing of a model's thoughts before four answers")
    func fewThoughts() {
        let estimates = Self.taught(repeatElement(Self.sample(100, 25, 400, 1100, reasoning: 1000), count: 3))
        #expect(estimates.thoughtTokens(team: "a", model: "m") == nil)
    }

    @Test("follow the team's own answers and nobody else's")
    func teams() {
        let estimates = Self.taught(
            repeatElement(Self.sample(1_000, 1_000, 1, 128_000, reasoning: 128_000), count: 1000),
            team: "hostile"
        )
        #expect(estimates.inputTokens(bytes: 4_000, team: "a", model: "m") == 1_000)
        #expect(estimates.textTokens(bytes: 4_000, team: "a", model: "m") == 1_000)
        #expect(estimates.thoughtTokens(team: "a", model: "m") == nil)
        #expect(estimates.unseenTokens(team: "a", model: "m") == 256)
    }

    @Test("cannot be taught that text costs nothing")
    func thinText() {
        let estimates = Self.taught(repeatElement(Self.sample(100_000, 1, 100_000, 1), count: 40))
        #expect(estimates.inputTokens(bytes: 8_000, team: "a", model: "m") >= 1_000)
        #expect(estimates.textTokens(bytes: 8_000, team: "a", model: "m") >= 1_000)
    }

    @Test("forget: the last few dozen answers count")
    func fading() {
        let old = repeatElement(Self.sample(4_000, 1_000), count: 100)
        let new = repeatElement(Self.sample(4_000, 2_000), count: 40)
        let estimates = Self.taught(Array(old) + Array(new))
        #expect(estimates.inputTokens(bytes: 4_000, team: "a", model: "m") >= 1_900)
    }

    @Test("tell how many bytes so many tokens cover", arguments: [0, 1, 99, 12_345] as [Int64])
    func bytes(tokens: Int64) {
        let estimates = Self.taught(repeatElement(Self.sample(100, 25, 3_000, 1_000), count: 20))
        let bytes = estimates.textBytes(tokens: tokens, team: "a", model: "m")
        #expect(estimates.textTokens(bytes: bytes, team: "a", model: "m") <= tokens + 1)
        #expect(estimates.textTokens(bytes: bytes + 8, team: "a", model: "m") >= tokens)
    }

    @Test("survive nonsense", arguments: [(-1, 1), (1, -1), (0, 0), (Int64.max, 1), (1, .max)] as [(Int64, Int64)])
    func nonsense(bytes: Int64, tokens: Int64) {
        let estimates = Self.taught(
            repeatElement(Self.sample(bytes, tokens, bytes, tokens, reasoning: tokens), count: 9)
        )
        #expect(estimates.inputTokens(bytes: .max, team: "a", model: "m") >= 1)
        #expect(estimates.textTokens(bytes: .max, team: "a", model: "m") >= 0)
        #expect(estimates.textBytes(tokens: .max, team: "a", model: "m") >= 0)
    }

    @Test("hold a bounded number of teams and models")
    func bounded() {
        let estimates = TokenEstimates()
        let sample = Self.sample(1_000, 500)
        for number in 0..<5000 {
            for _ in 0..<32 { estimates.learn(sample, team: "a", model: "m\(number)") }
        }
        #expect(estimates.inputTokens(bytes: 1_000, team: "a", model: "m0") == 500)
        #expect(estimates.inputTokens(bytes: 1_000, team: "a", model: "m4999") == 250)
    }
}

@Suite("Refused injections")
struct UneditedModelsTests {
    @Test("are remembered by provider and model, up to a bound")
    func remembered() {
        let unedited = UneditedModels()
        unedited.insert(provider: "a", model: "m")
        #expect(unedited.contains(provider: "a", model: "m"))
        #expect(!unedited.contains(provider: "b", model: "m"))
        for number in 0..<2000 { unedited.insert(provider: "a", model: "junk\(number)") }
        #expect(!unedited.contains(provider: "a", model: "junk1999"))
        #expect(unedited.contains(provider: "a", model: "m"))
    }
}
