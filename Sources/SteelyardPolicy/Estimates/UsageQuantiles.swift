import Synchronization

/// How long each model's recent prompts and answers were at most, all but one in a hundred; learned from answers whose
/// usage was seen.
///
/// What is set aside for a request must be neither the mean, which half of all answers exceed, nor all the model can put
/// out, which is a hundred times what most of them are and locks teams out with money left.
///
/// A team's own answers count as soon as there are enough of them. Until then, those of all teams make the hold smaller
/// or leave it as it is assumed, and never make it larger: no team can lock out another by long answers.
public final class UsageQuantiles: Sendable {
    /// What has been learned of one model, as of now.
    public struct Learned: Hashable, Sendable {
        /// Output tokens of one answer.
        public var outputTokens: Int64
        /// Input tokens of one request.
        public var inputTokens: Int64
        /// Whether requests that left the tier to the project were served at one dearer than standard.
        public var wasServedDearer: Bool
    }

    fileprivate struct Model {
        var outputs = QuantileSketch()
        var inputs = QuantileSketch()
        /// Requests that named no tier, since one of them was last served at a dearer one; nil: none was.
        var sinceDearer: Int?
    }

    /// Assumed while little is known: longer than most answers of models that think, far below their full output
    /// (128,000 tokens), which would set aside a dollar and more for each of the first requests.
    public static let outputTokensUnlearned: Int64 = 8192
    /// Assumed of input that is not in the body, while little is known.
    public static let inputTokensUnlearned: Int64 = 16_384
    /// So many answers are needed before fewer tokens than those are believed.
    public static let trustedAnswers: Int64 = 64
    /// A project's setting is taken to be gone after so many requests without a sign of it.
    private static let tierMemory = 1024
    /// Models, and pairs of team and model, beyond so many are not learned: about 1 KiB each.
    private static let limit = 4096

    private struct Place: Hashable {
        var team: String
        var model: String
    }

    private struct State {
        /// Of all teams.
        var models: [String: Model] = [:]
        /// Of one team each.
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
    ///   - generations: the answers among which the output is shared.
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

    /// What is known of a model for a team.
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

    /// The team's own number once it has enough answers. Before, that of all teams where it is smaller than what is
    /// assumed, and in any case what the team itself has shown already.
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
