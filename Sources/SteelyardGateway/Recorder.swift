import SteelyardClock
import SteelyardExchange
import SteelyardMetrics
import SteelyardPolicy
import SteelyardServer
import SteelyardWire
import Synchronization

/// Turns the reports of exchanges into metrics, log lines and what estimates learn from; reads each summary once.
final class Recorder: ExchangeRecorder {
    private let metrics: GatewayMetrics
    private let records: ChargeRecords
    private let cache: ExchangeSeriesCache
    private let toolClock: ToolClock?
    private let toolNames = ToolNames()
    private let log: AccessLog?
    let recent = RecentExchanges()
    private let newestRules: Mutex<ActiveRules>

    init(metrics: GatewayMetrics, records: ChargeRecords, rules: ActiveRules, countsTools: Bool, log: AccessLog?) {
        self.metrics = metrics
        self.records = records
        self.log = log
        newestRules = Mutex(rules)
        cache = ExchangeSeriesCache(metrics)
        toolClock = countsTools ? ToolClock() : nil
        showProviders(rules.rules)
    }

    var active: ActiveRules { newestRules.withLock { $0 } }

    var rules: Rules { active.rules }

    /// Later requests follow the new rules.
    func replaceRules(_ new: ActiveRules) {
        showProviders(new.rules)
        newestRules.withLock { $0 = new }
    }

    /// Shows known series at zero, so that queries need not distinguish "none yet" from "absent".
    private func showProviders(_ rules: Rules) {
        for provider in rules.providers.providers {
            _ = metrics.providers.inFlight.series(provider.name)
            _ = metrics.providers.injectionRefused.series(provider.name)
        }
    }

    func began(provider: String) { metrics.providers.inFlight.series(provider).add() }

    func open(_ record: ChargeRecord, on loop: Int, whenSafe: @escaping @Sendable (Bool) -> Void) -> Bool? {
        records.open(record, on: loop, whenSafe: whenSafe)
    }

    /// Counts charges when they are settled, before the client has the bytes that they cover. So a client that reads
    /// the answer and then the metrics sees matching numbers.
    func record(_ record: ChargeRecord, _ account: ChargeAccount?, on loop: Int) {
        self.record(record, account, onLoop: loop)
    }

    private func record(_ record: ChargeRecord, _ account: ChargeAccount?, onLoop loop: Int?) {
        records.append(record, on: loop)
        guard let account else { return }
        count(account)
    }

    func ended(_ summary: ExchangeSummary) {
        if summary.isForwarded { metrics.providers.inFlight.series(summary.provider).subtract() }
        let series = cache.series(ExchangeKind(summary))
        countRequest(summary, series)
        if let turnedAway = summary.turnedAway { count(turnedAway, team: summary.team) }
        countEnding(summary, series)
        countTimes(summary, series)
        countTools(summary)
        countRateLimits(summary, series)
        learn(summary)
        log?.write(summary)
        recent.add(summary, wallSeconds: WallClock.seconds())
    }

    func refused(_ refusal: Refusal, id: ChargeID) {
        let kind = ExchangeKind(endpoint: "other", model: "none", team: "none", provider: "none")
        let series = cache.series(kind)
        series.requests(status: refusal.status).add()
        series.errors(refusal.error).add()
        log?.write(refusal, id: id, kind)
    }
}

/// Money and tokens.
extension Recorder {
    private func count(_ account: ChargeAccount) {
        let (opening, weight) = (account.opening, account.weight)
        let series = cache.series(ExchangeKind(account))
        if weight.confidence != .unmetered { series.cost.add(picodollars: weight.cost.amount) }
        if weight.isEstimated { series.estimatedCost.add(picodollars: weight.cost.amount) }
        if let reason = weight.unmetered {
            metrics.unknowns.unmetered.series(opening.endpoint, opening.team, reason.rawValue).add()
        }
        if let tokens = weight.tokens { count(tokens, series) }
        if weight.confidence == .unpriced { countUnpriced(account) }
    }

    private func count(_ tokens: TokenAmounts, _ series: ExchangeSeries) {
        series.tokens(.prompt).add(tokens.prompt)
        series.tokens(.completion).add(tokens.completion)
        series.tokens(.total).add(tokens.total)
        for (detail, count) in tokens.details { series.details(detail).add(count) }
    }

    private func countUnpriced(_ account: ChargeAccount) {
        metrics.unknowns.unpricedRequests.series(account.modelLabel, account.opening.team).add()
        metrics.unknowns.unpricedTokens.series(account.modelLabel, account.opening.team).add(
            account.weight.tokens?.total ?? 0
        )
    }
}

/// Background jobs.
extension Recorder {
    /// OpenAI keeps a response for 30 days, but clients that want to read it ask within minutes.
    static let jobLifetimeSeconds: Int64 = 86_400

    /// Charges an estimate for jobs whose result nobody read; never zero.
    func expireJobs(nowSeconds: Int64) {
        let rules = self.rules
        for job in rules.jobs.takeExpired(openedBefore: nowSeconds - Self.jobLifetimeSeconds) {
            let account = ChargeAccount(expired: job, rules: rules)
            let settlement = ChargeSettlement(account, priceBook: rules.prices.version, settledAtSeconds: nowSeconds)
            record(.settled(settlement), account, onLoop: nil)
            let cost = account.weight.cost
            rules.admission.settleDeferred(job.opening, cost: cost, tokens: nil, at: .now())
        }
    }
}

