import SteelyardPolicy
import Testing

@Suite("What recent answers came to")
struct UsageQuantilesTests {
    private static func learned(_ outputs: some Sequence<Int64>, generations: Int64 = 1) -> UsageQuantiles.Learned {
        let quantiles = UsageQuantiles()
        for output in outputs {
            quantiles.learn(model: "m", team: "a", inputTokens: output, outputTokens: output, generations: generations)
        }
        return quantiles.learned(of: "m", team: "a")
    }

    @Test("is assumed while nothing is known")
    func unlearned() {
        let learned = UsageQuantiles().learned(of: "m", team: "a")
        #expect([learned.outputTokens, learned.inputTokens] == [8192, 16_384])
        #expect(!learned.wasServedDearer)
    }

    @Test("is not believed to be less than assumed before 64 answers, and to be more at once")
    func trusted() {
        #expect(Self.learned(repeatElement(100, count: 63)).outputTokens == 8192)
        #expect(Self.learned(repeatElement(100, count: 64)).outputTokens == 111)
        #expect(Self.learned([100_000]).outputTokens >= 100_000)
    }

    @Test("is exceeded by one answer in a hundred at most, and is no more than a quarter too large")
    func quantile() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var state = seed
        let outputs = (0..<2000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int64(state >> 33) % 20_000
        }
        let learned = Self.learned(outputs).outputTokens
        let exact = outputs.sorted()[1979]
        #expect(outputs.count { $0 > learned } <= 20)
        #expect(learned >= exact && learned <= exact * 5 / 4 + 1)
    }

    @Test("shares an answer's output among its choices")
    func generations() {
        #expect(Self.learned(repeatElement(800, count: 100), generations: 8).outputTokens == 111)
    }

    @Test("forgets: the last thousand answers outweigh the first")
    func fading() {
        let outputs = Array(repeating: Int64(50_000), count: 1000) + Array(repeating: 100, count: 40_000)
        #expect(Self.learned(outputs).outputTokens == 111)
    }

    @Test("a rare long answer is not forgotten while it is one in a hundred")
    func tail() {
        let outputs = (0..<10_000).map { Int64($0.isMultiple(of: 50) ? 30_000 : 100) }
        #expect(Self.learned(outputs).outputTokens >= 30_000)
    }

    @Test("survives nonsense", arguments: [-1, 0, .min, .max] as [Int64])
    func nonsense(tokens: Int64) {
        let quantiles = UsageQuantiles()
        for _ in 0..<100 {
            quantiles.learn(model: "m", team: "a", inputTokens: tokens, outputTokens: tokens, generations: tokens)
        }
        #expect(quantiles.learned(of: "m", team: "a").outputTokens >= 1)
    }

    @Test("remembers for a while that a project serves at a dearer tier what names none")
    func tiers() {
        let quantiles = UsageQuantiles()
        func learn(_ wish: String?, _ served: ServiceTier) -> Bool {
            quantiles.learn(model: "m", team: "a", inputTokens: 1, outputTokens: 1, requestedTier: wish, served: served)
            return quantiles.learned(of: "m", team: "a").wasServedDearer
        }
        #expect(!learn(nil, .standard))
        #expect(!learn("priority", .priority))
        #expect(learn("auto", .priority))
        #expect(learn(nil, .standard))
        for _ in 0..<1023 { _ = learn(nil, .standard) }
        #expect(!learn(nil, .standard))
    }

    @Test("knows a bounded number of models")
    func bounded() {
        let quantiles = UsageQuantiles()
        for model in 0..<5000 { quantiles.learn(model: "m\(model)", team: "a", inputTokens: 1, outputTokens: 99_999) }
        #expect(quantiles.learned(of: "m0", team: "a").outputTokens > 8192)
        #expect(quantiles.learned(of: "m4999", team: "a").outputTokens == 8192)
    }
}

@Suite("What recent answers of other teams came to")
struct SharedQuantilesTests {
    private static func quantiles(_ outputTokens: Int64, count: Int, team: String) -> UsageQuantiles {
        let quantiles = UsageQuantiles()
        for _ in 0..<count {
            quantiles.learn(model: "m", team: team, inputTokens: 100, outputTokens: outputTokens)
        }
        return quantiles
    }

    @Test("makes the first holds of a team smaller")
    func smaller() {
        #expect(Self.quantiles(100, count: 64, team: "a").learned(of: "m", team: "b").outputTokens == 111)
    }

    @Test("never makes them larger: long answers of one team lock out no other")
    func larger() {
        let quantiles = Self.quantiles(100_000, count: 1000, team: "a")
        #expect(quantiles.learned(of: "m", team: "a").outputTokens >= 100_000)
        #expect(quantiles.learned(of: "m", team: "b").outputTokens == 8192)
    }

    @Test("does not count once a team has enough answers of its own")
    func own() {
        let quantiles = Self.quantiles(10, count: 1000, team: "a")
        for _ in 0..<64 { quantiles.learn(model: "m", team: "b", inputTokens: 1, outputTokens: 20_000) }
        #expect(quantiles.learned(of: "m", team: "b").outputTokens >= 20_000)
    }
}
