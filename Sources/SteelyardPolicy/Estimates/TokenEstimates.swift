import Synchronization

/// How many tokens text makes, and how much a model thinks besides: learned from answers whose usage was stated.
///
/// Estimates need it where no usage comes. Learned numbers beat a tokenizer here: they include what a proxy cannot count
/// (chat framing, tool schemas, hidden reasoning), and there is no vocabulary for new models (`tiktoken` 0.14.0 knows
/// none of gpt-6*). A team's answers teach that team alone, so that no team makes the charges of another dearer or
/// cheaper (docs/decisions/0007).
public final class TokenEstimates: Sendable {
    private struct Place: Hashable {
        var team: String
        var model: String
    }

    fileprivate struct Learned {
        var inputs = RecentCounts<TokenSample>()
        /// Visible text alone.
        var texts = RecentCounts<TokenSample>()
        /// Output that no text shows, of each answer.
        var thoughts = RecentCounts<Int64>()
        /// All output, of each answer.
        var outputs = RecentCounts<Int64>()
    }

    /// Pairs of team and model beyond so many are not learned: about 2 KiB each.
    private static let placeLimit = 4096
    /// Assumed for an answer of which nothing was seen while nothing has been learned.
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

    /// The tokens that so many bytes of request text make, rounded up; at least one, and at most one a byte.
    public func inputTokens(bytes: Int64, team: String, model: String) -> Int64 {
        max(1, line(of: \.inputs, team, model).tokens(bytes: bytes))
    }

    /// The tokens that so many bytes of answer text make, without what the model thought besides.
    public func textTokens(bytes: Int64, team: String, model: String) -> Int64 {
        line(of: \.texts, team, model).tokens(bytes: bytes)
    }

    /// The bytes of answer text that so many tokens make: more bytes than these are more tokens.
    public func textBytes(tokens: Int64, team: String, model: String) -> Int64 {
        line(of: \.texts, team, model).bytes(tokens: tokens)
    }

    /// What most answers of the model have beside their text: reasoning that is billed and not shown. Nil while this
    /// team has had too few answers to tell.
    public func thoughtTokens(team: String, model: String) -> Int64? {
        known(team, model)?.thoughts.upperQuartile
    }

    /// The tokens of an answer of which nothing was seen: no fewer than most answers of this model have had.
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

/// What one answer with a stated usage teaches.
public struct AnswerSample: Hashable, Sendable {
    /// Bytes of the request's text and schemas.
    public var inputBytes: Int64
    /// Input as the provider counted it.
    public var inputTokens: Int64
    /// Bytes of the generated text.
    public var outputBytes: Int64
    /// Output as the provider counted it.
    public var outputTokens: Int64
    /// The part of the output that the provider calls reasoning; some show it as text, most do not.
    public var reasoningTokens: Int64
    /// The answers among which the output is shared.
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

    /// The largest numbers that can be multiplied by a million: far beyond any request.
    private static let limit: Int64 = 1 << 42

    var isPlausible: Bool {
        let counts = [inputBytes, inputTokens, outputBytes, outputTokens, reasoningTokens]
        return counts.allSatisfy { (0...Self.limit).contains($0) } && inputTokens > 0
    }

    /// Output beside the text: what is called reasoning and was not shown, or what text of this length cannot hold.
    ///
    /// Shown reasoning is text that was counted; it makes about a token for four bytes, as other text does.
    var thoughtTokens: Int64 {
        let shown = TokenLine.unlearned.tokens(bytes: outputBytes)
        let called = min(reasoningTokens, max(0, outputTokens - shown))
        return max(called, outputTokens - outputBytes - Self.framingTokens, 0)
    }

    /// The end of a message and of a call are tokens without bytes.
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
