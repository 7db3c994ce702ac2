import SteelyardPolicy
import SteelyardWire

/// What a charge comes to where the provider has not said what was used.
extension Weighing {
    /// A provider that gave no answer may have worked; one that was given up surely has.
    var unanswered: Weight {
        if end.wasGivenUp, let weight = spoken(estimate: .unseen) { return weight }
        guard end.wasGivenUp, route.isGeneration, work.textBytes != nil else {
            return end.timedOut ? unmetered(.timeout) : lost
        }
        var weight = estimated(isStream: request?.streams ?? false)
        weight.estimate = .unseen
        return weight
    }

    /// Work that goes on behind the answer, whatever becomes of the connection: asked for as such, or a run of an
    /// assistant. Any other stream that shows `in_progress` was cut, and its provider stops.
    var pendingID: String? {
        guard let facts, facts.isPending, route.isGeneration else { return nil }
        let isPlainAndUnread = request == nil && work.textBytes != nil && answer?.isStream == false
        guard isBackground || facts.objectType == "thread.run" || isPlainAndUnread else { return nil }
        return facts.id
    }

    func withoutUsage(_ answer: WeighedAnswer) -> Weight {
        guard !answer.isUndecodable else { return unmetered(.undecodable) }
        guard route.isGeneration else { return unmetered(.path) }
        // Sound and pictures sent up are bytes that say nothing about tokens.
        guard outputBytes > 0 || !isFinal, work.textBytes != nil else { return unmetered(.noUsage) }
        return estimated(isStream: answer.isStream)
    }

    /// A connection that broke soon after the request had left says that the provider did not work on it, or not long;
    /// on half a request nobody works.
    private var lost: Weight {
        var weight = unmetered(.noAnswer)
        if !end.requestWasWhole || end.answerSeconds < Self.lateFailureSeconds { weight.cost = .zero }
        return weight
    }

    /// Providers bill timeouts and late failures too (one bill was 47 % larger than what gateways had seen): budgets
    /// count what was set aside.
    func unmetered(_ reason: UnmeteredReason) -> Weight {
        Weight(cost: hold, confidence: .unmetered, unmetered: reason)
    }

    /// Input from the request's text, output from what was seen and what such a model thinks besides.
    private func estimated(isStream: Bool) -> Weight {
        let output = estimatedOutput(isStream: isStream)
        let weight = priced(estimate: TokenAmounts(prompt: estimatedInput, completion: output.tokens))
        return withinPromise(weight, hidesWork: output.isHidden || hidesInput && !brokeAtOnce)
    }

    /// The cost of a job that has ended without a usage: nobody has seen all that it put out.
    func estimated(_ job: OpenJob) -> Weight {
        var job = job
        job.seenOutputBytes = max(job.seenOutputBytes, outputBytes)
        let tokens = TokenAmounts(job, label: model.label, priced: model.priced, rules: rules)
        return withinPromise(priced(estimate: tokens), hidesWork: true)
    }

    /// Keeps an estimate within what was promised.
    ///
    /// Of input or output that nobody here can measure at least the hold is charged, or leaving early would be a way to
    /// save money. No estimate is above the ceiling that was shown as exposure, unless the bytes that came disprove the
    /// cap it was made with.
    func withinPromise(_ weight: Weight, hidesWork: Bool) -> Weight {
        var weight = weight
        if hidesWork { weight.cost = max(weight.cost, hold) }
        if let ceiling, !capIsDisproved { weight.cost = min(weight.cost, max(ceiling, hold)) }
        return weight
    }

    /// Input as it is estimated from the request's bytes.
    var estimatedInput: Int64 { work.inputTokens(team: team, model: model.label, estimates: rules.estimates) }

    /// Whether there is input that its bytes do not measure: what the provider has stored or fetches, files, sound, and
    /// what its own tools find.
    private var hidesInput: Bool {
        guard let request else { return false }
        return request.hasStoredInput || request.hasRemoteMedia || request.fileCount > 0 || request.audioCount > 0
            || !request.hostedTools.isEmpty || route.drawsOnStoredInput
    }

    private var isBackground: Bool { request?.isBackground == true }

    /// Whether the provider works on while nobody listens.
    var goesOn: Bool { isBackground && !isFinal }
}

