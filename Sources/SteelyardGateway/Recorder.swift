import SteelyardExchange
import SteelyardMetrics
import SteelyardPolicy
import SteelyardServer
import SteelyardWire
import Synchronization

/// Turns what exchanges report into metrics, log lines and learned ratios; reads each summary once.
final class Recorder: ExchangeRecorder {
    private let metrics: GatewayMetrics
    private let cache: ExchangeSeriesCache
    private let tools: ToolClock?
    private let log: AccessLog?
    private let rules: Mutex<ActiveRules>

    init(metrics: GatewayMetrics, rules: ActiveRules, countsTools: Bool, log: AccessLog?) {
        self.metrics = metrics
        self.log = log
        self.rules = Mutex(rules)
        cache = ExchangeSeriesCache(metrics)
        tools = countsTools ? ToolClock() : nil
    }

    var active: ActiveRules { rules.withLock { $0 } }

    /// Later requests follow other rules.
    func replaceRules(_ new: ActiveRules) { rules.withLock { $0 = new } }

    func began(provider: String) { metrics.inFlight.series(provider).add() }

    /// Charges are counted when they are settled, before the client has the bytes they cover: whoever reads the
    /// answer and then the metrics finds them agreeing.
    func record(_ record: ChargeRecord, _ account: ChargeAccount?) {
        guard let account else { return }
        count(account)
    }

    func ended(_ summary: ExchangeSummary) {
        if summary.isForwarded { metrics.inFlight.series(summary.provider).subtract() }
        countRequest(summary)
        countStream(summary)
        countTools(summary)
        countRateLimits(summary)
        learn(summary)
        log?.write(summary)
    }

    func refused(_ refusal: Refusal) {
        let team = active.rules.defaultTeam
        metrics.requests.series("other", "none", String(refusal.status), team, "none").add()
        metrics.errors.series("other", "none", team, "none", refusal.error.rawValue).add()
    }
}

/// Money and tokens.
extension Recorder {
    private func count(_ account: ChargeAccount) {
        let (opening, weight) = (account.opening, account.weight)
        let kind = ExchangeKind(
            endpoint: opening.endpoint,
            model: account.modelLabel,
            team: opening.team,
            provider: opening.provider
        )
        let series = cache.series(kind)
        series.cost.add(picodollars: weight.cost.amount)
        if weight.isEstimated { series.estimatedCost.add(picodollars: weight.cost.amount) }
        if let reason = weight.unmetered {
            metrics.unmetered.series(opening.endpoint, opening.team, reason.rawValue).add()
        }
        if let tokens = weight.tokens { count(tokens, series, kind) }
        if weight.confidence == .unpriced { countUnpriced(account) }
    }

    private func count(_ tokens: TokenAmounts, _ series: ExchangeSeries, _ kind: ExchangeKind) {
        series.prompt.add(tokens.prompt)
        series.completion.add(tokens.completion)
        series.total.add(tokens.total)
        for (detail, count) in tokens.details {
            metrics.tokenDetails.series(kind.endpoint, kind.model, kind.team, kind.provider, detail.label).add(count)
        }
    }

    private func countUnpriced(_ account: ChargeAccount) {
        metrics.unpricedRequests.series(account.modelLabel, account.opening.team).add()
        metrics.unpricedTokens.series(account.modelLabel, account.opening.team).add(account.weight.tokens?.total ?? 0)
    }
}

/// Background jobs.
extension Recorder {
    /// OpenAI keeps a response for 30 days, but clients that mean to read it ask within minutes.
    private static let jobLifetimeSeconds: Int64 = 86_400

    /// Charges jobs whose result nobody asked for by an estimate: never zero.
    func expireJobs(now: Int64) {
        let rules = active.rules
        for job in rules.jobs.takeExpired(openedBefore: now - Self.jobLifetimeSeconds) {
            count(ChargeAccount(expired: job, rules: rules))
        }
    }
}

/// Requests, streams, tools.
extension Recorder {
    private func countRequest(_ summary: ExchangeSummary) {
        metrics.requests.series(
            summary.endpoint,
            summary.modelLabel,
            String(summary.status),
            summary.team,
            summary.provider
        ).add()
        if let error = summary.error {
            metrics.errors.series(
                summary.endpoint,
                summary.modelLabel,
                summary.team,
                summary.provider,
                error.rawValue
            ).add()
        }
        if summary.retryCount > 0 { metrics.retries.series(summary.endpoint, summary.team).add() }
        if summary.outcome == .aborted { metrics.aborts.series(summary.endpoint, summary.team).add() }
        if summary.injectionRefused { metrics.injectionRefused.series(summary.provider).add() }
        for reason in summary.finishReasons {
            metrics.finishReasons.series(summary.endpoint, summary.modelLabel, FinishReason.label(reason)).add()
        }
        guard summary.reachedProvider else { return }
        let kind = ExchangeKind(
            endpoint: summary.endpoint,
            model: summary.modelLabel,
            team: summary.team,
            provider: summary.provider
        )
        cache.series(kind).duration(summary.outcome).observe(nanoseconds: summary.timings.durationNanoseconds)
    }

    private func countStream(_ summary: ExchangeSummary) {
        let labels = [summary.endpoint, summary.modelLabel, summary.provider]
        if let first = summary.timings.firstTokenNanoseconds {
            metrics.firstToken.series(labels).observe(nanoseconds: first)
        }
        if let perToken = summary.timings.perOutputTokenNanoseconds {
            metrics.perOutputToken.series(labels).observe(nanoseconds: perToken)
        }
        if let overhead = summary.timings.overheadNanoseconds { metrics.overhead.observe(nanoseconds: overhead) }
    }

    private func countTools(_ summary: ExchangeSummary) {
        guard let tools else { return }
        for callID in summary.toolResultIDs {
            guard let (tool, took) = tools.answered(callID: callID, atNanoseconds: summary.timings.beganAtNanoseconds)
            else { continue }
            metrics.toolDuration.series(tool).observe(nanoseconds: took)
        }
        for call in summary.toolCalls {
            metrics.toolCalls.series(call.name, summary.modelLabel, summary.team).add()
            tools.asked(callID: call.id, tool: call.name, atNanoseconds: summary.timings.endedAtNanoseconds)
        }
    }

    private func countRateLimits(_ summary: ExchangeSummary) {
        for reading in summary.rateLimits {
            let labels = [summary.provider, summary.modelLabel, reading.kind.rawValue]
            if let limit = reading.limit { metrics.rateLimit.series(labels).set(limit) }
            if let remaining = reading.remaining { metrics.rateLimitRemaining.series(labels).set(remaining) }
        }
    }

    /// Exact charges of generated text teach how many bytes a token takes.
    private func learn(_ summary: ExchangeSummary) {
        guard let sample = summary.textSample, let tokens = summary.charge?.weight.tokens else { return }
        active.rules.ratios.learn(
            model: summary.modelLabel,
            inputBytes: sample.requestBytes,
            inputTokens: tokens.prompt,
            outputBytes: sample.answerBytes,
            outputTokens: tokens.completion
        )
    }
}

/// Finish reasons as label values: a closed list, because the word comes from the wire.
enum FinishReason {
    private static let known: Set<String> = [
        "stop", "length", "tool_calls", "content_filter", "function_call", "max_output_tokens", "error",
    ]

    static func label(_ reason: String) -> String { known.contains(reason) ? reason : "other" }
}
