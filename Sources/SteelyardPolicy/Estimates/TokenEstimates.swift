import Synchronization

/// How many tokens text makes, and how many hidden tokens a model adds. It is learned from answers whose usage was
/// stated.
///
/// The estimates are used when no usage comes. Learned numbers are better than a tokenizer here: they include what a
/// proxy cannot count (chat framing, tool schemas, hidden reasoning), and new models have no public vocabulary
/// (`tiktoken` 0.14.0 knows none of gpt-6*). Each team's estimates use only its own answers, so that no team makes the
/// charges of another dearer or cheaper (docs/decisions/0007).
public final class TokenEstimates: Sendable {
    private struct Place: Hashable {
        var team: String
        var model: String
    }

    fileprivate struct Learned {
        var inputs = RecentCounts<TokenSample>()
        /// Visible text only.
        var texts = RecentCounts<TokenSample>()
        /// Hidden output, which no text shows, per answer.
        var thoughts = RecentCounts<Int64>()
        /// All output, per answer.
        var outputs = RecentCounts<Int64>()
    }

    /// The most pairs of team and model that are learned: about 2 KiB each.
    private static let placeLimit = 4096
    /// The assumed output of an answer of which nothing was seen, while nothing has been learned.
    private static let outputTokensUnlearned: Int64 = 256

    private let places = Mutex<[Place: Learned]>([:])

    /// Starts with nothing learned.
    public init() {}

    /// Learns from an answer whose usage is known.
    public func learn(_ sample: AnswerSample, team: String, model: String) {
        guard sample.isPlausible else { return }
        let place = Place(team: team, model: model)
        places.withLock { places in
            guard places[place] != nil || places.count < Self.placeLimit else { return }
            places[place, default: Learned()].learn(sample)
        }
    }

    /// The number of tokens in this many bytes of request text, rounded up; at least one, and at most one a byte.
    public func inputTokens(bytes: Int64, team: String, model: String) -> Int64 {
        max(1, line(of: \.inputs, team, model).tokens(bytes: bytes))
    }

    /// The number of tokens in this many bytes of answer text, without hidden reasoning.
    public func textTokens(bytes: Int64, team: String, model: String) -> Int64 {
        line(of: \.texts, team, model).tokens(bytes: bytes)
    }

    /// The number of bytes that this many tokens of answer text make. More bytes than that are more tokens.
    public func textBytes(tokens: Int64, team: String, model: String) -> Int64 {
        line(of: \.texts, team, model).bytes(tokens: tokens)
    }

    /// The hidden tokens that most answers of the model have besides their text: reasoning that is billed and not
    /// shown. Nil while this team has had too few answers.
    public func thoughtTokens(team: String, model: String) -> Int64? {
        known(team, model)?.thoughts.upperQuartile
    }

    /// The tokens to assume for an answer of which nothing was seen: no fewer than most answers of this model have.
    public func unseenTokens(team: String, model: String) -> Int64 {
        max(1, known(team, model)?.outputs.upperQuartile ?? Self.outputTokensUnlearned)
    }

    private func known(_ team: String, _ model: String) -> Learned? {
        places.withLock { $0[Place(team: team, model: model)] }
    }

    private func line(
        of samples: KeyPath<Learned, RecentCounts<TokenSample>>,
        _ team: String,
        _ model: String
    ) -> TokenLine {
        guard let known = known(team, model) else { return .unlearned }
        return TokenLine(known[keyPath: samples].elements)
    }
}

/// What can be learned from one answer with a stated usage.
public struct AnswerSample: Hashable, Sendable {
    /// Bytes of the request's text and schemas.
    public var inputBytes: Int64
    /// Input as the provider counted it.
    public var inputTokens: Int64
    /// Bytes of the generated text.
    public var outputBytes: Int64
    /// Output as the provider counted it.
    public var outputTokens: Int64
    /// The part of the output that the provider calls reasoning. Some providers show it as text, most do not.
    public var reasoningTokens: Int64
    /// The number of answers that share the output.
    public var generations: Int64

    /// Makes a sample.
    public init(
        inputBytes: Int64,
        inputTokens: Int64,
        outputBytes: Int64,
        outputTokens: Int64,
        reasoningTokens: Int64 = 0,
        generations: Int64 = 1
    ) {
        self.inputBytes = inputBytes
        self.inputTokens = inputTokens
        self.outputBytes = outputBytes
        self.outputTokens = outputTokens
        self.reasoningTokens = reasoningTokens
        self.generations = max(1, generations)
    }

    /// The largest count that is accepted: it can be multiplied by a million, and is far beyond any request.
    private static let limit: Int64 = 1 << 42

    var isPlausible: Bool {
        let counts = [inputBytes, inputTokens, outputBytes, outputTokens, reasoningTokens]
        return counts.allSatisfy { (0...Self.limit).contains($0) } && inputTokens > 0
    }

    /// Hidden output besides the text: what the provider calls reasoning and did not show, or the tokens that text of
    /// this length cannot contain.
    ///
    /// Reasoning that was shown is part of the counted text. It makes about one token for four bytes, as other text
    /// does.
    var thoughtTokens: Int64 {
        let shown = TokenLine.unlearned.tokens(bytes: outputBytes)
        let called = min(reasoningTokens, max(0, outputTokens - shown))
        return max(called, outputTokens - outputBytes - Self.framingTokens, 0)
    }

    /// The end of a message and the end of a call are tokens without bytes.
    private static let framingTokens: Int64 = 16
}

extension TokenEstimates.Learned {
    fileprivate mutating func learn(_ sample: AnswerSample) {
        if sample.inputBytes > 0 { inputs.insert(TokenSample(bytes: sample.inputBytes, tokens: sample.inputTokens)) }
        let thoughtTokens = sample.thoughtTokens
        thoughts.insert(thoughtTokens / sample.generations)
        outputs.insert(sample.outputTokens / sample.generations)
        guard sample.outputBytes > 0 else { return }
        texts.insert(TokenSample(bytes: sample.outputBytes, tokens: max(0, sample.outputTokens - thoughtTokens)))
    }
}
