/// The quantities one request is charged for, disjoint, with the size of the prompt that decides its price band.
///
///     var counts = TokenCounts()
///     counts.prompt = 1_000
///     counts.cached = 800
///     let meters = Meters(counts)   // 200 fresh input tokens, 800 cached ones
public struct Meters: Sendable {
    private var quantities = InlineArray<23, Int64>(repeating: 0)
    /// All tokens of the prompt, including cached and written ones: long-context thresholds apply to this number.
    public private(set) var promptTokens: Int64
    /// Whether the counts contradicted each other (parts larger than their whole, or negative) and were capped.
    public private(set) var isInconsistent = false
    /// What other models did for the request as its tools, with one entry for each model; see ``add(_:)``.
    public internal(set) var toolWork: [ToolWork] = []

    /// Starts with all quantities at zero.
    ///
    /// - Parameter promptTokens: the size of the prompt, for quantities that are set one by one.
    public init(promptTokens: Int64 = 0) {
        self.promptTokens = max(0, promptTokens)
    }

    /// The same with another size of the prompt.
    init(promptTokens: Int64, copying other: Meters) {
        self = other
        self.promptTokens = max(0, promptTokens)
    }

    /// The quantity of a meter: tokens, microseconds, characters, calls. Negative values become 0.
    public subscript(meter: Meter) -> Int64 {
        get { quantities[Int(meter.rawValue)] }
        set {
            if newValue < 0 { isInconsistent = true }
            quantities[Int(meter.rawValue)] = max(0, newValue)
        }
    }

    /// Adds fresh input, which counts towards the size of the prompt.
    public mutating func addInput(_ tokens: Int64) {
        self[.input] = self[.input].addingClamped(tokens)
        promptTokens = promptTokens.addingClamped(max(0, tokens))
    }

    /// Whether there is nothing to charge for.
    public var isEmpty: Bool { toolWork.isEmpty && Meter.allCases.allSatisfy { self[$0] == 0 } }
}

extension Meters {
    /// Splits reported totals into disjoint quantities.
    ///
    /// Cached and written tokens are taken first. Audio and images are capped to what remains, and fresh input is the
    /// rest. Providers count a cached audio token in both details, so a plain subtraction would charge it twice (one
    /// gateway was 72 % above xAI's bill).
    public init(_ counts: TokenCounts, prompt counting: PromptCounting = .includesCache) {
        var split = TokenSplit()
        let stated = split.positive(counts.prompt)
        var total = stated
        if counting == .excludesCache {
            for part in [counts.cached, counts.cacheWrite, counts.cacheWriteLong] {
                total = total.addingClamped(max(0, part))
            }
        }
        self.init(promptTokens: total)
        splitPrompt(counts, &split)
        splitCompletion(counts, &split)
        isInconsistent = split.wasCapped
    }

    private mutating func splitPrompt(_ counts: TokenCounts, _ split: inout TokenSplit) {
        var rest = promptTokens
        var cached = split.take(counts.cached, from: &rest)
        self[.cacheWrite] = split.take(counts.cacheWrite, from: &rest)
        self[.cacheWriteLong] = split.take(counts.cacheWriteLong, from: &rest)
        var (audio, image) = (split.positive(counts.audioInput), split.positive(counts.imageInput))
        let cachedAudio = split.take(min(counts.cachedAudio, cached), from: &audio, stated: counts.cachedAudio)
        cached -= cachedAudio
        let cachedImage = split.take(min(counts.cachedImage, cached), from: &image, stated: counts.cachedImage)
        self[.cachedAudioInput] = cachedAudio
        self[.cachedImageInput] = cachedImage
        self[.cachedInput] = cached - cachedImage
        self[.audioInput] = split.take(audio, from: &rest)
        self[.imageInput] = split.take(image, from: &rest)
        self[.input] = rest
    }

    private mutating func splitCompletion(_ counts: TokenCounts, _ split: inout TokenSplit) {
        var rest = split.positive(counts.completion)
        if counts.reasoningIsOutsideCompletion { rest = rest.addingClamped(counts.reasoning) }
        self[.audioOutput] = split.take(counts.audioOutput, from: &rest)
        self[.imageOutput] = split.take(counts.imageOutput, from: &rest)
        self[.reasoning] = split.take(counts.reasoning, from: &rest)
        self[.output] = rest
    }
}

extension TokenCounts {
    /// xAI and Gemini report reasoning in addition to the completion, not inside it. Only the total shows this: it is
    /// the sum of prompt, completion and reasoning.
    fileprivate var reasoningIsOutsideCompletion: Bool {
        guard let total, reasoning > 0, prompt >= 0, completion >= 0 else { return false }
        return total == prompt.addingClamped(completion).addingClamped(reasoning)
    }
}

/// Takes parts out of a whole and remembers whether one had to be capped.
private struct TokenSplit {
    var wasCapped = false

    mutating func positive(_ count: Int64) -> Int64 {
        if count < 0 { wasCapped = true }
        return max(0, count)
    }

    /// Takes up to `part` out of `rest`; marks the counts as capped if less than `stated` was left.
    mutating func take(_ part: Int64, from rest: inout Int64, stated: Int64? = nil) -> Int64 {
        let taken = min(max(0, part), rest)
        if taken != stated ?? part { wasCapped = true }
        rest -= taken
        return taken
    }
}

extension Meters: Hashable {
    /// Hashes every quantity.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(promptTokens)
        for meter in Meter.allCases { hasher.combine(self[meter]) }
        hasher.combine(toolWork)
    }

    /// Compares every quantity.
    public static func == (left: Meters, right: Meters) -> Bool {
        left.promptTokens == right.promptTokens && left.isInconsistent == right.isInconsistent
            && Meter.allCases.allSatisfy { left[$0] == right[$0] } && left.toolWork == right.toolWork
    }
}
