import SteelyardPolicy
import SteelyardWire

extension Meters {
    /// The provider's usage as disjoint quantities, which can be priced.
    ///
    /// With `longCacheWrites`, cache writes without a stated split count as the long ones, which cost more
    /// (`prompt_cache_options.ttl: 12h`). With `outputIsImages`, output without a stated split counts as pictures (the
    /// images endpoints leave `output_tokens_details` out: openai-openapi, `ImagesResponse`).
    init(_ usage: UsageReading, longCacheWrites: Bool, outputIsImages: Bool) {
        var counts = TokenCounts(usage, longCacheWrites: longCacheWrites)
        if outputIsImages, usage.imageOutputTokens == nil, usage.textOutputTokens == nil {
            counts.imageOutput = counts.completion
        }
        self.init(
            counts,
            prompt: usage.inputExcludesCache ? .excludesCache : .includesCache
        )
        self[.duration] = usage.durationMicroseconds ?? 0
    }

    /// An estimate: text in, text out.
    init(estimate tokens: TokenAmounts) {
        self.init(promptTokens: tokens.prompt)
        self[.input] = tokens.prompt
        self[.output] = tokens.completion
    }
}

extension TokenCounts {
    /// The counts as the meter has read them. The reader has already added reasoning that is stated outside the
    /// completion.
    fileprivate init(_ usage: UsageReading, longCacheWrites: Bool) {
        self.init()
        // The tokens that tools were prompted with are stated beside the input and billed with it (Gemini).
        prompt = (usage.inputTokens ?? 0) &+ (usage.toolPromptTokens ?? 0)
        cached = usage.cachedInputTokens ?? 0
        let written = usage.cacheWriteTokens ?? 0
        cacheWriteLong = usage.cacheWriteLongTokens ?? (longCacheWrites ? written : 0)
        cacheWrite = max(0, written - cacheWriteLong)
        audioInput = usage.audioInputTokens ?? 0
        cachedAudio = usage.cachedAudioInputTokens ?? 0
        imageInput = usage.imageInputTokens ?? 0
        cachedImage = usage.cachedImageInputTokens ?? 0
        completion = usage.outputTokens ?? 0
        reasoning = usage.reasoningTokens ?? 0
        audioOutput = usage.audioOutputTokens ?? 0
        imageOutput = usage.imageOutputTokens ?? 0
    }
}

/// Tokens as they are counted in metrics and log: totals, and parts inside them.
public struct TokenAmounts: Hashable, Sendable {
    /// All of the prompt, cached tokens included.
    public var prompt: Int64 = 0
    /// All of the answer.
    public var completion: Int64 = 0
    /// The provider's own total, else the sum.
    public var total: Int64 = 0
    /// Parts inside prompt and completion, by name; zero ones are left out.
    public var details: [(detail: TokenDetail, count: Int64)] {
        TokenDetail.allCases.compactMap { parts[$0.rawValue] > 0 ? ($0, parts[$0.rawValue]) : nil }
    }

    private var parts = InlineArray<8, Int64>(repeating: 0)

    /// Counts nothing.
    public init() {}

    /// The count of one part; 0 when it was not stated.
    public subscript(detail: TokenDetail) -> Int64 { parts[detail.rawValue] }

    /// Counts of an estimate.
    init(prompt: Int64, completion: Int64) {
        self.prompt = prompt
        self.completion = completion
        total = prompt &+ completion
    }

    /// The counts that a usage states, plus what it leaves out.
    init(_ usage: UsageReading, unsaidInput: Int64 = 0, unsaidOutput: Int64 = 0) {
        prompt = (usage.allInputTokens ?? 0) &+ unsaidInput
        completion = (usage.outputTokens ?? 0) &+ unsaidOutput
        let isWhole = unsaidInput == 0 && unsaidOutput == 0
        total =
            isWhole ? usage.totalTokens ?? (prompt &+ completion) : max(usage.totalTokens ?? 0, prompt &+ completion)
        let stated = [
            usage.cachedInputTokens, usage.cacheWriteTokens, usage.reasoningTokens, usage.audioInputTokens,
            usage.audioOutputTokens, usage.imageInputTokens, usage.imageOutputTokens, usage.rejectedPredictionTokens,
        ]
        for (index, count) in stated.enumerated() { parts[index] = count ?? 0 }
    }

    /// Compares all counts.
    public static func == (left: TokenAmounts, right: TokenAmounts) -> Bool {
        (left.prompt, left.completion, left.total) == (right.prompt, right.completion, right.total)
            && TokenDetail.allCases.allSatisfy { left[$0] == right[$0] }
    }

    /// Hashes the totals.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(prompt)
        hasher.combine(completion)
        hasher.combine(total)
    }
}

/// The values of the label `detail`, in the order in which they are stored.
public enum TokenDetail: Int, Sendable, CaseIterable {
    case cached
    case cacheWrite
    case reasoning
    case audioInput
    case audioOutput
    case imageInput
    case imageOutput
    case rejectedPrediction

    /// The label value.
    public var label: String {
        switch self {
        case .cached: "cached"
        case .cacheWrite: "cache_write"
        case .reasoning: "reasoning"
        case .audioInput: "audio_input"
        case .audioOutput: "audio_output"
        case .imageInput: "image_input"
        case .imageOutput: "image_output"
        case .rejectedPrediction: "rejected_prediction"
        }
    }
}
