import SeededRandom
import SteelyardPolicy
import Testing

@Suite("From reported counts to disjoint meters")
struct MetersTests {
    @Test("cached and written tokens are taken out of the prompt")
    func cacheInside() {
        var counts = TokenCounts()
        (counts.prompt, counts.cached, counts.cacheWrite, counts.cacheWriteLong) = (1000, 500, 200, 100)
        let meters = Meters(counts)
        #expect(meters[.input] == 200)
        #expect(meters[.cachedInput] == 500)
        #expect(meters[.cacheWrite] == 200)
        #expect(meters[.cacheWriteLong] == 100)
        #expect(meters.promptTokens == 1000)
        #expect(!meters.isInconsistent)
    }

    @Test("where the prompt leaves the cache out, it is added to the prompt's size and not taken out of it")
    func cacheOutside() {
        var counts = TokenCounts()
        (counts.prompt, counts.cached, counts.cacheWrite) = (100, 5000, 300)
        let meters = Meters(counts, prompt: .excludesCache)
        #expect(meters[.input] == 100)
        #expect(meters[.cachedInput] == 5000)
        #expect(meters.promptTokens == 5400)
    }

    @Test("a cached audio token is cached audio alone")
    func cachedAudio() {
        var counts = TokenCounts()
        (counts.prompt, counts.cached, counts.audioInput, counts.cachedAudio) = (1000, 600, 500, 400)
        (counts.imageInput, counts.cachedImage) = (100, 50)
        let meters = Meters(counts)
        #expect(meters[.cachedAudioInput] == 400)
        #expect(meters[.audioInput] == 100)
        #expect(meters[.cachedImageInput] == 50)
        #expect(meters[.imageInput] == 50)
        #expect(meters[.cachedInput] == 150)
        #expect(meters[.input] == 250)
        #expect(!meters.isInconsistent)
    }

    @Test("overlapping details: the cache is believed, audio and images get what remains")
    func overlap() {
        var counts = TokenCounts()
        (counts.prompt, counts.cached, counts.audioInput, counts.imageInput) = (100, 80, 50, 30)
        let meters = Meters(counts)
        #expect(meters[.cachedInput] == 80)
        #expect(meters[.audioInput] == 20)
        #expect(meters[.imageInput] == 0)
        #expect(meters[.input] == 0)
        #expect(meters.isInconsistent)
    }

    @Test("answer tokens are split into text, thought, sound and picture")
    func completion() {
        var counts = TokenCounts()
        (counts.completion, counts.reasoning, counts.audioOutput, counts.imageOutput) = (100, 40, 30, 20)
        let meters = Meters(counts)
        #expect(meters[.output] == 10)
        #expect(meters[.reasoning] == 40)
        #expect(meters[.audioOutput] == 30)
        #expect(meters[.imageOutput] == 20)
    }

    @Test("thought reported beside the completion is added to it; a total that differs otherwise changes nothing")
    func reasoningOutside() {
        var counts = TokenCounts()
        (counts.prompt, counts.completion, counts.reasoning, counts.total) = (100, 50, 200, 350)
        #expect(Meters(counts)[.output] == 50)
        #expect(Meters(counts)[.reasoning] == 200)
        #expect(!Meters(counts).isInconsistent)
        (counts.completion, counts.reasoning, counts.total) = (50, 20, 298)
        #expect(Meters(counts)[.output] == 30)
        #expect(Meters(counts)[.reasoning] == 20)
    }

    @Test("counts that contradict each other are capped and said to be", arguments: [Int64.min, -1, .max])
    func contradictions(_ value: Int64) {
        let parts: [WritableKeyPath<TokenCounts, Int64>] = [
            \.cached, \.cacheWrite, \.cacheWriteLong, \.audioInput, \.cachedAudio, \.imageInput, \.cachedImage,
            \.reasoning, \.audioOutput, \.imageOutput,
        ]
        for field in parts + [\.prompt, \.completion] {
            var counts = TokenCounts()
            counts[keyPath: field] = value
            let meters = Meters(counts)
            #expect(meters.isInconsistent == (value < 0 || parts.contains(field)), "\(field)")
            #expect(Meter.allCases.allSatisfy { meters[$0] >= 0 })
        }
    }

