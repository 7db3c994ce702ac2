/// A straight line from the bytes of a text to its tokens: a fixed part, and an amount for each byte.
///
/// The fixed part covers what comes with every request and is not in its text, such as chat framing and hidden system
/// prompts. Without it, one short greeting (8 tokens for 6 bytes) would teach more than one token per byte.
struct TokenLine: Hashable {
    /// English text in OpenAI's vocabularies takes about four bytes a token (platform.openai.com/tokenizer).
    static let unlearned = TokenLine(fixedTokens: 0, microtokensPerByte: 250_000)

    /// Tokens that come with every text.
    var fixedTokens: Int64
    /// Millionths of a token for each byte.
    var microtokensPerByte: Int64

    /// The tokens of this many bytes, rounded up; at most one a byte, because no tokenizer that works on bytes makes
    /// more.
    func tokens(bytes: Int64) -> Int64 {
        let scaled = (Int128(max(0, bytes)) * Int128(microtokensPerByte) + 999_999) / 1_000_000
        return min(max(0, bytes), Int64(clamping: scaled + Int128(fixedTokens)))
    }

    /// The bytes that this many tokens make. More bytes than that are more tokens.
    func bytes(tokens: Int64) -> Int64 {
        let scaled = Int128(max(0, tokens - fixedTokens)) * 1_000_000 / Int128(max(1, microtokensPerByte))
        return max(tokens, Int64(clamping: scaled))
    }
}

/// One text whose tokens the provider counted.
struct TokenSample: Hashable {
    var bytes: Int64
    var tokens: Int64
}

extension TokenLine {
    /// The bounds of a learned slope: one token for five bytes, which English comes close to, and one token for each
    /// byte. Text with fewer tokens per byte is made on purpose, such as a thousand spaces that are one token.
    private static let slopes: ClosedRange<Int64> = 200_000...1_000_000
    private static let fixedLimit: Int64 = 512
    /// The largest weight of one text: a longer text has this weight too, so that a single long one decides nothing.
    private static let weightLimit: Int64 = 4096
    /// The weight of the assumed slope: that of two long texts.
    private static let assumedWeight: Int64 = 2 * weightLimit

    /// The line through these samples.
    ///
    /// Both parts are medians, so that outliers move neither while they are fewer than half. Slopes are weighted by
    /// length, because short texts say nothing about them.
    init(_ samples: [TokenSample]) {
        self = .unlearned
        guard !samples.isEmpty else { return }
        // The parts depend on each other. After four rounds they change by less than a tenth (TokenEstimatesTests).
        for _ in 0..<4 {
            microtokensPerByte = Self.slope(samples, fixedTokens: fixedTokens)
            fixedTokens = Self.fixedTokens(samples, microtokensPerByte)
        }
    }

    private static func slope(_ samples: [TokenSample], fixedTokens: Int64) -> Int64 {
        var slopes = samples.map { sample in
            (
                slope: (max(0, sample.tokens - fixedTokens) * 1_000_000) / sample.bytes,
                weight: min(sample.bytes, weightLimit)
            )
        }
        slopes.append((unlearned.microtokensPerByte, assumedWeight))
        slopes.sort { $0.slope < $1.slope }
        var rest = slopes.reduce(0) { $0 + $1.weight } / 2
        for (slope, weight) in slopes {
            rest -= weight
            if rest < 0 { return min(max(slope, Self.slopes.lowerBound), Self.slopes.upperBound) }
        }
        return unlearned.microtokensPerByte
    }

    /// The tokens that the shortest texts have beyond their share for bytes. In long texts this part is too small to
    /// see.
    private static func fixedTokens(_ samples: [TokenSample], _ microtokensPerByte: Int64) -> Int64 {
        let shortest = samples.sorted { $0.bytes < $1.bytes }.prefix(max(3, samples.count / 4))
        var rests = shortest.map { $0.tokens - $0.bytes * microtokensPerByte / 1_000_000 }
        // While there are few samples, the assumption that there is no fixed part outvotes them.
        rests += [0, 0]
        rests.sort()
        return min(max(0, rests[rests.count / 2]), fixedLimit)
    }
}
