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

/// Members that were met; a bit each, where a `Set` would cost an allocation and a hash.
struct ActedOnMembers: OptionSet {
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }

    init(_ member: ActedOnMember) {
        rawValue =
            switch member {
            case .model: 1 << 0
            case .stream: 1 << 1
            case .streamOptions: 1 << 2
            case .includeUsage: 1 << 3
            case .maxTokens: 1 << 4
            case .maxCompletionTokens: 1 << 5
            case .maxOutputTokens: 1 << 6
            case .n: 1 << 7
            case .bestOf: 1 << 8
            }
    }
}
