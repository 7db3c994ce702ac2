/// What has been read of a form so far: what it asks for and what its answer may cost.
public struct FormFacts: Sendable, Equatable {
    /// The model asked for; nil when absent so far, not UTF-8, or longer than ``RequestBody/modelLimit``.
    public internal(set) var model: String?
    /// Whether the form names a model that is too long to be one.
    public internal(set) var hasOversizedModel = false
    /// Whether `stream` is `true`.
    public internal(set) var streams = false
    /// `response_format`, which decides whether a transcription's answer can carry usage.
    public internal(set) var responseFormat: String?
    /// `n`: how many pictures to make. Nil when absent; saturates.
    public internal(set) var choiceCount: Int64?
    /// `size` of pictures or videos, as sent.
    public internal(set) var size: String?
    /// `quality` of pictures, as sent.
    public internal(set) var quality: String?
    /// `seconds` of video, as sent.
    public internal(set) var seconds: String?
    /// The length of `prompt` in bytes.
    public internal(set) var promptByteCount = 0
    /// How many files have begun so far.
    public internal(set) var fileCount = 0
    /// Whether all of the form was read, so that what is missing here is missing in the form.
    public internal(set) var isWhole = false

    /// Takes a field's value. Returns false when servers could read the value in several ways.
    mutating func read(_ value: [UInt8], of field: FormField) -> Bool {
        let text = value.count > FormField.valueLimit ? nil : String(validating: value, as: UTF8.self)
        switch field {
        case .model:
            model = text
            hasOversizedModel = value.count > FormField.valueLimit
        case .stream:
            guard let truth = value.span.truth else { return false }
            streams = truth
        case .responseFormat: responseFormat = text
        case .n:
            guard let count = value.span.countMeant else { return false }
            choiceCount = count
        case .size: size = text
        case .quality: quality = text
        case .seconds: seconds = text
        case .prompt: break
        }
        return true
    }
}

extension Span<UInt8> {
    /// The truth value that a text stands for. Pydantic 2 knows these words, which are more than others know; an empty
    /// text is false.
    fileprivate var truth: Bool? {
        if isOne(of: "true", "1", "yes", "on", "t", "y") { return true }
        return isEmpty || isOne(of: "false", "0", "no", "off", "f", "n", "null") ? false : nil
    }

    private func isOne(of words: StaticString...) -> Bool {
        for word in words where equals(word) { return true }
        return false
    }

    /// The count that a text stands for. An empty text is no count; nil when not every server reads the text as a whole
    /// number.
    fileprivate var countMeant: Int64?? {
        if isEmpty || equals("null") { return .some(nil) }
        guard let number = wholeNumber, number.isExact else { return nil }
        return .some(number.value)
    }
}

extension RequestFacts {
    /// Makes the facts of a JSON body from those of a form.
    public init(_ form: FormFacts) {
        model = form.model
        hasOversizedModel = form.hasOversizedModel
        streams = form.streams
        choiceCount = form.choiceCount
        seconds = form.seconds.flatMap { $0.utf8Span.span.wholeNumber?.value }
        textByteCount = form.promptByteCount
        fileCount = form.fileCount
    }
}
