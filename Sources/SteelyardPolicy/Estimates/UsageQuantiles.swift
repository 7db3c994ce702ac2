import Synchronization

/// How long each model's recent prompts and answers were, at most, leaving out the longest one in a hundred. It is
/// learned from answers whose usage was seen.
///
/// The hold for a request must not be the mean, which half of all answers exceed. It must not be the model's full
/// output either, which is a hundred times what most answers need, and would lock teams out while they still have
/// money.
///
/// A team's own answers count as soon as there are enough of them. Until then the answers of all teams can make the
/// hold smaller than the assumed one, but never larger: so no team can lock out another with long answers.
public final class UsageQuantiles: Sendable {
    /// What has been learned about one model so far.
    public struct Learned: Hashable, Sendable {
        /// Output tokens of one answer.
        public var outputTokens: Int64
        /// Input tokens of one request.
        public var inputTokens: Int64
        /// Whether requests that left the tier to the project's settings were served at a tier dearer than standard.
        public var wasServedDearer: Bool
    }

    fileprivate struct Model {
        var outputs = QuantileSketch()
        var inputs = QuantileSketch()
        /// The number of requests that named no tier, since the last one that was served at a dearer tier. Nil: none
        /// was.
        var sinceDearer: Int?
    }

    /// The assumed output while little is known: longer than most answers of models that reason, and far below their
    /// full output (128,000 tokens), which would reserve a dollar or more for each of the first requests.
    public static let outputTokensUnlearned: Int64 = 8192
    /// The assumed input that is not in the body, while little is known.
    public static let inputTokensUnlearned: Int64 = 16_384
    /// How many answers are needed before numbers smaller than those are trusted.
    public static let trustedAnswers: Int64 = 64
    /// After this many requests at no dearer tier, the project's setting is taken to be gone.
    private static let tierMemory = 1024
    /// The most models, and the most pairs of team and model, that are learned: about 1 KiB each.
    private static let limit = 4096

    private struct Place: Hashable {
        var team: String
        var model: String
    }

    private struct State {
        /// For each model, over all teams.
        var models: [String: Model] = [:]
        /// For each model and team.
        var places: [Place: Model] = [:]
    }

    private let state = Mutex(State())

    /// Starts with nothing learned.
    public init() {}

    /// Learns from an answer whose usage is known.
    ///
    /// - Parameters:
    ///   - model: its name in metrics, of which there is a bounded number.
    ///   - team: the team that asked.
    ///   - generations: the number of answers that share the output.
    ///   - requestedTier: the request's `service_tier`.
    ///   - served: the tier that the answer names.
    public func learn(
        model: String,
        team: String,
        inputTokens: Int64,
        outputTokens: Int64,
        generations: Int64 = 1,
        requestedTier: String? = nil,
        served: ServiceTier = .standard
    ) {
        let tier = ServiceTier.isLeftToProject(requestedTier) ? served : nil
        let outputTokens = outputTokens / max(1, generations)
        let place = Place(team: team, model: model)
        state.withLock { state in
            if state.models[model] != nil || state.models.count < Self.limit {
                state.models[model, default: Model()].learn(inputTokens, outputTokens, tier)
            }
            if state.places[place] != nil || state.places.count < Self.limit {
                state.places[place, default: Model()].learn(inputTokens, outputTokens, tier)
            }
        }
    }

    /// What is known about a model for a team.
    public func learned(of model: String, team: String) -> Learned {
        state.withLock { state in
            let own = state.places[Place(team: team, model: model)]
            let all = state.models[model]
            return Learned(
                outputTokens: Self.trusted(own?.outputs, all?.outputs, unlearned: Self.outputTokensUnlearned),
                inputTokens: Self.trusted(own?.inputs, all?.inputs, unlearned: Self.inputTokensUnlearned),
                wasServedDearer: own?.sinceDearer.map { $0 < Self.tierMemory } ?? false
            )
        }
    }

    /// The team's own number once it has enough answers. Before that: the number of all teams if it is smaller than the
    /// assumed one, otherwise the assumed one; and never less than what the team itself has shown already.
    private static func trusted(_ own: QuantileSketch?, _ all: QuantileSketch?, unlearned: Int64) -> Int64 {
        if let own, own.count >= trustedAnswers, let p99 = own.p99 { return max(1, p99) }
        let isKnown = (all?.count ?? 0) >= trustedAnswers
        let shared = isKnown ? min(all?.p99 ?? unlearned, unlearned) : unlearned
        return max(1, shared, own?.p99 ?? 0)
    }
}

extension UsageQuantiles.Model {
    fileprivate mutating func learn(_ inputTokens: Int64, _ outputTokens: Int64, _ tier: ServiceTier?) {
        inputs.insert(inputTokens)
        outputs.insert(outputTokens)
        switch tier {
        case nil: break
        case .priority, .ultrafast: sinceDearer = 0
        case .standard, .flex, .batch: sinceDearer = sinceDearer.map { $0 &+ 1 }
        }
    }
}
