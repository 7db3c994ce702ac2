import SteelyardWire
import Testing

@Suite("An answer reads the same however it is cut")
struct AnswerSplitTests {
    @Test("cut in two at every byte", arguments: AnswerFixture.all)
    func everySplit(_ fixture: AnswerFixture) {
        let whole = fixture.facts()
        for cut in 0...fixture.bytes.count {
            let facts = fixture.facts(cutAt: [cut])
            if facts != whole {
                Issue.record("cut at \(cut): \(facts)\nwhole: \(whole)")
                return
            }
        }
    }

    @Test("one byte at a time, with empty pieces between", arguments: AnswerFixture.all)
    func byteByByte(_ fixture: AnswerFixture) {
        let cuts = (1..<fixture.bytes.count).flatMap { [$0, $0] }
        #expect(fixture.facts(cutAt: cuts) == fixture.facts())
    }

    @Test("the end is seen at the same byte", arguments: AnswerFixture.all)
    func sameEnd(_ fixture: AnswerFixture) {
        guard let end = firstFinishedOffset(fixture) else { return }
        for cut in [end - 1, end] {
            var reader = AnswerWalk(fixture.form)
            reader.read(fixture.bytes.span.extracting(0..<cut))
            #expect(reader.isFinished == (cut == end))
        }
    }

    /// How many bytes, read one by one, it takes until the answer is finished.
    private func firstFinishedOffset(_ fixture: AnswerFixture) -> Int? {
        var reader = AnswerWalk(fixture.form)
        for index in fixture.bytes.indices {
            reader.read(fixture.bytes.span.extracting(index..<index + 1))
            if reader.isFinished { return index + 1 }
        }
        return nil
    }
}
