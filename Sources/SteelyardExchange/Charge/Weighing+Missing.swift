import SteelyardPolicy
import SteelyardWire

/// The cost of a charge when the provider has not stated a usage.
extension Weighing {
    /// The weight when no answer came. The provider may have worked on the request; if nobody waited for the answer any
    /// more, it surely has.
    var unanswered: Weight {
        if end.wasGivenUp, let weight = spoken(estimate: .unseen) { return weight }
        guard end.wasGivenUp, route.isGeneration, work.textBytes != nil else {
            return end.timedOut ? unmetered(.timeout) : lost
        }
        var weight = estimated(isStream: request?.streams ?? false)
        weight.estimate = .unseen
        return weight
    }

    /// The id of work that goes on after the answer, whatever happens to the connection: background work that was asked
    /// for, or a run of an assistant. Any other stream that shows `in_progress` was cut off, and its provider stops
    /// working.
    var pendingID: String? {
        guard let facts, facts.isPending, route.isGeneration else { return nil }
        let isPlainAndUnread = request == nil && work.textBytes != nil && answer?.isStream == false
        guard isBackground || facts.objectType == "thread.run" || isPlainAndUnread else { return nil }
        return facts.id
    }

    func withoutUsage(_ answer: WeighedAnswer) -> Weight {
        guard !answer.isUndecodable else { return unmetered(.undecodable) }
        guard route.isGeneration else { return unmetered(.path) }
        // The bytes of uploaded sound and pictures say nothing about tokens.
        guard outputBytes > 0 || !isFinal, work.textBytes != nil else { return unmetered(.noUsage) }
        return estimated(isStream: answer.isStream)
    }

    /// The weight when the connection broke. If it broke soon after the request was sent, the provider did not work on
    /// the request, or not for long. No provider works on half a request.
    private var lost: Weight {
        var weight = unmetered(.noAnswer)
        if !end.requestWasWhole || end.answerSeconds < Self.lateFailureSeconds { weight.cost = .zero }
        return weight
    }

    /// Providers bill timeouts and late failures too (one bill was 47 % larger than what gateways had seen), so budgets
    /// count the hold.
    func unmetered(_ reason: UnmeteredReason) -> Weight {
        Weight(cost: hold, confidence: .unmetered, unmetered: reason)
    }

    /// An estimate: input from the request's text, output from what was seen and what such a model thinks in addition.
    private func estimated(isStream: Bool) -> Weight {
        let output = estimatedOutput(isStream: isStream)
        let weight = priced(estimate: TokenAmounts(prompt: estimatedInput, completion: output.tokens))
        return withinPromise(weight, hidesWork: output.isHidden || hidesInput && !brokeAtOnce)
    }

    /// The cost of a job that has ended without a usage: nobody has seen all of its output.
    func estimated(_ job: OpenJob) -> Weight {
        var job = job
        job.seenOutputBytes = max(job.seenOutputBytes, outputBytes)
        let tokens = TokenAmounts(job, label: model.label, priced: model.priced, rules: rules)
        return withinPromise(priced(estimate: tokens), hidesWork: true)
    }

    /// Keeps an estimate within the bounds that were promised.
    ///
    /// If there is input or output that Steelyard cannot measure, at least the hold is charged: otherwise leaving early
    /// would be a way to save money. No estimate is above the ceiling that was shown as exposure, unless the bytes that
    /// came disprove the output cap that the ceiling was computed from.
    func withinPromise(_ weight: Weight, hidesWork: Bool) -> Weight {
        var weight = weight
        if hidesWork { weight.cost = max(weight.cost, hold) }
        if let ceiling, !capIsDisproved { weight.cost = min(weight.cost, max(ceiling, hold)) }
        return weight
    }

    /// Input as it is estimated from the request's bytes.
    var estimatedInput: Int64 { work.inputTokens(team: team, model: model.label, estimates: rules.estimates) }

