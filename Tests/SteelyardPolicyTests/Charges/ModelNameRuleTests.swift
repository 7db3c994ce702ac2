import SteelyardPolicy
import Testing

@Suite("A model's name")
struct ModelNameRuleTests {
    @Test(
        "is taken as it is",
        arguments: [
            "gpt-4.1", "ft:gpt-4o-2024-08-06:acme:suffix:9x", "openai/gpt-4.1", "/models/llama 3", "modèle", "模型",
            "none",
            String(repeating: "x", count: 256),
        ]
    )
    func possible(name: String) { #expect(ModelNameRule.accepted(name) == name) }

    @Test(
        "cannot be empty, too long, or hold what no name holds",
        arguments: [
            "", "\u{0}", "gpt-4.1\u{0}", "gpt-4.1\u{0}x", "\ngpt-4.1", "gpt\u{7f}", "gpt\u{85}", "gpt\u{fffd}",
            String(repeating: "x", count: 257), String(repeating: "é", count: 129),
        ]
    )
    func impossible(name: String) {
        #expect(ModelNameRule.accepted(name) == "other")
        let opening = ChargeOpening(
            charge: ChargeID(high: 0, low: 0),
            team: "t",
            model: name,
            endpoint: "e",
            provider: "p",
            openedAtSeconds: 0
        )
        #expect(opening.model == "other")
        let settlement = ChargeSettlement(
            opening: opening,
            part: 0,
            model: name,
            cost: .zero,
            confidence: .exact,
            usage: []
        )
        #expect(settlement.model == "other")
    }

    @Test("is one of two when it looks the same and has other bytes")
    func bytes() {
        let (composed, decomposed) = ("\u{e9}", "e\u{301}")
        #expect(composed == decomposed, "so Swift compares texts")
        #expect(ByteText(composed) != ByteText(decomposed))
        #expect(Set([ByteText(composed), ByteText(decomposed), ByteText("\u{e9}")]).count == 2)
        let jobs = OpenJobs()
        let opening = ChargeOpening(
            charge: ChargeID(high: 0, low: 0),
            team: "t",
            model: "m",
            endpoint: "e",
            provider: "p",
            openedAtSeconds: 0
        )
        let work = RequestedWork(textBytes: nil, countedTokens: 0, outputLimit: nil, writesCacheLong: false)
        let job = OpenJob(opening: opening, work: work)
        #expect(jobs.insert(job, provider: "p", id: composed) == .waits)
        #expect(jobs.insert(job, provider: "p", id: decomposed) == .waits)
        #expect(jobs.take(provider: "p", id: composed) != nil)
        #expect(jobs.count == 1)
    }
}
