/// What a scrape of Steelyard's `/metrics` says, as a table for people: a row for each endpoint and model.
public struct DemoTable: Sendable {
    private let metrics: ScrapedMetrics

    /// Reads the text of `/metrics`.
    public init(exposition: String) { metrics = ScrapedMetrics(exposition) }

    /// The table's lines, none wider than 79 columns.
    public var lines: [String] {
        let endpoints = Set(metrics.samples("ai_requests_total").compactMap { $0.labels["endpoint"] }).sorted()
        let sections = endpoints.map { (name: $0, rows: rows($0)) }
        // The column heads are in the line of the first endpoint, which has no figures itself.
        return [Self.row(endpoints.first ?? "", Self.columns)] + (sections.first?.rows ?? [])
            + sections.dropFirst().flatMap { [$0.name] + $0.rows } + [total] + summary
    }

    private static let columns = ["calls", "errors", "tokens", "USD", "p50", "p95", "TTFT"]

    private func rows(_ endpoint: String) -> [String] {
        let samples = metrics.samples("ai_requests_total", ["endpoint": endpoint])
        let models = Set(samples.compactMap { $0.labels["model"] }).sorted()
        return models.map { Self.row("  " + $0, cells(["endpoint": endpoint, "model": $0])) }
    }

    private var total: String { Self.row("total", cells([:])) }

    private func cells(_ labels: [String: String]) -> [String] {
        let duration = "ai_request_duration_seconds"
        return [
            DemoFigures.grouped(metrics.sum("ai_requests_total", labels)),
            DemoFigures.grouped(metrics.sum("ai_errors_total", labels)),
            DemoFigures.grouped(metrics.sum("ai_tokens_total", labels.merging(["type": "total"]) { $1 })),
            cost(labels),
            DemoFigures.time(metrics.quantile(0.5, of: duration, labels)),
            DemoFigures.time(metrics.quantile(0.95, of: duration, labels)),
            DemoFigures.time(metrics.quantile(0.5, of: "ai_time_to_first_token_seconds", labels)),
        ]
    }

    /// An unknown price is not 0.
    private func cost(_ labels: [String: String]) -> String {
        let cost = metrics.sum("ai_cost_usd_total", labels)
        let unpriced = labels["model"].map { metrics.sum("ai_unpriced_requests_total", ["model": $0]) } ?? 0
        return cost == 0 && unpriced > 0 ? "unpriced" : DemoFigures.dollars(cost)
    }
}

/// The lines below the table.
extension DemoTable {
    private var summary: [String] { [spent, clients, overhead] }

    /// Spending always has four parts; an unknown cost is never zero.
    private var spent: String {
        let (all, estimated) = (metrics.sum("ai_cost_usd_total"), metrics.sum("ai_cost_estimated_usd_total"))
        let unpriced = DemoFigures.grouped(metrics.sum("ai_unpriced_requests_total"))
        let unmetered = DemoFigures.grouped(metrics.sum("ai_unmetered_requests_total"))
        return
            "spent     $\(DemoFigures.dollars(all - estimated)) exact, $\(DemoFigures.dollars(estimated)) estimated; "
            + "requests unpriced: \(unpriced), unmetered: \(unmetered)"
    }

    private var clients: String {
        let left = DemoFigures.grouped(metrics.sum("ai_client_aborts_total"))
        let retried = DemoFigures.grouped(metrics.sum("ai_client_retries_total"))
        return (["clients   \(left) left, \(retried) retried"] + tools).joined(separator: "; ")
    }

    private var tools: [String] {
        let names = Set(metrics.samples("ai_tool_calls_total").compactMap { $0.labels["tool"] }).sorted()
        return names.map { tool in
            let calls = DemoFigures.grouped(metrics.sum("ai_tool_calls_total", ["tool": tool]))
            let took = metrics.quantile(0.5, of: "ai_tool_duration_seconds", ["tool": tool])
            return "\(tool): \(calls) calls, p50 \(DemoFigures.time(took))"
        }
    }

    private var overhead: String {
        let overhead = "ai_proxy_overhead_seconds"
        let median = DemoFigures.time(metrics.quantile(0.5, of: overhead))
        let tail = DemoFigures.time(metrics.quantile(0.99, of: overhead))
        return "overhead  Steelyard's own share of the first byte: p50 \(median), p99 \(tail)"
    }
}

extension DemoTable {
    /// Together with 24 columns for names: 78.
    private static let widths = [6, 7, 10, 9, 7, 7, 8]

    private static func row(_ name: String, _ cells: [String]) -> String {
        DemoFigures.row(name, 24, cells, widths)
    }
}
