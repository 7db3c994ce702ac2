import SteelyardPolicy
import Testing

@testable import SteelyardExchange

@Suite("Write progress")
struct WriteProgressTests {
    private static let start = Tick(nanoseconds: 1)
    private static let later = Tick(nanoseconds: 2)

    @Test("a client that takes bytes is not stalled, and its wait begins anew")
    func moves() {
        var progress = WriteProgress()
        progress.wrote(100)
        progress.stalled(at: Self.start, waiting: 80)
        let hasMoved = progress.hasMoved(at: Self.later, waiting: 79)
        #expect(hasMoved)
        #expect(progress.stalledSince == Self.later)
    }

    @Test("a client that takes none is stalled, even while more is written")
    func stalls() {
        var progress = WriteProgress()
        progress.wrote(100)
        progress.stalled(at: Self.start, waiting: 80)
        progress.wrote(50)
        let hasMoved = progress.hasMoved(at: Self.later, waiting: 130)
        #expect(!hasMoved)
        #expect(progress.stalledSince == Self.start)
    }
}
