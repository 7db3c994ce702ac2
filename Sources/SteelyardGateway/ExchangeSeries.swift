import SteelyardExchange
import SteelyardMetrics
import Synchronization

/// The series that exchanges of one kind (endpoint, model, team, provider) add to, looked up once and kept.
///
/// A look-up in the registry hashes five strings behind a lock; an exchange touches about ten series.
final class ExchangeSeries: Sendable {
    let cost: MoneyCounter
    let estimatedCost: MoneyCounter
    let prompt: Counter
    let completion: Counter
    let total: Counter
    private let durations: [Histogram]

    init(_ kind: ExchangeKind, _ metrics: GatewayMetrics) {
        let labels = [kind.endpoint, kind.model, kind.team, kind.provider]
        cost = metrics.cost.series(labels)
        estimatedCost = metrics.estimatedCost.series(labels)
        prompt = metrics.tokens.series(labels + ["prompt"])
        completion = metrics.tokens.series(labels + ["completion"])
        total = metrics.tokens.series(labels + ["total"])
        durations = ExchangeOutcome.allCases.map {
            metrics.duration.series(kind.endpoint, kind.model, kind.provider, $0.rawValue)
        }
    }

    func duration(_ outcome: ExchangeOutcome) -> Histogram {
        // The array was made from the same list of all cases.
        durations[ExchangeOutcome.allCases.firstIndex(of: outcome) ?? 0]
    }
}

/// What two exchanges must share to add to the same series.
struct ExchangeKind: Hashable, Sendable {
    var endpoint: String
    var model: String
    var team: String
    var provider: String
}

/// The kept series by kind; bounded, because the registry's folding must see what lies beyond.
final class ExchangeSeriesCache: Sendable {
    private static let limit = 4096
    private let metrics: GatewayMetrics
    private let kept = Mutex<[ExchangeKind: ExchangeSeries]>([:])

    init(_ metrics: GatewayMetrics) { self.metrics = metrics }

    func series(_ kind: ExchangeKind) -> ExchangeSeries {
        if let known = kept.withLock({ $0[kind] }) { return known }
        let made = ExchangeSeries(kind, metrics)
        kept.withLock { kept in
            if kept.count < Self.limit { kept[kind] = made }
        }
        return made
    }
}
