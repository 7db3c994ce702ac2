/// What an answer's usage objects said, in one vocabulary, together with the last object as it was written.
///
/// Values are as the provider sent them. Only `outputTokens` is corrected, by the one rule that its comment states.
/// Where input and output are stated in two vocabularies, ``UsageSides`` says which is taken. If an answer has several
/// usage objects (running totals in a stream), each field has its last value: nothing is added up.
public struct UsageReading: Sendable, Equatable {
    /// Values above this are nonsense: no request has a billion times a thousand tokens.
    public static let maximumCount: Int64 = 1_000_000_000_000
    /// How many numbers without a field here are kept.
    public static let leafLimit = 64

    private var values = [Int64?](repeating: nil, count: UsageField.allCases.count)

    /// The provider's last usage object, byte for byte. The answer can be priced from it again.
    public private(set) var verbatim: [UInt8] = []
    /// Numbers at paths that have no meaning here (costs, times, future meters), with the last value of each.
    public private(set) var leaves: [UsageLeaf] = []
    /// Whether a field was negative or above `maximumCount`. A negative value is left out; one above is clamped.
    public private(set) var hasNonsense = false

    /// Makes an empty reading.
    public init() {}

    /// Reads the `image_gen` of a `tool_usage`.
    init(picturesIn toolUsage: [UInt8]) {
        verbatim = toolUsage
        mergeValues(of: toolUsage, table: UsageVocabulary.pictureTable)
    }

    /// Whether there is no number at all, not even a nonsensical one.
    public var isEmpty: Bool { !hasNonsense && leaves.isEmpty && values.allSatisfy { $0 == nil } }

    subscript(field: UsageField) -> Int64? { values[field.rawValue] }

    /// Joins the usages of a request's choices. Each states the whole prompt, and its own output.
    init(ofChoices choices: [UsageReading]) {
        guard choices.count > 1 else {
            self = choices.first ?? UsageReading()
            return
        }
        for field in UsageField.allCases {
            let stated = choices.compactMap { $0[field] }
            values[field.rawValue] = field.isOutput ? stated.nonEmptySum : stated.max()
        }
        // Each choice's total includes the prompt.
        values[UsageField.total.rawValue] = nil
        values[UsageField.output.rawValue] = nil
        values[UsageField.completion.rawValue] = choices.compactMap(\.outputTokens).nonEmptySum
        hasNonsense = choices.contains { $0.hasNonsense }
        verbatim =
            [UInt8(ascii: "[")] + choices.map(\.verbatim).joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
    }

    private mutating func set(_ field: UsageField, to number: JSONNumber) {
        let value = number.scaled(byDigits: field.digits) ?? (number.significand < 0 ? -1 : Int64.max)
        if !(0...Self.maximumCount).contains(value) { hasNonsense = true }
        // A negative count is treated as missing.
        guard value >= 0 else { return }
        values[field.rawValue] = min(value, Self.maximumCount)
    }

    private mutating func keep(_ number: JSONNumber, atPath path: Span<UInt8>) {
        if let known = leaves.firstIndex(where: { $0.isAt(path) }) {
            leaves[known].number = number
        } else if leaves.count < Self.leafLimit {
            let path = path.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            leaves.append(UsageLeaf(path: path, number: number))
        }
    }
}

/// A usage object that names the model it is billed for.
public struct ModelUsage: Sendable, Equatable {
    /// The model; `nil` when the object names none.
    public var model: String?
    /// What was used.
    public var usage = UsageReading()

    /// Takes an object as it was written. The caller gets another array back, to write the next object into.
    init(_ object: inout [UInt8]) {
        var walker = UsageWalker(object, table: nil)
        while let leaf = walker.next() {
            guard leaf.number == nil, walker.path.elementsEqual("model".utf8) else { continue }
            model = String(decoding: object[leaf.text], as: UTF8.self)
        }
        usage.merge(&object)
    }
}

/// A number in a usage object for which there is no field.
public struct UsageLeaf: Sendable, Equatable {
    /// Where it is: names joined by dots, array elements as `[0]`.
    public var path: String
    /// Its value.
    public var number: JSONNumber

    /// Makes a leaf.
    public init(path: String, number: JSONNumber) {
        self.path = path
        self.number = number
    }

    func isAt(_ other: Span<UInt8>) -> Bool {
        path.utf8.count == other.count && ByteSearch.areEqual(path.utf8Span.span, other)
    }
}

// MARK: - Fields

extension UsageReading {
    /// Input tokens. They include the cached ones unless `inputExcludesCache`.
    public var inputTokens: Int64? {
        let given = sides.input
        guard given == nil || given == 0 else { return given }
        // DeepSeek: the prompt consists of cache hits and cache misses.
        guard let hits = self[.cachedInput], let misses = self[.cacheMiss] else { return given }
        return hits &+ misses
    }

    /// Whether `inputTokens` leaves out cache reads and writes, so that the whole input is the sum of the three
    /// (Anthropic).
    ///
    /// Gateways translating Anthropic's answers keep its cache fields beside a `prompt_tokens` that includes them.
    public var inputExcludesCache: Bool {
        sides.inputIsInputTokens && hasCacheBeside
    }

