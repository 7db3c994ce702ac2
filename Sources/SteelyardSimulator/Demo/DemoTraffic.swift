/// Applications of three teams that use a gateway: plain calls, streams, agents, embeddings, clients that leave, and a
/// provider that sometimes fails.
///
/// The gateway's provider must be a ``Simulator``: the traffic steers each answer with its `x-simulate` header.
public struct DemoTraffic: Sendable {
    private static let applications: UInt64 = 24

    private let client: DemoClient
    private let seed: UInt64
    private let refusals = RefusalBoard()

    /// Makes traffic for the gateway on a port of this machine; the same seed plays the same scenes.
    public init(port: Int, seed: UInt64 = 1) {
        client = DemoClient(port: port)
        self.seed = seed
    }

    /// Plays until the time is over or the task is cancelled, which breaks off running requests.
    public func play(for duration: Duration) async {
        let end = ContinuousClock.now + duration
        await withTaskGroup(of: Void.self) { group in
            for application in 0..<Self.applications {
                let team = DemoTeam.allCases[Int(application) % DemoTeam.allCases.count]
                group.addTask { await work(for: team, DemoRandomness(seed: seed &* 1000 &+ application), until: end) }
            }
        }
    }

    /// The text of the gateway's `/metrics`.
    /// - Throws: If nothing answers there.
    public func scrape() async throws -> String {
        try await client.send(DemoRequest(method: "GET", path: "/metrics")).body
    }

    /// The latest refusal of a team with a spent budget.
    public var latestRefusal: DemoRefusal? { refusals.latest }

    private func work(for team: DemoTeam, _ seeded: DemoRandomness, until end: ContinuousClock.Instant) async {
        var randomness = seeded
        while ContinuousClock.now < end, !Task.isCancelled {
            // A pause like a user's, so that the applications do not run in lockstep.
            let pause = Duration.milliseconds(Int.random(in: 20...1200, using: &randomness))
            guard (try? await Task.sleep(for: pause)) != nil else { return }
            await play(.any(of: team, using: &randomness), for: team, using: &randomness)
        }
    }

    /// Failing requests are part of the demo; the gateway counts them.
    private func play(_ scene: DemoScene, for team: DemoTeam, using randomness: inout DemoRandomness) async {
        var next: DemoRequest? = scene.opening(using: &randomness)
        while var request = next, !Task.isCancelled {
            request.team = team
            guard let answer = try? await client.send(request) else { return }
            refusals.received(answer)
            next = scene.sequel(to: request, answer)
            // Tools take time, and so does an SDK's retry.
            if next != nil { try? await Task.sleep(for: .milliseconds(Int.random(in: 40...900, using: &randomness))) }
        }
    }
}
