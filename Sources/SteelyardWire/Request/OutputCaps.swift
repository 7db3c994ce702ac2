/// What a request says in the three members that can cap its output; which of them count is for its endpoint to say.
///
/// Nil is absent or `null`. `Int64.max` is no cap: zero, a negative number (llama.cpp takes −1 for "no limit"), or what
/// only some servers take for a number.
public struct OutputCaps: Sendable, Equatable {
    /// `max_tokens`.
    public internal(set) var maxTokens: Int64?
    /// `max_completion_tokens`.
    public internal(set) var maxCompletionTokens: Int64?
    /// `max_output_tokens`.
    public internal(set) var maxOutputTokens: Int64?

    /// The cap among some of them: the largest, since servers differ over which of two counts; nil when there is none,
    /// or one of them is open.
    public static func largest(_ caps: Int64?...) -> Int64? {
        let largest = caps.lazy.compactMap(\.self).max()
        return largest == .max ? nil : largest
    }
}

extension OutputCaps {
    mutating func note(_ cap: Int64, of member: ActedOnMember) {
        switch member {
        case .maxTokens: maxTokens = cap
        case .maxCompletionTokens: maxCompletionTokens = cap
        case .maxOutputTokens: maxOutputTokens = cap
        default: break
        }
    }
}

extension Span<UInt8> {
    /// The cap that a word means; of a fraction, servers may make the next number.
    var outputCap: Int64 {
        guard let number = wholeNumber, number.value > 0 || !number.isExact else { return .max }
        return number.isExact || number.value == .max ? number.value : number.value + 1
    }
}
