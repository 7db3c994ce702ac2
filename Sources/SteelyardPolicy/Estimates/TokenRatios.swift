import Synchronization

/// How many bytes a token of each model takes, in and out, learned from the answers whose usage was seen.
///
/// Estimates need it when no usage comes. A ratio per model and direction beats a tokenizer here: it includes what a
/// proxy cannot count (chat framing, tool schemas, hidden reasoning), and there is no vocabulary for new models
/// (`tiktoken` 0.14.0 knows none of gpt-6*).
public final class TokenRatios: Sendable {
    /// What has been learned of one model; sums fade so that the last few hundred answers count.
    fileprivate struct Learned {
        var inputBytes: Int64 = 0
        var inputTokens: Int64 = 0
        /// Of answers with text: what says nothing in bytes (a picture, thoughts cut short) would spoil the ratio.
        var outputBytes: Int64 = 0
        var outputTokens: Int64 = 0
        /// Of all answers.
        var answeredTokens: Int64 = 0
        var answers: Int64 = 0
    }

    /// An answer's sums are halved when they pass this many tokens.
    private static let fadingTokens: Int64 = 1 << 22
    /// Models beyond this many share what is known of none.
    private static let modelLimit = 2048
    /// English text in OpenAI's vocabularies takes about four bytes a token (platform.openai.com/tokenizer).
    private static let bytesPerTokenUnlearned: Int64 = 4
    /// Assumed for an answer of which nothing was seen while nothing has been learned.
    private static let outputTokensUnlearned: Int64 = 256

    private let models = Mutex<[String: Learned]>([:])

    /// Starts with nothing learned.
    public init() {}

    /// Learns from an answer whose usage is known; bytes are those of the request's text and the answer's text.
    public func learn(model: String, inputBytes: Int64, inputTokens: Int64, outputBytes: Int64, outputTokens: Int64) {
        guard inputBytes > 0, inputTokens > 0, outputBytes >= 0, outputTokens >= 0 else { return }
        models.withLock { models in
            guard models[model] != nil || models.count < Self.modelLimit else { return }
            var learned = models[model] ?? Learned()
            learned.add(inputBytes, inputTokens, outputBytes, outputTokens)
            if learned.inputTokens &+ learned.answeredTokens > Self.fadingTokens { learned.fade() }
            models[model] = learned
        }
    }

    /// The tokens that `inputBytes` of request text make, rounded up; at least one.
    public func inputTokens(model: String, bytes: Int64) -> Int64 {
        let learned = models.withLock { $0[model] }
        return max(1, tokens(bytes, learned?.inputBytes, learned?.inputTokens))
    }

    /// The tokens that `outputBytes` of answer text make, hidden reasoning included as far as it has been learned.
    public func outputTokens(model: String, bytes: Int64) -> Int64 {
        let learned = models.withLock { $0[model] }
        return tokens(bytes, learned?.outputBytes, learned?.outputTokens)
    }

    /// The bytes of answer text that so many tokens make: more bytes than these are more tokens.
    public func outputBytes(model: String, tokens: Int64) -> Int64 {
        let learned = models.withLock { $0[model] }
        guard let learned, learned.outputBytes > 0, learned.outputTokens > 0 else {
            return tokens.multipliedClamped(by: Self.bytesPerTokenUnlearned)
        }
        return Int64(clamping: Int128(tokens) * Int128(learned.outputBytes) / Int128(learned.outputTokens))
    }

    /// The tokens of an answer of which nothing was seen: the mean of this model's recent answers.
    public func unseenOutputTokens(model: String) -> Int64 {
        guard let learned = models.withLock({ $0[model] }), learned.answers > 0 else {
            return Self.outputTokensUnlearned
        }
        return max(1, learned.answeredTokens / learned.answers)
    }

    private func tokens(_ bytes: Int64, _ knownBytes: Int64?, _ knownTokens: Int64?) -> Int64 {
        guard let knownBytes, let knownTokens, knownBytes > 0, knownTokens > 0 else {
            return bytes / Self.bytesPerTokenUnlearned + (bytes % Self.bytesPerTokenUnlearned == 0 ? 0 : 1)
        }
        let scaled = (Int128(bytes) * Int128(knownTokens) + Int128(knownBytes) - 1) / Int128(knownBytes)
        return Int64(clamping: scaled)
    }
}

extension TokenRatios.Learned {
    fileprivate mutating func add(_ inBytes: Int64, _ inTokens: Int64, _ outBytes: Int64, _ outTokens: Int64) {
        inputBytes &+= inBytes
        inputTokens &+= inTokens
        answeredTokens &+= outTokens
        answers &+= 1
        guard outBytes > 0 else { return }
        outputBytes &+= outBytes
        outputTokens &+= outTokens
    }

    fileprivate mutating func fade() {
        inputBytes /= 2
        inputTokens /= 2
        outputBytes /= 2
        outputTokens /= 2
        answeredTokens /= 2
        answers = (answers &+ 1) / 2
    }
}
