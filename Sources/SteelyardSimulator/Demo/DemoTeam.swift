/// A team of the demo. Its applications name it only in their base URL: `/team/NAME/v1`.
public enum DemoTeam: String, Sendable, CaseIterable {
    /// Applications that search: streams, agents, embeddings. Far from its limit.
    case search
    /// Answers to customers, with a provider that fails sometimes. Its budget warns but does not block.
    case support
    /// Works through a backlog as fast as possible, and uses up its budget halfway.
    case batchJobs = "batch-jobs"

    /// The teams' entries in proxy.yaml, one per line.
    ///
    /// The limits fit one minute of ``DemoTraffic``. No window is shorter than a day, so that hardly any demo sees a
    /// reset.
    public static var entries: [String] {
        allCases.map { "\($0.rawValue): { budgets: [{ \($0.budget) }] }" }
    }

    private var budget: String {
        switch self {
        case .search: "limit_usd: 1, every: month, warn_at: [0.5, 0.9]"
        case .support: "limit_usd: 0.5, every: week, when_spent: warn"
        case .batchJobs: "limit_usd: 0.4, every: day"
        }
    }

    /// The weight of a scene among the scenes of its applications.
    func weight(of scene: DemoScene) -> Int {
        switch self {
        case .search: searchWeight(of: scene)
        case .support: supportWeight(of: scene)
        case .batchJobs: batchWeight(of: scene)
        }
    }

    private func searchWeight(of scene: DemoScene) -> Int {
        switch scene {
        case .stream: 24
        case .embedding: 16
        case .agent: 12
        case .responseStream: 8
        case .abortedStream: 5
        case .brokenStream: 2
        default: 0
        }
    }

    private func supportWeight(of scene: DemoScene) -> Int {
        switch scene {
        case .chat: 25
        case .stream: 10
        case .response: 8
        case .serverError, .rateLimit, .unpricedModel: 2
        default: 0
        }
    }

    private func batchWeight(of scene: DemoScene) -> Int {
        switch scene {
        case .chat: 12
        case .reasoning: 10
        default: 0
        }
    }
}
