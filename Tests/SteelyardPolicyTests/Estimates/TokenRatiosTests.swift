import SteelyardPolicy
import Testing

@Suite("Token ratios")
struct TokenRatiosTests {
    @Test("assume four bytes a token until something is learned, and never no input")
    func unlearned() {
        let ratios = TokenRatios()
        #expect(ratios.inputTokens(model: "m", bytes: 0) == 1)
        #expect(ratios.inputTokens(model: "m", bytes: 9) == 3)
        #expect(ratios.outputTokens(model: "m", bytes: 9) == 3)
        #expect(ratios.outputTokens(model: "m", bytes: 0) == 0)
        #expect(ratios.unseenOutputTokens(model: "m") == 256)
    }

    @Test("learn each model and direction apart, hidden reasoning included")
    func learned() {
        let ratios = TokenRatios()
        ratios.learn(model: "m", inputBytes: 100, inputTokens: 50, outputBytes: 10, outputTokens: 40)
        #expect(ratios.inputTokens(model: "m", bytes: 10) == 5)
        #expect(ratios.outputTokens(model: "m", bytes: 10) == 40)
        #expect(ratios.unseenOutputTokens(model: "m") == 40)
        #expect(ratios.inputTokens(model: "other", bytes: 8) == 2)
    }

    @Test("count an answer without text for the mean, not for the ratio")
    func wordless() {
        let ratios = TokenRatios()
        ratios.learn(model: "m", inputBytes: 8, inputTokens: 2, outputBytes: 40, outputTokens: 10)
        ratios.learn(model: "m", inputBytes: 8, inputTokens: 2, outputBytes: 0, outputTokens: 990)
        #expect(ratios.outputTokens(model: "m", bytes: 40) == 10)
        #expect(ratios.unseenOutputTokens(model: "m") == 500)
    }

    @Test("forget slowly: the last few hundred answers outweigh the first")
    func fading() {
        let ratios = TokenRatios()
        for _ in 0..<2000 {
            ratios.learn(model: "m", inputBytes: 4000, inputTokens: 1000, outputBytes: 8000, outputTokens: 4000)
        }
        for _ in 0..<4000 {
            ratios.learn(model: "m", inputBytes: 2000, inputTokens: 1000, outputBytes: 8000, outputTokens: 4000)
        }
        #expect(ratios.inputTokens(model: "m", bytes: 2000) >= 990)
    }

    @Test("survive nonsense", arguments: [(-1, 1), (1, -1), (0, 0), (Int64.max, 1)] as [(Int64, Int64)])
    func nonsense(bytes: Int64, tokens: Int64) {
        let ratios = TokenRatios()
        ratios.learn(model: "m", inputBytes: bytes, inputTokens: tokens, outputBytes: bytes, outputTokens: tokens)
        ratios.learn(model: "m", inputBytes: bytes, inputTokens: tokens, outputBytes: bytes, outputTokens: tokens)
        #expect(ratios.inputTokens(model: "m", bytes: .max) >= 1)
        #expect(ratios.outputTokens(model: "m", bytes: .max) >= 0)
    }

    @Test("hold a bounded number of models")
    func bounded() {
        let ratios = TokenRatios()
        for number in 0..<3000 {
            ratios.learn(model: "m\(number)", inputBytes: 1, inputTokens: 1, outputBytes: 1, outputTokens: 1)
        }
        #expect(ratios.inputTokens(model: "m0", bytes: 8) == 8)
        #expect(ratios.inputTokens(model: "m2999", bytes: 8) == 2)
    }
}

@Suite("Refused injections")
struct InjectionRefusalsTests {
    @Test("are remembered by provider and model, up to a bound")
    func remembered() {
        let refusals = InjectionRefusals()
        refusals.insert(provider: "a", model: "m")
        #expect(refusals.contains(provider: "a", model: "m"))
        #expect(!refusals.contains(provider: "b", model: "m"))
        for number in 0..<2000 { refusals.insert(provider: "a", model: "junk\(number)") }
        #expect(!refusals.contains(provider: "a", model: "junk1999"))
        #expect(refusals.contains(provider: "a", model: "m"))
    }
}
