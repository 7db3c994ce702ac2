/// How much a request may use: the likely quantities and the largest possible ones.
struct HoldBounds {
    /// What chat framing adds to the text of a conversation: 3 tokens before the answer and a few around each message
    /// (OpenAI cookbook, "How to count tokens with tiktoken"). The letters of a role are counted as text.
    private static let framingTokens: Int64 = 16
    /// What a list of tools adds to the text of its schemas.
    private static let toolFramingTokens: Int64 = 64
    /// The largest picture with most models: 8 tiles of 170 tokens, plus 85 (OpenAI, "Images and vision", 2026-08).
    private static let tokensPerImage: Int64 = 1445
    /// The same picture with gpt-4o-mini: 8 tiles of 5,667 tokens, plus 2,833.
    private static let tokensPerImageAtMost: Int64 = 48_169
    /// A dozen pages, each as text and as a picture.
    private static let tokensPerFile: Int64 = 16_384
    /// Five minutes at ten tokens a second.
    private static let tokensPerRecording: Int64 = 3000
    private static let microsecondsPerRecording: Int64 = 300_000_000
    /// The longest recording in an upload of 25 MB, at 8 kbit/s (OpenAI, "Speech to text", 2026-08).
    private static let microsecondsPerRecordingAtMost: Int64 = 25_000_000_000
    /// The limits of a model whose own are not known: as large as the largest known ones.
    private static let inputLimitUnknown: Int64 = 1_050_000
    private static let outputLimitUnknown: Int64 = 131_072

    private let work: PlannedWork
    private let maxInput: Int64
    private let maxOutput: Int64

    /// The bounds of work for a model. The model is nil if the price book does not know it.
    init(_ work: PlannedWork, _ model: PricedModel?) {
        self.work = work
        maxInput = model?.maxInputTokens ?? Self.inputLimitUnknown
        maxOutput = model?.maxOutputTokens ?? Self.outputLimitUnknown
    }

    /// The likely quantities, as this model's recent requests suggest.
    ///
    /// Text counts as at most one token per 2.5 bytes. English has four bytes a token, Chinese three a character, and
    /// nearly all other writing more than two.
    func likely(_ learned: UsageQuantiles.Learned) -> HoldQuantities {
        let output = min(work.outputLimit ?? .max, learned.outputTokens, maxOutput)
        let unseen = work.hasUnseenInput || work.textBytes == nil ? learned.inputTokens : 0
        let bytes = work.textBytes ?? 0
        let text = bytes / 5 * 2 + (bytes % 5 * 2 + 4) / 5
        return HoldQuantities(
            textTokens: capped(sum(text, framing, work.tokenIDs, unseen, parts(work.fileParts, Self.tokensPerFile))),
            imageTokens: capped(parts(work.imageParts, Self.tokensPerImage)),
            audioTokens: capped(parts(work.audioParts, Self.tokensPerRecording)),
            outputTokens: output.multipliedClamped(by: generations),
            microseconds: parts(work.audioParts, Self.microsecondsPerRecording).addingClamped(film),
            characters: bytes,
            images: generations
        )
    }

    /// The quantities that no answer can exceed, where a bound exists: a byte of text makes at most one token, and
    /// input that is not in the body fills at most the model's context.
    var most: HoldQuantities {
        let output = work.outputLimit ?? maxOutput
        return HoldQuantities(
            textTokens: hasUnboundedInput ? max(maxInput, boundedText) : boundedText,
            imageTokens: capped(parts(work.imageParts, Self.tokensPerImageAtMost)),
            audioTokens: work.audioParts > 0 ? maxInput : 0,
            outputTokens: output.multipliedClamped(by: generations),
            microseconds: parts(work.audioParts, Self.microsecondsPerRecordingAtMost).addingClamped(film),
            characters: work.textBytes ?? maxInput,
            images: generations
        )
    }

    private var boundedText: Int64 {
        capped(sum(work.textBytes ?? 0, work.doubtfulBytes, framing, Self.toolFramingTokens, work.tokenIDs))
    }

    private var hasUnboundedInput: Bool { work.hasUnseenInput || work.fileParts > 0 || work.textBytes == nil }

    private var framing: Int64 { Self.framingTokens }

    private var film: Int64 { work.filmSeconds.multipliedClamped(by: 1_000_000) }

    private var generations: Int64 { max(1, work.generations) }

    /// The provider refuses a prompt beyond the model's context, and that costs nothing. If a request has many inputs,
    /// each may fill a context.
    private func capped(_ tokens: Int64) -> Int64 { min(tokens, maxInput.multipliedClamped(by: max(1, work.inputs))) }

    private func parts(_ count: Int64, _ tokens: Int64) -> Int64 { count.multipliedClamped(by: tokens) }

    private func sum(_ counts: Int64...) -> Int64 { counts.reduce(0) { $0.addingClamped($1) } }
}
