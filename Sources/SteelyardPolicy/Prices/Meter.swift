/// What a provider charges for. The meters of one request are added up; none excludes another.
///
/// Token meters are disjoint: a cached audio token counts only under ``cachedAudioInput``.
public enum Meter: UInt8, CaseIterable, Sendable {
    /// Fresh prompt tokens: text, and everything that the model does not price separately.
    case input
    /// Prompt tokens read from the provider's cache, other than audio and images.
    case cachedInput
    /// Prompt tokens written to the cache for the short duration (30 minutes at OpenAI, 5 at Anthropic).
    case cacheWrite
    /// Prompt tokens written to the cache for the long duration (12 hours at OpenAI, 1 at Anthropic).
    case cacheWriteLong
    /// Answer tokens: text.
    case output
    /// Reasoning tokens of the answer; billed as ``output`` unless the model prices them separately.
    case reasoning
    /// Fresh audio tokens of the prompt.
    case audioInput
    /// Audio tokens of the prompt read from the cache.
    case cachedAudioInput
    /// Audio tokens of the answer.
    case audioOutput
    /// Fresh image tokens of the prompt.
    case imageInput
    /// Image tokens of the prompt read from the cache.
    case cachedImageInput
    /// Image tokens of the answer.
    case imageOutput
    /// Length of audio or video, counted in **microseconds** and priced per second or minute.
    case duration
    /// Characters of text turned into speech.
    case characters
    /// Images, for models with a price per image.
    case images
    /// Searches run by the `web_search` tool.
    case webSearchCalls
    /// Searches run by the older `web_search_preview` tool, which costs more with models that do not reason.
    case webSearchPreviewCalls
    /// Searches of a vector store run by the `file_search` tool.
    case fileSearchCalls
    /// Sessions of 20 minutes in containers with 1 GB, where code and shell commands run.
    case containerSessions
    /// The same with 4 GB.
    case containerSessions4G
    /// The same with 16 GB.
    case containerSessions16G
    /// The same with 64 GB.
    case containerSessions64G
    /// Searches of a model that searches for every request and does not say how often; one search per request is
    /// assumed.
    case assumedSearches
}

extension Meter {
    /// How a meter is priced.
    public enum Family: Sendable {
        /// Tokens: priced per million, by tier and context length, and raised by a regional uplift.
        case tokens
        /// Another quantity of the request itself, with no uplift.
        case units
        /// A fee for a hosted tool: the same at every tier, with no uplift.
        case fees
    }

    /// How this meter is priced.
    public var family: Family {
        switch self {
        case .input, .cachedInput, .cacheWrite, .cacheWriteLong, .output, .reasoning, .audioInput, .cachedAudioInput,
            .audioOutput, .imageInput, .cachedImageInput, .imageOutput:
            .tokens
        case .duration, .characters, .images: .units
        case .webSearchCalls, .webSearchPreviewCalls, .fileSearchCalls, .containerSessions, .containerSessions4G,
            .containerSessions16G, .containerSessions64G, .assumedSearches:
            .fees
        }
    }

    /// The meter's column in a price book.
    public var column: String {
        switch self {
        case .input: "input"
        case .cachedInput: "cached"
        case .cacheWrite: "write"
        case .cacheWriteLong: "write-long"
        case .output: "output"
        case .reasoning: "reasoning"
        case .audioInput: "audio-in"
        case .cachedAudioInput: "audio-cached"
        case .audioOutput: "audio-out"
        case .imageInput: "image-in"
        case .cachedImageInput: "image-cached"
        case .imageOutput: "image-out"
        case .duration: "seconds"
        case .characters: "characters"
        case .images: "images"
        case .webSearchCalls: "web-search"
        case .webSearchPreviewCalls: "web-search-preview"
        case .fileSearchCalls: "file-search"
        case .containerSessions: "container"
        case .containerSessions4G: "container-4g"
        case .containerSessions16G: "container-16g"
        case .containerSessions64G: "container-64g"
        case .assumedSearches: "assumed-search"
        }
    }

    /// The meter of a price book's column; nil for a word that names none.
    public init?(column: some StringProtocol) {
        guard let meter = Self.allCases.first(where: { $0.column == column }) else { return nil }
        self = meter
    }

    /// How many of the meter's counts make one unit of the column: a `seconds` price is per 1,000,000 µs.
    var countsPerUnit: Int64 { self == .duration ? 1_000_000 : 1 }
}
