/// Why the body of a metered request is refused with 400 although it may be JSON.
public enum RequestBodyDefect: Error, Sendable, Equatable {
    /// A member we act on comes twice in one object: parsers differ over which of the two counts, so the request that
    /// was admitted need not be the one that is served.
    case ambiguous(ActedOnMember)
    /// Values nest deeper than ``RequestBody/depthLimit``.
    case tooDeep
}

/// The members of a request body that decide about money, and so may come once.
public enum ActedOnMember: String, Sendable, CaseIterable {
    case model
    case stream
    case streamOptions = "stream_options"
    case includeUsage = "include_usage"
    case maxTokens = "max_tokens"
    case maxCompletionTokens = "max_completion_tokens"
    case maxOutputTokens = "max_output_tokens"
    case n
    case bestOf = "best_of"
}
