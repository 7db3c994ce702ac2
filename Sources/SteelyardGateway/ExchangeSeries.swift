import SteelyardExchange
import SteelyardMetrics
import Synchronization

/// The labels that two exchanges share if they add to the same series.
struct ExchangeKind: Hashable, Sendable {
    var endpoint: String
    var model: String
    var team: String
    var provider: String
}

/// The series that exchanges of one kind add to.
final class ExchangeSeries: Sendable {
    private let kind: ExchangeKind
    private let metrics: GatewayMetrics

    private let succeededSeries = KeptSeries<Counter>()
    private let durationSeries = InlineArray<3, KeptSeries<Histogram>> { _ in KeptSeries() }
    private let finishReasonSeries = InlineArray<8, KeptSeries<Counter>> { _ in KeptSeries() }
    private let firstTokenSeries = KeptSeries<Histogram>()
    private let perOutputTokenSeries = KeptSeries<Histogram>()
    private let costSeries = KeptSeries<MoneyCounter>()
    private let estimatedCostSeries = KeptSeries<MoneyCounter>()
    private let tokenSeries = InlineArray<3, KeptSeries<Counter>> { _ in KeptSeries() }
    private let detailSeries = InlineArray<8, KeptSeries<Counter>> { _ in KeptSeries() }
    private let limitSeries = InlineArray<2, KeptSeries<Gauge>> { _ in KeptSeries() }
    private let remainingSeries = InlineArray<2, KeptSeries<Gauge>> { _ in KeptSeries() }

    init(_ kind: ExchangeKind, _ metrics: GatewayMetrics) {
        self.kind = kind
        self.metrics = metrics
    }
}

/// Requests and their times.
extension ExchangeSeries {
    /// `ai_requests_total`; only the series of the usual status is kept.
    func requests(status: Int) -> Counter {
        status == 200 ? succeededSeries.or { findRequests(status) } : findRequests(status)
    }

    private func findRequests(_ status: Int) -> Counter {
        metrics.requests.total.series(kind.endpoint, kind.model, String(status), kind.team, kind.provider)
    }

    /// `ai_errors_total`.
    func errors(_ error: ExchangeError) -> Counter {
        metrics.requests.errors.series(kind.endpoint, kind.model, kind.team, kind.provider, error.rawValue)
    }

    /// `ai_finish_reasons_total`.
    func finishes(_ reason: FinishReason) -> Counter {
        finishReasonSeries[reason.index].or {
            metrics.requests.finishReasons.series(kind.endpoint, kind.model, reason.rawValue)
        }
    }

    /// `ai_request_duration_seconds`.
    func duration(_ outcome: ExchangeOutcome) -> Histogram {
        durationSeries[outcome.index].or {
            metrics.times.duration.series(kind.endpoint, kind.model, kind.provider, outcome.rawValue)
        }
    }

    /// `ai_time_to_first_token_seconds`.
    var firstToken: Histogram {
        firstTokenSeries.or { metrics.times.firstToken.series(kind.endpoint, kind.model, kind.provider) }
    }

    /// `ai_time_per_output_token_seconds`.
    var perOutputToken: Histogram {
        perOutputTokenSeries.or { metrics.times.perOutputToken.series(kind.endpoint, kind.model, kind.provider) }
    }
}

/// Money, tokens and the provider's limits.
extension ExchangeSeries {
    /// `ai_cost_usd_total`.
    var cost: MoneyCounter { costSeries.or { metrics.spend.cost.series(charged) } }

    /// `ai_cost_estimated_usd_total`.
    var estimatedCost: MoneyCounter { estimatedCostSeries.or { metrics.spend.estimatedCost.series(charged) } }

    /// `ai_tokens_total`.
    func tokens(_ type: TokenType) -> Counter {
        tokenSeries[type.rawValue].or { metrics.spend.tokens.series(charged + [type.label]) }
    }

    /// `ai_token_details_total`.
    func details(_ detail: TokenDetail) -> Counter {
        detailSeries[detail.rawValue].or { metrics.spend.tokenDetails.series(charged + [detail.label]) }
    }

    /// `ai_upstream_ratelimit_limit`.
    func limit(_ limit: RateLimitKind) -> Gauge {
        limitSeries[limit.index].or { metrics.providers.rateLimit.series(kind.provider, kind.model, limit.rawValue) }
    }

    /// `ai_upstream_ratelimit_remaining`.
    func remaining(_ limit: RateLimitKind) -> Gauge {
        remainingSeries[limit.index].or {
            metrics.providers.rateLimitRemaining.series(kind.provider, kind.model, limit.rawValue)
        }
    }

    private var charged: [String] { [kind.endpoint, kind.model, kind.team, kind.provider] }
}

/// The values of the label `type` of `ai_tokens_total`.
enum TokenType: Int, CaseIterable {
    case prompt
    case completion
    case total

    var label: String { "\(self)" }
}

extension ExchangeOutcome {
    fileprivate var index: Int {
        switch self {
        case .ok: 0
        case .failed: 1
        case .aborted: 2
        }
    }
}

extension RateLimitKind {
    fileprivate var index: Int {
        switch self {
        case .requests: 0
        case .tokens: 1
        }
    }
}

/// Keeps the series by kind. The cache is bounded, although endpoints, models, teams and providers are closed sets: a
/// bound costs nothing.
final class ExchangeSeriesCache: Sendable {
    private static let limit = 4096
    private let metrics: GatewayMetrics
    private let kept = Mutex<[ExchangeKind: ExchangeSeries]>([:])

    init(_ metrics: GatewayMetrics) { self.metrics = metrics }

    /// The series of a kind. When the cache is full, it makes them for this use only; they find the same counters.
    func series(_ kind: ExchangeKind) -> ExchangeSeries {
        kept.withLock { kept in
            if let known = kept[kind] { return known }
            let made = ExchangeSeries(kind, metrics)
            if kept.count < Self.limit { kept[kind] = made }
            return made
        }
    }
}
