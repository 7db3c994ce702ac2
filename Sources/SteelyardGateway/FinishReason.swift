/// Finish reasons as label values: a closed list, because the word comes from the wire.
enum FinishReason: String, CaseIterable {
    case stop
    case length
    case toolCalls = "tool_calls"
    case contentFilter = "content_filter"
    case functionCall = "function_call"
    case maxOutputTokens = "max_output_tokens"
    case error
    /// Any other.
    case other

    /// The reason for a provider's word.
    init(fromWire word: String) { self = FinishReason(rawValue: word) ?? .other }

    /// Its place in ``allCases``.
    var index: Int {
        switch self {
        case .stop: 0
        case .length: 1
        case .toolCalls: 2
        case .contentFilter: 3
        case .functionCall: 4
        case .maxOutputTokens: 5
        case .error: 6
        case .other: 7
        }
    }

    /// A set of them.
    struct Kinds {
        private var bits: UInt8 = 0

        /// Adds the reason. Returns whether it was not in the set before.
        mutating func insert(_ reason: FinishReason) -> Bool {
            defer { bits |= 1 << reason.index }
            return bits & (1 << reason.index) == 0
        }
    }
}