/// What an estimate says of an answer's output.
struct OutputEstimate {
    /// All of it, thoughts included.
    var tokens: Int64
    /// Whether some of it was not to be seen, so that it may be far more.
    var isHidden: Bool
}

extension Weighing {
    /// The output, by what was seen of it.
    func estimatedOutput(isStream: Bool) -> OutputEstimate {
        guard route.answersInText else { return OutputEstimate(tokens: 0, isHidden: false) }
        if showsMedia { return OutputEstimate(tokens: bounded(textTokens), isHidden: true) }
        return isStream || isFinal ? streamedOutput : unfinishedOutput
    }

    /// A stream is generated as it comes, but for what the model thinks: that is learned, or else hidden.
    private var streamedOutput: OutputEstimate {
        if brokeAtOnce { return OutputEstimate(tokens: 0, isHidden: false) }
        let learned = rules.estimates.thoughtTokens(team: team, model: model.label)
        let thoughts = max((learned ?? 0).multipliedClamped(by: generations), thoughtTokensByTime(learned))
        let sawNothing = outputBytes == 0 && !isFinal
        let hidesThoughts = learned.map { sawNothing && $0 > 0 } ?? traits.reasonsUnseen
        return OutputEstimate(
            tokens: bounded(textTokens.addingClamped(thoughts)),
            isHidden: hidesThoughts && (end.wasGivenUp || isFinal) || goesOn
        )
    }

    /// What a model that thinks can have thought before its first word. Few answers with little thought must not teach
    /// that a long silence costs nothing.
    private func thoughtTokensByTime(_ learned: Int64?) -> Int64 {
        guard traits.reasonsUnseen || (learned ?? 0) > 0 else { return 0 }
        return Int64(min(end.silentSeconds, 3600) * Self.thoughtTokensPerSecond)
    }

    /// Models of 2026 put out 40 to 150 tokens a second (artificialanalysis.ai, "Output speed", 2026-11).
    private static let thoughtTokensPerSecond = 100.0

    private var generations: Int64 { request?.generationCount ?? 1 }

    /// A plain answer is generated whole before its first byte comes, so what was seen of one that broke off is not all.
    private var unfinishedOutput: OutputEstimate {
        let unseen = rules.estimates.unseenTokens(team: team, model: model.label)
        return OutputEstimate(tokens: bounded(max(textTokens, unseen)), isHidden: end.wasGivenUp)
    }

    /// Whether the provider broke off before it can have done much.
    private var brokeAtOnce: Bool {
        outputBytes == 0 && !isFinal && !end.wasGivenUp && !end.timedOut && end.workSeconds < Self.lateFailureSeconds
    }

    /// Whether there is, or may be, output that no count of text measures.
    var showsMedia: Bool {
        if facts?.hasMediaOutput == true || route.answersInMedia { return true }
        return outputBytes == 0 && traits.answersInMedia
    }

    private var traits: ModelTraits { rules.prices.traits(of: model.priced) }

    /// The tokens of the text that was seen.
    var textTokens: Int64 { rules.estimates.textTokens(bytes: outputBytes, team: team, model: model.label) }

    /// No more than the request's own cap and what the model can put out.
    func bounded(_ tokens: Int64) -> Int64 {
        let model = (traits.maxOutputTokens ?? .max).multipliedClamped(by: generations)
        guard let cap = work.outputLimit, !capIsDisproved else { return min(tokens, model) }
        return min(tokens, model, cap)
    }

    /// Whether more text came than the request's cap allows, so that the provider does not know that cap. Hardly any text
    /// has fewer tokens than one for eight bytes: a long run of spaces does.
    private var capIsDisproved: Bool { work.outputLimit.map { outputBytes / 8 > $0 } ?? false }

    /// The bytes of text that were seen, here or by another read of the same work.
    var outputBytes: Int64 { max(Int64(facts?.outputByteCount ?? 0), outputBytesElsewhere) }
}

extension Route {
    /// Whether an answer's tokens are text that can be estimated: vectors have none.
    var answersInText: Bool { template != "/v1/embeddings" }

    /// Whether what is generated is sound, pictures or film.
    fileprivate var answersInMedia: Bool {
        answersInImages || template == "/v1/audio/speech" || template.hasPrefix("/v1/videos")
    }

    /// Whether output tokens without a stated split are those of pictures (OpenAI image endpoints).
    var answersInImages: Bool { template.hasPrefix("/v1/images/") }
}
