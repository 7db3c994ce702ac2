import Synchronization

/// How long each model's recent prompts and answers were at most, all but one in a hundred; learned from answers whose
/// usage was seen.
///
/// What is set aside for a request must be neither the mean, which half of all answers exceed, nor all the model can put
/// out, which is a hundred times what most of them are and locks teams out with money left.
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
    /// Models beyond this many are as unknown ones.
    private static let modelLimit = 2048

    private let models = Mutex<[String: Model]>([:])

    /// Starts with nothing learned.
    public init() {}

    /// Learns from an answer whose usage is known.
    ///
    /// - Parameters:
    ///   - model: its name in metrics, of which there is a bounded number.
    ///   - generations: the answers among which the output is shared.
    ///   - requestedTier: the request's `service_tier`.
    ///   - served: the tier that the answer names.
    public func learn(
        model: String,
        inputTokens: Int64,
        outputTokens: Int64,
        generations: Int64 = 1,
        requestedTier: String? = nil,
        served: ServiceTier = .standard
    ) {
        models.withLock { models in
            guard models[model] != nil || models.count < Self.modelLimit else { return }
            let tier = ServiceTier.isLeftToProject(requestedTier) ? served : nil
            models[model, default: Model()].learn(inputTokens, outputTokens / max(1, generations), tier)
        }
    }

    /// What is known of a model.
    public func learned(of model: String) -> Learned {
        models.withLock { models in
            guard let known = models[model] else { return Self.nothing }
            return Learned(
                outputTokens: Self.trusted(known.outputs, unlearned: Self.outputTokensUnlearned),
                inputTokens: Self.trusted(known.inputs, unlearned: Self.inputTokensUnlearned),
                wasServedDearer: known.sinceDearer.map { $0 < Self.tierMemory } ?? false
            )
        }
    }

    private static let nothing = Learned(
        outputTokens: outputTokensUnlearned,
        inputTokens: inputTokensUnlearned,
        wasServedDearer: false
    )

    private static func trusted(_ sketch: borrowing QuantileSketch, unlearned: Int64) -> Int64 {
        guard let p99 = sketch.p99 else { return unlearned }
        return sketch.count < trustedAnswers ? max(p99, unlearned) : max(1, p99)
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
