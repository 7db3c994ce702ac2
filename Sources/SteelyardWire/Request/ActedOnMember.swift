/// The members of a request body that decide about money. Each may come only once (docs/decisions/0018).
public enum ActedOnMember: UInt8, Sendable, CaseIterable {
    case model
    case messages
    case input
    case prompt
    case stream
    case streamOptions
    case tools
    case maxTokens
    case maxCompletionTokens
    case maxOutputTokens
    case n
    case bestOf
    case serviceTier
    case background
    case instructions
    case text
    case functions
    case responseFormat
    case webSearchOptions
    case previousResponseID
    case conversation
    case promptCacheOptions
    case suffix
    case thread
    case assistantID
    case additionalInstructions
    case additionalMessages
    case toolOutputs
    case images
    case mask
    case inputReference
    case size
    case quality
    case seconds
    /// In `stream_options`.
    case includeUsage
    /// In `prompt_cache_options`.
    case ttl

    /// Its name in the JSON text.
    public var name: StaticString {
        switch self {
        case .model: "model"
        case .messages: "messages"
        case .input: "input"
        case .prompt: "prompt"
        case .stream: "stream"
        case .streamOptions: "stream_options"
        case .tools: "tools"
        case .maxTokens: "max_tokens"
        case .maxCompletionTokens: "max_completion_tokens"
        case .maxOutputTokens: "max_output_tokens"
        case .n: "n"
        case .bestOf: "best_of"
        case .serviceTier: "service_tier"
        case .background: "background"
        case .instructions: "instructions"
        case .text: "text"
        case .functions: "functions"
        case .responseFormat: "response_format"
        case .webSearchOptions: "web_search_options"
        case .previousResponseID: "previous_response_id"
        case .conversation: "conversation"
        case .promptCacheOptions: "prompt_cache_options"
        case .suffix: "suffix"
        case .thread: "thread"
        case .assistantID: "assistant_id"
        case .additionalInstructions: "additional_instructions"
        case .additionalMessages: "additional_messages"
        case .toolOutputs: "tool_outputs"
        case .images: "images"
        case .mask: "mask"
        case .inputReference: "input_reference"
        case .size: "size"
        case .quality: "quality"
        case .seconds: "seconds"
        case .includeUsage: "include_usage"
        case .ttl: "ttl"
        }
    }
}

extension ActedOnMember {
    /// The top-level member that a key names, whichever escapes it is written with; nil when the member decides
    /// nothing.
    init?(_ key: QuotedText, _ bytes: Span<UInt8>) {
        // The longest spelling of a byte is \u00XX, and no name has more than 32.
        guard key.range.count <= 6 * 32 else { return nil }
        if key.isEscaped {
            self.init(name: bytes.unescaped(key.range).span)
        } else {
            self.init(name: bytes.extracting(key.range))
        }
    }

    private init?(name: Span<UInt8>) {
        var ordinal: UInt8 = 0
        while let member = Self(rawValue: ordinal), member != .includeUsage {
            if name.isExactly(member.name) {
                self = member
                return
            }
            ordinal &+= 1
        }
        return nil
    }
}

/// A set of members that have appeared. It is one bit per member, because a `Set` would cost an allocation and a hash.
struct ActedOnMembers: OptionSet, Sendable {
    let rawValue: UInt64

    init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ member: ActedOnMember) { rawValue = 1 << UInt64(member.rawValue) }
}
