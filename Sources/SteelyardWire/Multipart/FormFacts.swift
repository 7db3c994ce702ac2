/// What has been read of a form: what it asks for and what its answer may cost.
public struct FormFacts: Sendable, Equatable {
    /// The model asked for; nil when absent so far, no UTF-8, or longer than ``RequestBody/modelLimit``.
    public internal(set) var model: String?
    /// Whether a model was named that is too long to be one.
    public internal(set) var hasOversizedModel = false
    /// Whether `stream` is `true`.
    public internal(set) var streams = false
    /// `response_format`, which decides whether a transcription's answer can carry usage.
    public internal(set) var responseFormat: String?
    /// `n`: how many pictures are made. Nil unless it is a number ≥ 0.
    public internal(set) var choiceCount: Int64?
    /// `size` of pictures or videos, as sent.
    public internal(set) var size: String?
    /// `quality` of pictures, as sent.
    public internal(set) var quality: String?
    /// `seconds` of video, as sent.
    public internal(set) var seconds: String?
    /// The length of `prompt` in bytes.
    public internal(set) var promptByteCount = 0
    /// How many files have begun.
    public internal(set) var fileCount = 0
    /// Whether all of the form was read, so that what is absent here is absent there.
    public internal(set) var isWhole = false

    mutating func read(_ value: [UInt8], of field: FormField) {
        let text = value.count > FormField.valueLimit ? nil : String(validating: value, as: UTF8.self)
        switch field {
        case .model:
            model = text
            hasOversizedModel = value.count > FormField.valueLimit
        case .stream: streams = value.span.equals("true") || value.span.equals("1")
        case .responseFormat: responseFormat = text
        case .n: choiceCount = value.span.wholeNumber
        case .size: size = text
        case .quality: quality = text
        case .seconds: seconds = text
        case .prompt: break
        }
    }
}

extension RequestFacts {
    /// A form's facts in the words of a JSON body's.
    public init(_ form: FormFacts) {
        model = form.model
        hasOversizedModel = form.hasOversizedModel
        streams = form.streams
        choiceCount = form.choiceCount
        seconds = form.seconds.flatMap { $0.utf8Span.span.wholeNumber }
        textByteCount = form.promptByteCount
        fileCount = form.fileCount
    }
}