/// Requests, their times, and tools.
extension Recorder {
    private func countRequest(_ summary: ExchangeSummary, _ series: ExchangeSeries) {
        series.requests(status: summary.status).add()
        if let error = summary.error { series.errors(error).add() }
        if summary.retryCount > 0 { metrics.requests.retries.series(summary.endpoint, summary.team).add() }
        if summary.outcome == .aborted { metrics.requests.aborts.series(summary.endpoint, summary.team).add() }
        if summary.injectionRefused { metrics.providers.injectionRefused.series(summary.provider).add() }
    }

    /// Two reasons outside the closed list count as one reason here.
    private func countEnding(_ summary: ExchangeSummary, _ series: ExchangeSeries) {
        var counted = FinishReason.Kinds()
        for reason in summary.finishReasons.lazy.map(FinishReason.init(fromWire:)) where counted.insert(reason) {
            series.finishes(reason).add()
        }
    }

    private func countTimes(_ summary: ExchangeSummary, _ series: ExchangeSeries) {
        let timings = summary.timings
        if summary.reachedProvider {
            series.duration(summary.outcome).observe(nanoseconds: timings.durationNanoseconds)
        }
        if let first = timings.firstTokenNanoseconds { series.firstToken.observe(nanoseconds: first) }
        if let perToken = timings.perOutputTokenNanoseconds { series.perOutputToken.observe(nanoseconds: perToken) }
        if let overhead = timings.overheadNanoseconds { metrics.times.overhead.observe(nanoseconds: overhead) }
    }

    private func countTools(_ summary: ExchangeSummary) {
        guard let toolClock else { return }
        for callID in summary.toolResultIDs {
            let call = ToolClock.Call(team: summary.team, id: callID)
            guard let (tool, took) = toolClock.answered(call, at: summary.timings.began) else {
                continue
            }
            metrics.tools.duration.series(tool).observe(nanoseconds: took)
        }
        for call in summary.toolCalls {
            let tool = toolNames.label(call.name)
            metrics.tools.calls.series(tool, summary.modelLabel, summary.team).add()
            let asked = ToolClock.Call(team: summary.team, id: call.id)
            toolClock.asked(asked, tool: tool, at: summary.timings.ended)
        }
    }

    private func countRateLimits(_ summary: ExchangeSummary, _ series: ExchangeSeries) {
        for reading in summary.rateLimits {
            if let limit = reading.limit { series.limit(reading.kind).set(limit) }
            if let remaining = reading.remaining { series.remaining(reading.kind).set(remaining) }
        }
    }

    /// Counts requests that Steelyard itself refused.
    private func count(_ turnedAway: TurnedAway, team: String) {
        switch turnedAway {
        case .unidentified(let refusal): metrics.rejections.unidentified.series(refusal.rawValue).add()
        case .rejected(let rejection) where rejection.isRate:
            metrics.rejections.rates.series(team, rejection.reason).add()
        case .rejected(let rejection): metrics.rejections.budgets.series(team, rejection.reason).add()
        }
    }

    /// Exact charges teach how long prompts and answers are, and how many bytes of generated text a token takes.
    private func learn(_ summary: ExchangeSummary) {
        learnLengths(summary)
        guard let sample = summary.textSample, let tokens = summary.charge?.weight.tokens else { return }
        let answer = AnswerSample(
            inputBytes: sample.requestBytes,
            inputTokens: tokens.prompt,
            outputBytes: sample.answerBytes,
            outputTokens: tokens.completion,
            reasoningTokens: tokens[.reasoning],
            generations: summary.lengthSample?.generations ?? 1
        )
        rules.estimates.learn(answer, team: summary.team, model: summary.modelLabel)
    }
}

extension ExchangeKind {
    /// The kind of an ended exchange.
    fileprivate init(_ summary: ExchangeSummary) {
        self.init(
            endpoint: summary.endpoint,
            model: summary.modelLabel,
            team: summary.team,
            provider: summary.provider
        )
    }

    /// The kind of the exchange that opened a charge: of the background job, not of the poll that closed it.
    fileprivate init(_ account: ChargeAccount) {
        self.init(
            endpoint: account.opening.endpoint,
            model: account.modelLabel,
            team: account.opening.team,
            provider: account.opening.provider
        )
    }
}

extension Recorder {
    private func learnLengths(_ summary: ExchangeSummary) {
        guard let sample = summary.lengthSample, let tokens = summary.charge?.weight.tokens else { return }
        rules.quantiles.learn(
            model: summary.modelLabel,
            team: summary.team,
            inputTokens: tokens.prompt,
            outputTokens: tokens.completion,
            generations: sample.generations,
            requestedTier: sample.requestedTier,
            served: sample.servedTier
        )
    }
}

extension Rejection {
    /// Whether it limits requests or tokens per time, and not money.
    fileprivate var isRate: Bool {
        switch self {
        case .rateExceeded, .concurrencyExceeded: true
        default: false
        }
    }
}
