import SteelyardPolicy
import SteelyardWire

/// Turns what is known about one exchange into the weight of its charge.
struct Weighing {
    /// What the charge comes to.
    enum Verdict {
        /// Nothing can have been spent: nothing was sent, or the provider refused it.
        case nothing
        /// The provider works on in the background under this id; its first terminal re-read is the charge.
        case pending(String)
        /// This much.
        case weight(Weight)
    }

    /// A 5xx that took this long has cost the provider, and possibly the customer, something. Field lessons report
    /// 47 % of a bill invisible to gateways that took every failure for free; an immediate 5xx never is billed.
    static let lateFailureSeconds = 10.0

    let rules: Rules
    let provider: Provider
    let route: Route
    let request: RequestFacts?
    let answer: Answer?
    let facts: AnswerFacts?
    let requestBytes: Int64
    let reachedProvider: Bool
    let isWhole: Bool
    let timedOut: Bool
    let answerSeconds: Double
    let modelLabel: String
    var openedAtSeconds: Int64

    /// The verdict.
    var verdict: Verdict {
        guard reachedProvider else { return .nothing }
        guard let answer else { return .weight(unmetered(timedOut ? .timeout : .noAnswer)) }
        guard isAccepted else { return refusedVerdict(answer.head.status) }
        if let usage = facts?.usage { return .weight(stated(usage, isFinal: isWhole || answer.isFinished)) }
        if let facts, facts.isPending, let id = facts.id { return .pending(id) }
        return .weight(withoutUsage(answer))
    }

    /// 4xx never cost anything (provider pricing pages: rejected requests are not billed); a late 5xx may have.
    private func refusedVerdict(_ status: Int) -> Verdict {
        guard status >= 500, answerSeconds >= Self.lateFailureSeconds else { return .nothing }
        return .weight(unmetered(.lateFailure))
    }

    private func unmetered(_ reason: UnmeteredReason) -> Weight {
        Weight(confidence: .unmetered, unmetered: reason)
    }

    /// The provider said what was used; running totals of a stream that broke off are only what it had said so far.
    private func stated(_ usage: UsageReading, isFinal: Bool) -> Weight {
        let meters = Meters(usage, facts, longCacheWrites: request?.promptCacheTTL == "12h")
        var weight = priced(meters, confidence: isFinal ? .exact : .estimated)
        weight.tokens = TokenAmounts(usage)
        weight.usage = usage.verbatim
        return weight
    }

    private func withoutUsage(_ answer: Answer) -> Weight {
        guard !answer.isUndecodable else { return unmetered(.undecodable) }
        guard route.isGeneration else { return unmetered(.path) }
        guard outputBytes > 0 || !isWhole else { return unmetered(.noUsage) }
        return estimated(answer)
    }

    /// Input from the request's text, output from the answer's text, at learned ratios, bounded by the output cap.
    private func estimated(_ answer: Answer) -> Weight {
        let tokens = TokenAmounts(
            prompt: rules.ratios.inputTokens(model: modelLabel, bytes: inputBytes),
            completion: bounded(outputTokens(answer))
        )
        var meters = Meters(promptTokens: tokens.prompt)
        meters[.input] = tokens.prompt
        meters[.output] = tokens.completion
        var weight = priced(meters, confidence: .estimated)
        weight.tokens = tokens
        return weight
    }

    private func outputTokens(_ answer: Answer) -> Int64 {
        let bytes = outputBytes
        if bytes == 0, !answer.isStream { return rules.ratios.unseenOutputTokens(model: modelLabel) }
        return rules.ratios.outputTokens(model: modelLabel, bytes: bytes)
    }

    private func bounded(_ tokens: Int64) -> Int64 {
        guard let cap = request?.outputLimit else { return tokens }
        return min(tokens, cap.multipliedClamped(by: max(1, request?.choiceCount ?? 1)))
    }

    /// Whether the provider took the request.
    var isAccepted: Bool { answer.map { (200..<300).contains($0.head.status) } ?? false }

    private var outputBytes: Int64 { Int64(facts?.outputByteCount ?? 0) }

    /// Text of the request where it was read, else its whole body.
    var inputBytes: Int64 { request.map { Int64($0.textByteCount) } ?? requestBytes }

    /// The model that is paid for: the one that answered where the book knows it (a deployment's name may be anything),
    /// else the one that was asked for.
    var pricedModel: String {
        let names = [facts?.model, request?.model].compactMap(\.self)
        return names.first { rules.prices.bookName(for: $0) != nil } ?? names.first ?? "none"
    }

    private func priced(_ meters: Meters, confidence: Confidence) -> Weight {
        let outcome = rules.prices.cost(
            of: meters,
            model: pricedModel,
            tier: ServedTier(answered: facts?.serviceTier).tier,
            at: openedAtSeconds,
            region: Region(openAIHost: provider.origin.host)
        )
        return Weight(outcome, confidence: confidence)
    }
}

extension Int64 {
    fileprivate func multipliedClamped(by factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
