import SeededRandom
import SteelyardWire
import Testing

@Suite("A damaged answer")
struct AnswerMutationTests {
    private static let caseCount = 50_000
    private static let seed: UInt64 = 0x5EED_0002

    @Test("is read to its end, and the same in pieces")
    func mutations() {
        print("seed \(Self.seed)")
        var generator = SeededRandom(seed: Self.seed)
        for number in 0..<Self.caseCount {
            var fixture = AnswerFixture.all[Int.random(in: AnswerFixture.all.indices, using: &generator)]
            damage(&fixture, &generator)
            let cut = Int.random(in: 0...fixture.bytes.count, using: &generator)
            guard fixture.facts(cutAt: [cut]) == fixture.facts() else {
                Issue.record(
                    "case \(number), seed \(Self.seed), cut at \(cut): \(String(decoding: fixture.bytes, as: UTF8.self))"
                )
                return
            }
            guard labelled(fixture, cutAt: [cut]) == labelled(fixture, cutAt: []) else {
                Issue.record("labelled, case \(number), seed \(Self.seed), cut at \(cut)")
                return
            }
        }
    }

    /// The facts, and the form that was found, where the first bytes may deny the label.
    private func labelled(_ fixture: AnswerFixture, cutAt cuts: [Int]) -> String {
        var reader = AnswerWalk(labelled: fixture.form, choices: 2)
        var start = 0
        for end in cuts + [fixture.bytes.count] {
            reader.read(fixture.bytes.span.extracting(start..<end))
            start = end
        }
        reader.finish()
        return "\(reader.form) \(reader.facts)"
    }

    private func damage(_ fixture: inout AnswerFixture, _ generator: inout SeededRandom) {
        if Int.random(in: 0..<20, using: &generator) == 0 {
            fixture.form = fixture.form == .json ? .eventStream : .json
        }
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !fixture.bytes.isEmpty {
            damageOnce(&fixture.bytes, &generator)
        }
    }

    private func damageOnce(_ bytes: inout [UInt8], _ generator: inout SeededRandom) {
        let place = Int.random(in: bytes.indices, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
        case 1: bytes[place] = Array(#"{}[]",:\0-9eE.u"#.utf8 + [10, 13]).randomElement(using: &generator) ?? 0
        case 2: bytes.removeSubrange(place..<end)
        case 3: bytes.insert(contentsOf: bytes[place..<end], at: place)
        case 4: bytes.removeSubrange(place...)
        default: bytes.swapAt(place, end - 1)
        }
    }
}
