/// What a request says in the three members that can cap its output. Its endpoint decides which of them count.
///
/// Nil means absent or `null`. `Int64.max` means no cap: zero, a negative number (llama.cpp takes −1 for "no limit"),
/// or a value that only some servers take for a number.
public struct OutputCaps: Sendable, Equatable {
    /// `max_tokens`.
    public internal(set) var maxTokens: Int64?
    /// `max_completion_tokens`.
    public internal(set) var maxCompletionTokens: Int64?
    /// `max_output_tokens`.
    public internal(set) var maxOutputTokens: Int64?

    /// The cap that applies among some of them: the largest, since servers differ over which of two counts. Nil when
    /// there is none, or when one of them means no cap.
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
    /// The cap that a word means. Servers may round a fraction up to the next number, so this does too.
    var outputCap: Int64 {
        guard let number = wholeNumber, number.value > 0 || !number.isExact else { return .max }
        return number.isExact || number.value == .max ? number.value : number.value + 1
    }
}
