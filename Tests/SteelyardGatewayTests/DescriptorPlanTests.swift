import Testing

@testable import SteelyardGateway

@Suite("Descriptors")
struct DescriptorPlanTests {
    private static let cores = 2

    @Test("are for everything that was asked for where there are enough", arguments: [true, false])
    func enough(isEncrypted: Bool) {
        let wanted = DescriptorPlan(connections: 10_000, isEncrypted: isEncrypted)
        let count = wanted.descriptorCount(cores: Self.cores)
        #expect(wanted.fitted(into: count, cores: Self.cores) == wanted)
        #expect(wanted.fitted(into: count - 1, cores: Self.cores) != wanted)
    }

    @Test("are never planned beyond the limit, and always leave a request its provider", arguments: [true, false])
    func fits(isEncrypted: Bool) throws {
        for connections in [1, 8, 100, 10_000, 1_000_000] {
            let wanted = DescriptorPlan(connections: connections, isEncrypted: isEncrypted)
            for limit in DescriptorPlan.minimum(cores: Self.cores)...5000 {
                let plan = try #require(wanted.fitted(into: limit, cores: Self.cores))
                #expect(plan == wanted || plan.descriptorCount(cores: Self.cores) <= limit)
                #expect((1...connections).contains(plan.connections))
                #expect(plan.surplus <= wanted.surplus && plan.handshakes <= wanted.handshakes)
            }
        }
    }

    @Test("are too few below a minimum")
    func tooFew() {
        let minimum = DescriptorPlan.minimum(cores: Self.cores)
        let wanted = DescriptorPlan(connections: 10_000, isEncrypted: false)
        #expect(wanted.fitted(into: minimum - 1, cores: Self.cores) == nil)
        #expect(wanted.fitted(into: 0, cores: Self.cores) == nil)
    }

    @Test("of a service that starts with 1024 serve some four hundred clients")
    func usual() {
        let plan = DescriptorPlan(connections: 10_000, isEncrypted: false).fitted(into: 1024, cores: Self.cores)
        #expect(plan?.connections == 413)
    }
}
