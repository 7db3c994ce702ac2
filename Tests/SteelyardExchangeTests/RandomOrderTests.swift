import SeededRandom
import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("In any order of inputs, valid or not,")
struct RandomOrderTests {
    @Test("a charge is opened once and closed at most once, and nothing that generated text costs nothing")
    func accounts() {
        let first = UInt64.random(in: 0..<1 << 40)
        for seed in first..<first + 1500 {
            let jobs = OpenJobs()
            var chaos = Chaos(seed: seed, rules: World.rules(jobs: jobs))
            for _ in 0..<chaos.random.below(30) { chaos.step() }
            chaos.conclude()
            let story: Comment = "seed \(seed): \(chaos.trace.joined(separator: " | "))"
            guard chaos.summaries.count == 1, let summary = chaos.summaries.first else {
                Issue.record(story)
                continue
            }
            #expect(chaos.opened.count <= 1, story)
            #expect(chaos.closedCount + jobs.count == chaos.opened.count, story)
            if let weight = summary.charge?.weight, [.exact, .estimated].contains(weight.confidence) {
                #expect(weight.cost > .zero, story)
            }
            // What comes after the end changes nothing.
            for _ in 0..<10 { chaos.step() }
            #expect(chaos.opened.count <= 1, story)
            #expect(chaos.closedCount + jobs.count == chaos.opened.count, story)
        }
    }

    @Test("the summary agrees with itself")
    func summaries() {
        let first = UInt64.random(in: 0..<1 << 40)
        for seed in first..<first + 1500 {
            var chaos = Chaos(seed: seed, rules: World.rules())
            for _ in 0..<chaos.random.below(30) { chaos.step() }
            chaos.conclude()
            let story: Comment = "seed \(seed): \(chaos.trace.joined(separator: " | "))"
            guard chaos.summaries.count == 1, let summary = chaos.summaries.first else {
                Issue.record(story)
                continue
            }
            #expect(100..<600 ~= summary.status, story)
            #expect((summary.outcome == .aborted) == (summary.status == 499), story)
            #expect((summary.outcome == .failed) == (summary.error != nil && summary.outcome != .aborted), story)
            #expect(summary.isForwarded || summary.charge == nil, story)
        }
    }
}
