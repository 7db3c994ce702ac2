import SteelyardPolicy
import SteelyardWire

/// The summary of an ended exchange.
extension Exchange {
    mutating func summary(at now: Tick) -> ExchangeSummary {
        let facts = passage.readFacts()
        let error = error(stated: facts?.error)
        let client = passage.client
        var summary = ExchangeSummary(
            id: id,
            method: request.method,
            endpoint: request.inbound?.route.template ?? "other",
            team: request.teamName,
            key: request.keyID,
            turnedAway: turnedAway,
            provider: request.providerName,
            modelAsked: request.model,
            modelLabel: modelLabel(facts),
            status: client.leftEarly ? 499 : client.status ?? 499,
            outcome: client.leftEarly ? .aborted : error == nil ? .ok : .failed,
            error: error,
            errorDetail: passage.failure?.detail ?? facts?.errorWord,
            isForwarded: passage.isForwarded,
            reachedProvider: passage.reachedProvider || passage.editWasRefused,
            isStreamed: passage.answer?.isStream ?? false,
            askedForUsage: passage.isArmed,
            injectionRefused: passage.editWasRefused,
            charge: charge.account,
            toolResultIDs: request.facts?.toolResultIDs ?? [],
            retryCount: request.inbound?.retryCount ?? 0,
            requestBytes: request.bodyBytes,
            answerBytes: client.answerBytes,
            timings: passage.timings(since: request.clock.start, at: now, charge.account?.weight.tokens)
        )
        if let facts { add(facts, to: &summary) }
        return summary
    }

    /// The model's name in metrics. A request is counted under the same name as the exchange's own charge, if there is
    /// one.
    private func modelLabel(_ facts: AnswerFacts?) -> String {
        charge.ownAccount?.modelLabel ?? request.rules.prices.label(asked: request.model, answered: facts?.model)
    }

    private func add(_ facts: AnswerFacts, to summary: inout ExchangeSummary) {
        summary.modelAnswered = facts.answeredModel(asked: request.model, request.rules.prices)
        summary.serviceTier = facts.servedTierWord
        summary.finishReasons = facts.finishReasons
        summary.toolCalls = facts.toolCalls
        if let fields = passage.answer?.head.fields { summary.rateLimits = RateLimitReading.read(from: fields) }
        // Only what the provider stated of its own charge can be learned from.
        guard charge.ownAccount?.weight.hasStatedTokens == true, let asked = request.facts else { return }
        summary.textSample = TextSample(asked, outputBytes: facts.outputByteCount)
        summary.lengthSample = LengthSample(asked, facts)
    }

    /// The first thing that went wrong: our own finding, else what the answer says.
    private func error(stated: AnswerError?) -> ExchangeError? {
        if let failure = passage.failure { return failure.error }
        guard !passage.client.leftEarly, let status = passage.answer?.head.status else { return nil }
        return ExchangeError(status: status, stated: stated) ?? (saysNothing ? .upstreamStream : nil)
    }

    /// Whether the provider accepted a request for work but answered nothing at all.
    private var saysNothing: Bool {
        guard let answer = passage.answer, passage.answerIsWhole, request.inbound?.route.isGeneration == true
        else { return false }
        return answer.isEmpty && answer.outputBytes == 0 && !answer.hasUsage
    }
}

extension LengthSample {
    /// How long the answer to a request was.
    fileprivate init(_ request: borrowing RequestFacts, _ answer: borrowing AnswerFacts) {
        self.init(
            generations: request.generationCount,
            requestedTier: request.serviceTier,
            servedTier: ServedTier(answered: answer.serviceTier).tier
        )
    }
}

extension TextSample {
    /// The size of the text on both sides; nil where not all of the input is text that was seen.
    fileprivate init?(_ request: borrowing RequestFacts, outputBytes: Int) {
        guard request.inputIsAllText else { return nil }
        self.init(requestBytes: request.inputByteCount, answerBytes: Int64(outputBytes))
    }
}

extension Passage {
    /// How long things took; `tokens` are those that the charge was settled at.
    fileprivate func timings(since start: Tick, at now: Tick, _ tokens: TokenAmounts?) -> ExchangeTimings {
        let origin = times.requestComplete ?? start
        return ExchangeTimings(
            began: start,
            ended: now,
            durationNanoseconds: now.nanoseconds(since: start),
            firstTokenNanoseconds: answer?.isStream == true
                ? answer?.firstContent.map { $0.nanoseconds(since: origin) } : nil,
            perOutputTokenNanoseconds: perOutputToken(tokens),
            overheadNanoseconds: times.answered == nil ? nil : times.overheadNanoseconds
        )
    }

    /// Streams only: the time after the first output, divided by the number of tokens after the first. Hidden reasoning
    /// came before the first output, so it is not counted; output that came in one piece gives no time.
    private func perOutputToken(_ tokens: TokenAmounts?) -> UInt64? {
        guard answer?.isStream == true, let first = answer?.firstContent, let last = answer?.lastContent, first < last,
            let tokens
        else { return nil }
        let visible = tokens.completion - tokens[.reasoning]
        return visible > 1 ? last.nanoseconds(since: first) / UInt64(visible - 1) : nil
    }
}

extension ExchangeError {
    /// What an answer's status and stated error mean; nil for a sound answer.
    init?(status: Int, stated: AnswerError?) {
        switch status {
        case 200..<400:
            guard stated != nil else { return nil }
            self = .upstreamStream
        case 401, 403: self = .upstreamAuth
        case 429: self = stated?.isQuota == true ? .upstreamQuota : .upstreamRateLimit
        case 400..<500: self = .upstreamRejected
        default: self = .upstreamServer
        }
    }
}

extension AnswerError {
    /// Whether waiting does not help (platform.openai.com, "Error codes", 429).
    fileprivate var isQuota: Bool { type == "insufficient_quota" || code == "insufficient_quota" }
}