    @Test("whatever is reported, prompt parts add up to the prompt and answer parts to the completion")
    func partition() {
        var random = SeededRandom(seed: 0x5EED)
        for round in 0..<5000 {
            var counts = TokenCounts()
            counts.prompt = random.below(1000)
            counts.cached = random.below(1200) - 100
            counts.cacheWrite = random.below(600) - 50
            counts.cacheWriteLong = random.below(300)
            counts.audioInput = random.below(800)
            counts.cachedAudio = random.below(500)
            counts.imageInput = random.below(400)
            counts.cachedImage = random.below(300)
            counts.completion = random.below(500)
            counts.reasoning = random.below(400)
            counts.audioOutput = random.below(300)
            counts.imageOutput = random.below(200)
            let meters = Meters(counts)
            let prompt: [Meter] = [
                .input, .cachedInput, .cacheWrite, .cacheWriteLong, .audioInput, .cachedAudioInput, .imageInput,
                .cachedImageInput,
            ]
            let answer: [Meter] = [.output, .reasoning, .audioOutput, .imageOutput]
            #expect(prompt.reduce(0) { $0 + meters[$1] } == counts.prompt, "seed 0x5EED, round \(round)")
            #expect(answer.reduce(0) { $0 + meters[$1] } == counts.completion, "seed 0x5EED, round \(round)")
        }
    }

    @Test("every meter has a quantity and a column of its own")
    func storage() {
        var meters = Meters()
        for (index, meter) in Meter.allCases.enumerated() { meters[meter] = Int64(index + 1) }
        #expect(Meter.allCases.map { meters[$0] } == Array(1...Int64(Meter.allCases.count)))
        #expect(Meter.allCases.map { Meter(column: $0.column) } == Meter.allCases)
        #expect(Meter(column: "cost") == nil)
    }

    @Test("what a model does as a tool is added up, model by model, and is no quantity of the request's own")
    func toolWork() {
        var meters = Meters()
        var picture = Meters(promptTokens: 50)
        (picture[.input], picture[.imageOutput]) = (50, 4160)
        meters.add(ToolWork(model: "a", meters: picture))
        meters.add(ToolWork(model: "b", meters: picture))
        meters.add(ToolWork(model: "a", meters: picture))
        #expect(meters.toolWork.map(\.model) == ["a", "b"])
        #expect(meters.toolWork.map(\.meters.promptTokens) == [100, 50])
        #expect(meters.toolWork.map { $0.meters[.imageOutput] } == [8320, 4160])
        #expect(!meters.isEmpty && meters[.input] == 0 && meters.promptTokens == 0)
    }

    @Test("a quantity below zero becomes none and is noticed")
    func negativeQuantity() {
        var meters = Meters()
        meters[.characters] = -5
        #expect(meters[.characters] == 0)
        #expect(meters.isInconsistent)
        #expect(meters.isEmpty)
    }

    @Test(
        "the answer's service tier decides",
        arguments: [
            (nil, .standard, true), ("default", .standard, true), ("auto", .standard, true), ("scale", .standard, true),
            ("standard", .standard, true), ("flex", .flex, true), ("priority", .priority, true),
            ("fast", .priority, true), ("ultrafast", .ultrafast, true), ("batch", .batch, true),
            ("turbo", .standard, false), ("", .standard, false), ("Flex", .standard, false),
        ] as [(String?, ServiceTier, Bool)]
    )
    func tiers(_ word: String?, _ tier: ServiceTier, _ isRecognised: Bool) {
        #expect(ServedTier(answered: word) == ServedTier(tier: tier, isRecognised: isRecognised))
    }
}
