/// The token counts of one answer as providers report them: totals with parts *inside* them.
///
/// A count that was not reported is 0. Sources: OpenAI's `CompletionUsage`, `ResponseUsage`, transcription, image and
/// realtime usage objects.
public struct TokenCounts: Hashable, Sendable {
    /// All prompt tokens (`prompt_tokens`, `input_tokens`).
    public var prompt: Int64 = 0
    /// Prompt tokens read from the cache, of any kind (`cached_tokens`).
    public var cached: Int64 = 0
    /// Prompt tokens written to the cache for the short duration (`cache_write_tokens` minus the long ones).
    public var cacheWrite: Int64 = 0
    /// Prompt tokens written to the cache for the long duration (`ttl_12h_tokens`).
    public var cacheWriteLong: Int64 = 0
    /// Audio tokens of the prompt, including cached ones.
    public var audioInput: Int64 = 0
    /// Audio tokens among ``cached`` (`cached_tokens_details.audio_tokens`).
    public var cachedAudio: Int64 = 0
    /// Image tokens of the prompt, including cached ones.
    public var imageInput: Int64 = 0
    /// Image tokens among ``cached``.
    public var cachedImage: Int64 = 0
    /// All answer tokens (`completion_tokens`, `output_tokens`).
    public var completion: Int64 = 0
    /// Reasoning tokens, inside ``completion``.
    public var reasoning: Int64 = 0
    /// Audio tokens inside ``completion``.
    public var audioOutput: Int64 = 0
    /// Image tokens inside ``completion``.
    public var imageOutput: Int64 = 0
    /// The provider's own total, if it sent one. It only shows whether reasoning was left out of ``completion``.
    public var total: Int64?

    /// All counts at zero.
    public init() {}
}

/// Whether a dialect's prompt total includes its cache tokens.
public enum PromptCounting: Hashable, Sendable {
    /// The total is the whole prompt: OpenAI and Gemini.
    case includesCache
    /// The total excludes tokens read from or written to the cache: Anthropic.
    case excludesCache
}
