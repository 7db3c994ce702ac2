/// What a string within messages, items or prompts is, according to its key.
enum InputKey: Sendable {
    /// Text that the model reads as it is, whatever it looks like.
    case text
    /// The same, in an array in which numbers are token ids.
    case tokens
    /// The type of a part.
    case type
    /// Encoded media.
    case data
    /// A URL of media; a `data:` URL contains them.
    case location
    /// The id of a file that the provider has.
    case fileID
    /// An unknown key: the string is text, unless it can only be media.
    case unlisted
}

extension InputKey {
    /// What a string under this key is.
    init(_ key: QuotedText, _ bytes: Span<UInt8>) {
        // No name has more than 12 bytes, and the longest spelling of a byte is \u00XX.
        if key.range.count > 6 * 12 {
            self = .unlisted
        } else if key.isEscaped {
            self.init(name: bytes.unescaped(key.range).span)
        } else {
            self.init(name: bytes.extracting(key.range))
        }
    }

    private init(name: Span<UInt8>) {
        self =
            switch name.count {
            case 3 where name.isExactly("url"): .location
            case 4 where name.isExactly("type"): .type
            case 4 where name.isExactly("data"): .data
            case 4 where name.isExactly("text") || name.isExactly("code") || name.isExactly("name"): .text
            case 5 where name.isExactly("input") || name.isExactly("query"): .text
            // The key under which a picture from an earlier turn is sent back (Responses).
            case 6 where name.isExactly("result"): .data
            case 6 where name.isExactly("output"): .text
            case 7 where name.isExactly("file_id"): .fileID
            case 7 where name.isExactly("content") || name.isExactly("refusal"): .text
            case 8 where name.isExactly("file_url"): .location
            case 8 where name.isExactly("b64_json"): .data
            case 9 where name.isExactly("image_url"): .location
            case 9 where name.isExactly("file_data"): .data
            case 9 where name.isExactly("arguments"): .text
            case 10 where name.isExactly("transcript"): .text
            case 12 where name.isExactly("instructions"): .text
            default: .unlisted
            }
    }
}
