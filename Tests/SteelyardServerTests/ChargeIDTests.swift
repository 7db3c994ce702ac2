import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("The ids of exchanges")
struct ChargeIDTests {
    @Test("sort by the millisecond they were made in")
    func inOrder() {
        let instants: [UInt64] = [0, 1, 0xFFFF, 1_795_262_400_000, 1_795_262_400_001, 0x7FFF_FFFF_FFFF]
        var reserve = RandomReserve()
        let charges = instants.map { ChargeID.unique(milliseconds: $0, &reserve) }
        #expect(charges.map { $0.high >> 16 } == instants)
        #expect(charges.allSatisfy { Int64(bitPattern: $0.high) >= 0 }, "SQLite's integers are signed")
    }

    @Test("are never the same, however many a millisecond has")
    func different() {
        var reserve = RandomReserve()
        let charges = (0..<50_000).map { _ in ChargeID.unique(milliseconds: 7, &reserve) }
        #expect(Set(charges).count == charges.count)
        #expect(Set(charges.map(\.high)).count > 20_000, "16 bits of the upper word are random")
    }
}