    /// All input tokens, including cache reads and writes and what tools were prompted with.
    public var allInputTokens: Int64? {
        guard let input = inputTokens else { return nil }
        return input &+ (inputExcludesCache ? cacheBeside : 0) &+ (toolPromptTokens ?? 0)
    }

    /// Output tokens, including the reasoning.
    ///
    /// When the total is more than input and output together, the provider counts reasoning outside the output (xAI,
    /// Gemini). The output is then the total minus the input. The total decides, since the same provider may do either.
    /// If the input is 0, the total says nothing about the output.
    public var outputTokens: Int64? {
        let output = sides.output
        guard let total = self[.total], let input = allInputTokens, input > 0 else { return output }
        let rest = total &- input
        return rest > (output ?? 0) ? rest : output
    }

    /// Whether `outputTokens` is more than the provider's own field says.
    public var outputWasRaisedToTotal: Bool { outputTokens != sides.output }

    /// The provider's total; it is never computed here.
    public var totalTokens: Int64? { self[.total] }

    /// Input tokens read from a cache.
    public var cachedInputTokens: Int64? { self[.cacheReadBeside] ?? self[.cachedInput] }
    /// Input tokens written to a cache, of any lifetime.
    public var cacheWriteTokens: Int64? { self[.cacheWriteBeside] ?? self[.cacheWrite] }
    /// The part of `cacheWriteTokens` that is kept long: 12 hours (OpenAI) or one hour (Anthropic).
    public var cacheWriteLongTokens: Int64? { self[.cacheWriteLong] }

    /// Input tokens that are text.
    public var textInputTokens: Int64? { self[.textInput] }
    /// Input tokens that are audio.
    public var audioInputTokens: Int64? { self[.audioInput] }
    /// Input tokens that are images.
    public var imageInputTokens: Int64? { self[.imageInput] }
    /// Cached input tokens that are text.
    public var cachedTextInputTokens: Int64? { self[.cachedTextInput] }
    /// Cached input tokens that are audio.
    public var cachedAudioInputTokens: Int64? { self[.cachedAudioInput] }
    /// Cached input tokens that are images.
    public var cachedImageInputTokens: Int64? { self[.cachedImageInput] }

    /// Output tokens that are text.
    public var textOutputTokens: Int64? { self[.textOutput] }
    /// Output tokens that are audio.
    public var audioOutputTokens: Int64? { self[.audioOutput] }
    /// Output tokens that are images.
    public var imageOutputTokens: Int64? { self[.imageOutput] }
    /// Output tokens spent on reasoning; part of `outputTokens`.
    public var reasoningTokens: Int64? { self[.reasoning] }
    /// Predicted tokens that were used.
    public var acceptedPredictionTokens: Int64? { self[.acceptedPrediction] }
    /// Predicted tokens that were not used; billed as output.
    public var rejectedPredictionTokens: Int64? { self[.rejectedPrediction] }

    /// Input tokens that the provider's own tools were prompted with. `inputTokens` leaves them out; they are billed as
    /// input (Gemini).
    public var toolPromptTokens: Int64? { self[.toolPrompt] }
    /// Billed duration in microseconds, from `seconds`.
    public var durationMicroseconds: Int64? { self[.duration] }
}

// MARK: - Reading

extension UsageReading {
    /// Takes another usage object of the same answer. Its values replace those of the same fields; fields that are
    /// `null` or absent keep what was known. The caller's array becomes `verbatim`, and the caller gets the old one
    /// back to write into.
    mutating func merge(_ object: inout [UInt8]) {
        if object != verbatim { mergeValues(of: object, table: UsageVocabulary.table) }
        swap(&object, &verbatim)
    }

    private mutating func mergeValues(of object: [UInt8], table: JSONPathTable) {
        var walker = UsageWalker(object, table: table)
        var modality = ModalityCount()
        var known = UsageFieldSet()
        while let leaf = walker.next() {
            switch (leaf.position.map(UsageVocabulary.meaning), leaf.number) {
            case (.field(let field), let number?): take(number, as: field, &known)
            case (.modalityCount(let modalities), let number?):
                modality.take(number, of: modalities, inObject: leaf.object)
            case (.modalityName, nil): modality.take(name: object.span.extracting(leaf.text), inObject: leaf.object)
            case (nil, let number?): keep(number, atPath: walker.path.span)
            default: continue
            }
            if let (field, number) = modality.complete { take(number, as: field, &known) }
        }
    }

    /// Takes a field. If one object states it in two spellings (`prompt_tokens_details` and `input_tokens_details`), a
    /// zero does not replace a number.
    private mutating func take(_ number: JSONNumber, as field: UsageField, _ known: inout UsageFieldSet) {
        let isKnown = !known.insert(field)
        if !isKnown || number.significand != 0 { set(field, to: number) }
    }
}

extension [Int64] {
    /// The sum; nil when the array is empty.
    fileprivate var nonEmptySum: Int64? { isEmpty ? nil : reduce(0, &+) }
}
