import SteelyardPolicy
import SteelyardWire

/// The summary of an ended exchange.
extension Exchange {
    mutating func summary(at now: Tick) -> ExchangeSummary {
        let facts = answer?.readFacts()
        let error = error(stated: facts?.error)
        var summary = ExchangeSummary(
            id: id,
            method: method,
            endpoint: inbound?.route.template ?? "other",
            team: teamName,
            key: keyID,
            turnedAway: turnedAway,
            provider: providerName ?? "none",
            modelAsked: inbound?.facts?.model,
            modelLabel: modelLabel(facts),
            status: client.leftEarly ? 499 : client.status ?? 499,
            outcome: client.leftEarly ? .aborted : error == nil ? .ok : .failed,
            error: error,
            errorDetail: failure?.detail ?? facts?.errorWord,
            isForwarded: isForwarded,
            reachedProvider: times.departed != nil || inbound?.injectionRefused == true,
            isStreamed: answer?.isStream ?? false,
            askedForUsage: inbound?.isArmed ?? false,
            injectionRefused: inbound?.injectionRefused ?? false,
            charge: charge.account,
            toolResultIDs: inbound?.facts?.toolResultIDs ?? [],
            retryCount: retryCount,
            requestBytes: client.requestBytes,
            answerBytes: client.answerBytes,
            timings: timings(at: now)
        )
        if let facts { add(facts, to: &summary) }
        return summary
    }

    /// The model's name in metrics. A request is counted under the same name as the exchange's own charge, if there is
    /// one.
    private func modelLabel(_ facts: AnswerFacts?) -> String {
        if let account = charge.account, account.opening.charge == id { return account.modelLabel }
        return rules.prices.label(asked: inbound?.facts?.model, answered: facts?.model)
    }

    private func add(_ facts: AnswerFacts, to summary: inout ExchangeSummary) {
        summary.modelAnswered = facts.answeredModel(asked: inbound?.facts?.model, rules.prices)
        summary.serviceTier = facts.servedTierWord
        summary.finishReasons = facts.finishReasons
        summary.toolCalls = facts.toolCalls
        if let fields = answer?.head.fields { summary.rateLimits = RateLimitReading.read(from: fields) }
        summary.textSample = textSample(outputBytes: facts.outputByteCount)
        summary.lengthSample = lengthSample(facts)
    }

    /// How long this exchange's own answer was, where its provider stated it.
    private func lengthSample(_ facts: AnswerFacts) -> LengthSample? {
        guard let account = charge.account, account.weight.hasStatedTokens, account.opening.charge == id,
            let request = inbound?.facts
        else { return nil }
        return LengthSample(
            generations: request.generationCount,
            requestedTier: request.serviceTier,
            servedTier: ServedTier(answered: facts.serviceTier).tier
        )
    }

    /// The size of this exchange's own text, if the provider stated the tokens of its own charge.
    private func textSample(outputBytes: Int) -> TextSample? {
        guard let account = charge.account, account.weight.hasStatedTokens, account.opening.charge == id,
            let request = inbound?.facts, request.inputIsAllText
        else { return nil }
        return TextSample(requestBytes: request.inputByteCount, answerBytes: Int64(outputBytes))
    }

    /// The first thing that went wrong: our own finding, else what the answer says.
    private func error(stated: AnswerError?) -> ExchangeError? {
        if let failure { return failure.error }
        guard !client.leftEarly, let status = answer?.head.status else { return nil }
        return ExchangeError(status: status, stated: stated) ?? (saysNothing ? .upstreamStream : nil)
    }

    /// Whether the provider accepted a request for work but answered nothing at all.
    private var saysNothing: Bool {
        guard let answer, answerIsWhole, inbound?.route.isGeneration == true else { return false }
        return answer.isEmpty && answer.outputBytes == 0 && !answer.hasUsage
    }

    /// How often the SDK has tried before; both official SDKs send it (`_base_client.py`, 3.52.0).
    private var retryCount: Int {
        inbound?.head.fields.first("x-stainless-retry-count").flatMap { Int($0) }.map { min(max($0, 0), 100) } ?? 0
    }

    private func timings(at now: Tick) -> ExchangeTimings {
        let origin = times.requestComplete ?? receivedAt
        return ExchangeTimings(
            began: receivedAt,
            ended: now,
            durationNanoseconds: now.nanoseconds(since: receivedAt),
            firstTokenNanoseconds: answer?.isStream == true
                ? answer?.firstContent.map { $0.nanoseconds(since: origin) } : nil,
            perOutputTokenNanoseconds: perOutputToken,
            overheadNanoseconds: times.answered == nil ? nil : times.overheadNanoseconds
        )
    }

    /// Streams only: the time after the first output, divided by the number of tokens after the first. Hidden reasoning
    /// came before the first output, so it is not counted; output that came in one piece gives no time.
    private var perOutputToken: UInt64? {
        guard answer?.isStream == true, let first = answer?.firstContent, let last = answer?.lastContent, first < last,
            let tokens = charge.account?.weight.tokens
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

extension RateLimitReading {
    /// Reads OpenAI's own rate-limit fields (`x-ratelimit-limit-requests`, `-remaining-tokens`, …); fields of other
    /// families are ignored.
    static func read(from fields: HeaderFields) -> [RateLimitReading] {
        let requests = RateLimitReading(
            kind: .requests,
            limit: number("x-ratelimit-limit-requests", fields),
            remaining: number("x-ratelimit-remaining-requests", fields)
        )
        let tokens = RateLimitReading(
            kind: .tokens,
            limit: number("x-ratelimit-limit-tokens", fields),
            remaining: number("x-ratelimit-remaining-tokens", fields)
        )
        switch (requests.isEmpty, tokens.isEmpty) {
        case (false, false): return [requests, tokens]
        case (false, true): return [requests]
        case (true, false): return [tokens]
        case (true, true): return []
        }
    }

    private var isEmpty: Bool { limit == nil && remaining == nil }

    /// Azure has sent -1 for "unknown" (learn.microsoft.com, question 5625878).
    private static func number(_ name: StaticString, _ fields: HeaderFields) -> Int64? {
        for index in 0..<fields.count where fields.isNamed(name, at: index) {
            return Int64(digits: fields.value(at: index))
        }
        return nil
    }
}

extension Int64 {
    /// The number that decimal digits make; nil when there are none, other bytes, or too many.
    fileprivate init?(digits: ArraySlice<UInt8>) {
        guard !digits.isEmpty else { return nil }
        var number: Int64 = 0
        for byte in digits {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
            let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = tens.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !isTooLarge, !overflows else { return nil }
            number = sum
        }
        self = number
    }
}
