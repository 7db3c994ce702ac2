import SteelyardPolicy
import Testing

@Suite("Open jobs")
struct OpenJobsTests {
    private static func job(_ low: UInt64, at seconds: Int64 = 100) -> OpenJob {
        OpenJob(
            opening: ChargeOpening(
                charge: ChargeID(high: 0, low: low),
                team: "t",
                model: "m",
                endpoint: "/v1/responses",
                provider: "a",
                openedAtSeconds: seconds
            ),
            work: RequestedWork(textBytes: 8)
        )
    }

    @Test("are taken once, by provider and id")
    func takenOnce() {
        let jobs = OpenJobs()
        #expect(jobs.insert(Self.job(1), provider: "a", id: "resp_1") == .waits)
        #expect(jobs.take(provider: "b", id: "resp_1") == nil)
        #expect(jobs.take(provider: "a", id: "resp_1") == Self.job(1))
        #expect(jobs.take(provider: "a", id: "resp_1") == nil)
    }

    @Test("keep the first charge of the same work")
    func firstCharge() {
        let jobs = OpenJobs()
        #expect(jobs.insert(Self.job(1), provider: "a", id: "run_1") == .waits)
        #expect(jobs.insert(Self.job(2), provider: "a", id: "run_1") == .isKnown)
        #expect(jobs.take(provider: "a", id: "run_1") == Self.job(1))
    }

    @Test("are bounded, and say so")
    func bounded() {
        let jobs = OpenJobs(limit: 1)
        #expect(jobs.insert(Self.job(1), provider: "a", id: "1") == .waits)
        #expect(jobs.insert(Self.job(2), provider: "a", id: "2") == .isFull)
        #expect(jobs.count == 1)
    }

    @Test("expire by the time they were opened")
    func expiry() {
        let jobs = OpenJobs()
        for second in 1...4 { _ = jobs.insert(Self.job(1, at: Int64(second)), provider: "a", id: "\(second)") }
        #expect(jobs.takeExpired(openedBefore: 3).map(\.opening.openedAtSeconds).sorted() == [1, 2])
        #expect(jobs.count == 2)
    }
}
