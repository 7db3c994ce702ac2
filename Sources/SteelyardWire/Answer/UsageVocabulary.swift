/// A number that has its own meaning in some provider's usage object.
enum UsageField: Int, CaseIterable, Sendable {
    /// `prompt_tokens` and similar names: cached tokens are part of it.
    case prompt
    /// `input_tokens`: OpenAI's includes the cached tokens, Anthropic's does not.
    case input
    /// `completion_tokens` and similar names.
    case completion
    /// `output_tokens`.
    case output
    case total
    case cachedInput, cacheMiss, cacheWrite, cacheWriteLong
    /// Anthropic's spellings; the `input_tokens` beside them leaves these tokens out.
    case cacheReadBeside, cacheWriteBeside
    case textInput, audioInput, imageInput, cachedTextInput, cachedAudioInput, cachedImageInput
    case textOutput, audioOutput, imageOutput, reasoning, acceptedPrediction, rejectedPrediction
    case toolPrompt
    /// Billed seconds, kept in microseconds.
    case duration

    /// Whether it counts output.
    var isOutput: Bool {
        switch self {
        case .completion, .output, .textOutput, .audioOutput, .imageOutput, .reasoning, .acceptedPrediction,
            .rejectedPrediction:
            true
        default: false
        }
    }

    /// The decimal places of the unit in which the value is kept.
    var digits: Int { self == .duration ? 6 : 0 }
}

/// All spellings of usage, as a path table over usage objects.
enum UsageVocabulary {
    /// What a value at a path means.
    enum Meaning: Sendable {
        case field(UsageField)
        /// `tokenCount` of a Gemini `{modality, tokenCount}` element.
        case modalityCount(Modalities)
        case modalityName
    }

    /// The fields that the modalities of one Gemini list belong to.
    struct Modalities: Sendable {
        var text: UsageField
        var audio: UsageField
        var image: UsageField
    }

    /// The table; a position is an index into `entries`.
    static let table = table(within: "")

    /// The same table for `tool_usage`, which has a usage object of its own for pictures.
    static let pictureTable = table(within: "image_gen.")

    private static func table(within path: String) -> JSONPathTable {
        JSONPathTable(
            root: UInt8.max,
            paths: entries.enumerated().map { (path + $0.element.path, UInt8($0.offset), .scalar) }
        )
    }

    /// The meaning of a position of `table`.
    static func meaning(_ position: UInt8) -> Meaning { entries[Int(position)].meaning }

    private static let entries: [(path: String, meaning: Meaning)] =
        named.map { ($0.0, .field($0.1)) } + details + gemini

    private static let named: [(String, UsageField)] = [
        ("prompt_tokens", .prompt), ("completion_tokens", .completion), ("total_tokens", .total),
        ("input_tokens", .input), ("output_tokens", .output),
        ("prompt_cache_hit_tokens", .cachedInput), ("prompt_cache_miss_tokens", .cacheMiss),
        ("cached_tokens", .cachedInput), ("seconds", .duration),
        ("cached_tokens_details.cached_text_tokens", .cachedTextInput),
        ("cached_tokens_details.cached_image_tokens", .cachedImageInput),
        ("cache_read_input_tokens", .cacheReadBeside), ("cache_creation_input_tokens", .cacheWriteBeside),
        ("cache_creation.ephemeral_1h_input_tokens", .cacheWriteLong),
        ("promptTokenCount", .prompt), ("candidatesTokenCount", .completion), ("responseTokenCount", .completion),
        ("totalTokenCount", .total), ("cachedContentTokenCount", .cachedInput),
        ("thoughtsTokenCount", .reasoning), ("toolUsePromptTokenCount", .toolPrompt),
    ]

    private static let inputDetails: [(String, UsageField)] = [
        ("cached_tokens", .cachedInput), ("cache_write_tokens", .cacheWrite),
        ("cache_write_tokens_details.ttl_12h_tokens", .cacheWriteLong),
        ("text_tokens", .textInput), ("audio_tokens", .audioInput), ("image_tokens", .imageInput),
        ("cached_tokens_details.text_tokens", .cachedTextInput),
        ("cached_tokens_details.audio_tokens", .cachedAudioInput),
        ("cached_tokens_details.image_tokens", .cachedImageInput),
    ]

    private static let outputDetails: [(String, UsageField)] = [
        ("reasoning_tokens", .reasoning), ("thinking_tokens", .reasoning), ("text_tokens", .textOutput),
        ("audio_tokens", .audioOutput), ("image_tokens", .imageOutput),
        ("accepted_prediction_tokens", .acceptedPrediction), ("rejected_prediction_tokens", .rejectedPrediction),
    ]

    /// Chat and Responses write `…_tokens_details`, transcriptions and Realtime `…_token_details`.
    private static let details: [(path: String, meaning: Meaning)] =
        [("prompt", inputDetails), ("input", inputDetails), ("completion", outputDetails), ("output", outputDetails)]
        .flatMap { side, fields in
            ["_tokens_details", "_token_details"].flatMap { ending in
                fields.map { (path: "\(side)\(ending).\($0.0)", meaning: Meaning.field($0.1)) }
            }
        }

    private static let gemini: [(path: String, meaning: Meaning)] = [
        ("prompt", Modalities(text: .textInput, audio: .audioInput, image: .imageInput)),
        ("candidates", Modalities(text: .textOutput, audio: .audioOutput, image: .imageOutput)),
        ("response", Modalities(text: .textOutput, audio: .audioOutput, image: .imageOutput)),
        ("cache", Modalities(text: .cachedTextInput, audio: .cachedAudioInput, image: .cachedImageInput)),
    ].flatMap { list, modalities in
        [
            (path: "\(list)TokensDetails[].tokenCount", meaning: Meaning.modalityCount(modalities)),
            (path: "\(list)TokensDetails[].modality", meaning: Meaning.modalityName),
        ]
    }
}

/// One `{modality, tokenCount}` of a Gemini list; its members come in either order.
struct ModalityCount {
    private var object = -1
    private var name: [UInt8] = []
    private var count: (modalities: UsageVocabulary.Modalities, number: JSONNumber)?

    /// Takes the modality's name from the object with this ordinal.
    mutating func take(name: Span<UInt8>, inObject ordinal: Int) {
        begin(ordinal)
        name.withUnsafeBufferPointer { self.name.append(contentsOf: $0.prefix(16)) }
    }

    /// Takes the count from the object with this ordinal.
    mutating func take(_ number: JSONNumber, of modalities: UsageVocabulary.Modalities, inObject ordinal: Int) {
        begin(ordinal)
        count = (modalities, number)
    }

    /// The field and its value, when both members are known.
    var complete: (field: UsageField, number: JSONNumber)? {
        guard let count else { return nil }
        switch String(decoding: name, as: UTF8.self) {
        case "TEXT": return (count.modalities.text, count.number)
        case "AUDIO": return (count.modalities.audio, count.number)
        case "IMAGE": return (count.modalities.image, count.number)
        default: return nil
        }
    }

    private mutating func begin(_ ordinal: Int) {
        guard ordinal != object else { return }
        object = ordinal
        name.removeAll(keepingCapacity: true)
        count = nil
    }
}
