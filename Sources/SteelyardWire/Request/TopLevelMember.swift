/// What a top-level member of a request body is read for.
enum TopLevelMember {
    /// It decides about money, and may come once.
    case actedOn(ActedOnMember)
    /// It holds what the model is to read.
    case input(InputMember)
    /// It is sent to the model as it is.
    case schema
    case tools
    case webSearchOptions
    case serviceTier
    case background
    case promptCacheOptions
    case storedInput
    /// How long a video shall be.
    case seconds
    case other
}

/// The members that hold what the model is to read.
enum InputMember {
    /// Chat: an array of messages.
    case messages
    /// Responses and embeddings: text, texts, token ids, or items.
    case input
    /// Legacy completions: text, texts or token ids. Responses: an object that names a stored prompt.
    case prompt
    /// Text beside the others.
    case text
}

extension TopLevelMember {
    /// The role of a key, however it is escaped.
    init(_ key: QuotedText, _ bytes: Span<UInt8>) {
        guard !key.isEscaped else {
            let name = bytes.unescaped(key.range)
            self = TopLevelMember(name: name.span)
            return
        }
        self = TopLevelMember(name: bytes.extracting(key.range))
    }

    private init(name: Span<UInt8>) {
        self = Self.names.first { name.isExactly($0.name) }?.role ?? .other
    }

    private static let names: [(name: StaticString, role: TopLevelMember)] = [
        ("model", .actedOn(.model)),
        ("stream", .actedOn(.stream)),
        ("stream_options", .actedOn(.streamOptions)),
        ("max_tokens", .actedOn(.maxTokens)),
        ("max_completion_tokens", .actedOn(.maxCompletionTokens)),
        ("max_output_tokens", .actedOn(.maxOutputTokens)),
        ("n", .actedOn(.n)),
        ("best_of", .actedOn(.bestOf)),
        ("messages", .input(.messages)),
        ("input", .input(.input)),
        ("prompt", .input(.prompt)),
        ("suffix", .input(.text)),
        ("instructions", .input(.text)),
        ("tools", .tools),
        ("functions", .schema),
        ("response_format", .schema),
        ("text", .schema),
        ("web_search_options", .webSearchOptions),
        ("service_tier", .serviceTier),
        ("background", .background),
        ("prompt_cache_options", .promptCacheOptions),
        ("previous_response_id", .storedInput),
        ("conversation", .storedInput),
        ("seconds", .seconds),
    ]
}