    /// Whether there is input that the request's bytes do not measure: what the provider has stored or fetches, files,
    /// sound, and what its own tools find.
    private var hidesInput: Bool {
        guard let request else { return false }
        return request.hasStoredInput || request.hasRemoteMedia || request.fileCount > 0 || request.audioCount > 0
            || !request.hostedTools.isEmpty || route.drawsOnStoredInput
    }

    private var isBackground: Bool { request?.isBackground == true }

    /// Whether the provider goes on working while nobody listens.
    var goesOn: Bool { isBackground && !isFinal }
}

/// What an estimate says of an answer's output.
struct OutputEstimate {
    /// All of it, thoughts included.
    var tokens: Int64
    /// Whether some of it could not be seen, so that it may be far more.
    var isHidden: Bool
}

extension Weighing {
    /// Estimates the output from what was seen of it.
    func estimatedOutput(isStream: Bool) -> OutputEstimate {
        guard route.answersInText else { return OutputEstimate(tokens: 0, isHidden: false) }
        if showsMedia { return OutputEstimate(tokens: bounded(textTokens), isHidden: true) }
        return isStream || isFinal ? streamedOutput : unfinishedOutput
    }

    /// A stream is generated while it is sent, except for what the model thinks. How much it thinks is learned; if it
    /// is not known, it counts as hidden.
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

    /// How many tokens a model that thinks can have thought before its first output. A few answers with little thought
    /// must not teach that a long silence costs nothing.
    private func thoughtTokensByTime(_ learned: Int64?) -> Int64 {
        guard traits.reasonsUnseen || (learned ?? 0) > 0 else { return 0 }
        return Int64(min(end.silentSeconds, 3600) * Self.thoughtTokensPerSecond)
    }

    /// Models of 2026 put out 40 to 150 tokens a second (artificialanalysis.ai, "Output speed", 2026-11).
    private static let thoughtTokensPerSecond = 100.0

    private var generations: Int64 { request?.generationCount ?? 1 }

    /// A plain answer is generated whole before its first byte comes, so one that broke off has more output than was
    /// seen.
    private var unfinishedOutput: OutputEstimate {
        let unseen = rules.estimates.unseenTokens(team: team, model: model.label)
        return OutputEstimate(tokens: bounded(max(textTokens, unseen)), isHidden: end.wasGivenUp)
    }

    /// Whether the provider broke off before it can have done much.
    private var brokeAtOnce: Bool {
        outputBytes == 0 && !isFinal && !end.wasGivenUp && !end.timedOut && end.workSeconds < Self.lateFailureSeconds
    }

    /// Whether there is, or may be, output that cannot be measured by counting text.
    var showsMedia: Bool {
        if facts?.hasMediaOutput == true || route.answersInMedia { return true }
        return outputBytes == 0 && traits.answersInMedia
    }

    private var traits: ModelTraits { rules.prices.traits(of: model.priced) }

    /// The tokens of the text that was seen.
    var textTokens: Int64 { rules.estimates.textTokens(bytes: outputBytes, team: team, model: model.label) }

    /// Limits a count to the request's own cap and to the most that the model can generate.
    func bounded(_ tokens: Int64) -> Int64 {
        let model = (traits.maxOutputTokens ?? .max).multipliedClamped(by: generations)
        guard let cap = work.outputLimit, !capIsDisproved else { return min(tokens, model) }
        return min(tokens, model, cap)
    }

    /// Whether more text came than the request's cap allows, which shows that the provider does not know that cap.
    /// Hardly any text has fewer than one token per eight bytes: a long run of spaces does.
    private var capIsDisproved: Bool { work.outputLimit.map { outputBytes / 8 > $0 } ?? false }

    /// The bytes of text that were seen, here or by another read of the same work.
    var outputBytes: Int64 { max(Int64(facts?.outputByteCount ?? 0), outputBytesElsewhere) }
}

extension Route {
    /// Whether an answer's tokens are text that can be estimated: vectors have none.
    var answersInText: Bool { template != "/v1/embeddings" }
}
