/// What a scrape of Steelyard's `/metrics` says, as a table for people: a row for each endpoint and model.
public struct DemoTable: Sendable {
    private let metrics: ScrapedMetrics

    /// Reads the text of `/metrics`.
    public init(exposition: String) { metrics = ScrapedMetrics(exposition) }

    /// The table's lines, none wider than 79 columns.
    public var lines: [String] {
        let endpoints = Set(metrics.samples("ai_requests_total").compactMap { $0.labels["endpoint"] }).sorted()
        return [Self.header] + endpoints.flatMap(section) + [total, ""] + summary
    }

    private static let header = row("", ["calls", "errors", "tokens", "USD", "p50", "p95", "TTFT"])

    private func section(_ endpoint: String) -> [String] {
        let samples = metrics.samples("ai_requests_total", ["endpoint": endpoint])
        let models = Set(samples.compactMap { $0.labels["model"] }).sorted()
        return [endpoint] + models.map { Self.row("  " + $0, cells(["endpoint": endpoint, "model": $0])) }
    }

    private var total: String { Self.row("total", cells([:])) }

    private func cells(_ labels: [String: String]) -> [String] {
        let duration = "ai_request_duration_seconds"
        return [
            Self.grouped(metrics.sum("ai_requests_total", labels)),
            Self.grouped(metrics.sum("ai_errors_total", labels)),
            Self.grouped(metrics.sum("ai_tokens_total", labels.merging(["type": "total"]) { $1 })),
            cost(labels),
            Self.time(metrics.quantile(0.5, of: duration, labels)),
            Self.time(metrics.quantile(0.95, of: duration, labels)),
            Self.time(metrics.quantile(0.5, of: "ai_time_to_first_token_seconds", labels)),
        ]
    }

    /// A price that nobody knows is not 0.
    private func cost(_ labels: [String: String]) -> String {
        let cost = metrics.sum("ai_cost_usd_total", labels)
        let unpriced = labels["model"].map { metrics.sum("ai_unpriced_requests_total", ["model": $0]) } ?? 0
        return cost == 0 && unpriced > 0 ? "unpriced" : Self.dollars(cost)
    }
}

/// The lines below the table.
extension DemoTable {
    private var summary: [String] { [spent, clients, tools, overhead] }

    /// Spend is always four parts; unknown is never zero.
    private var spent: String {
        let (all, estimated) = (metrics.sum("ai_cost_usd_total"), metrics.sum("ai_cost_estimated_usd_total"))
        let unpriced = Self.grouped(metrics.sum("ai_unpriced_requests_total"))
        let unmetered = Self.grouped(metrics.sum("ai_unmetered_requests_total"))
        return "spent     $\(Self.dollars(all - estimated)) exact, $\(Self.dollars(estimated)) estimated; "
            + "requests unpriced: \(unpriced), unmetered: \(unmetered)"
    }

    private var clients: String {
        let left = Self.grouped(metrics.sum("ai_client_aborts_total"))
        let retried = Self.grouped(metrics.sum("ai_client_retries_total"))
        return "clients   left before the end: \(left), tried again: \(retried)"
    }

    private var tools: String {
        let names = Set(metrics.samples("ai_tool_calls_total").compactMap { $0.labels["tool"] }).sorted()
        let tools = names.map { tool in
            let calls = Self.grouped(metrics.sum("ai_tool_calls_total", ["tool": tool]))
            let took = metrics.quantile(0.5, of: "ai_tool_duration_seconds", ["tool": tool])
            return "\(tool): \(calls) calls, p50 \(Self.time(took))"
        }
        return "tools     " + (tools.isEmpty ? "none called" : tools.joined(separator: "; "))
    }

    private var overhead: String {
        let overhead = "ai_proxy_overhead_seconds"
        let (median, tail) = (metrics.quantile(0.5, of: overhead), metrics.quantile(0.99, of: overhead))
        return "overhead  Steelyard's own share of the first byte: p50 \(Self.time(median)), p99 \(Self.time(tail))"
    }
}

/// How things are written.
extension DemoTable {
    /// With the names' 24 columns, 78.
    private static let widths = [6, 7, 10, 9, 7, 7, 8]

    private static func row(_ name: String, _ cells: [String]) -> String {
        let label = name.count > 24 ? String(name.prefix(23)) + "…" : name
        var line = label + String(repeating: " ", count: 24 - label.count)
        for (cell, width) in zip(cells, widths) {
            line += String(repeating: " ", count: max(1, width - cell.count)) + cell
        }
        return line
    }

    /// 12,345
    static func grouped(_ count: Double) -> String {
        var digits = String(whole(count))
        var end = digits.count - 3
        while end > 0 {
            digits.insert(",", at: digits.index(digits.startIndex, offsetBy: end))
            end -= 3
        }
        return digits
    }

    /// Ten-thousandths of a dollar.
    static func dollars(_ amount: Double) -> String {
        let units = whole(amount * 10_000)
        let fraction = String(units % 10_000)
        return "\(units / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
    }

    /// Three digits and a unit; `–` for nothing observed.
    static func time(_ seconds: Double?) -> String {
        guard let seconds else { return "–" }
        if seconds >= 10 { return "\(whole(seconds)) s" }
        if seconds >= 1 { return "\((seconds * 10).rounded() / 10) s" }
        if seconds >= 0.001 { return "\(whole(seconds * 1000)) ms" }
        return "\(whole(seconds * 1_000_000)) µs"
    }

    /// The nearest whole number that is not negative; what was scraped may be anything.
    private static func whole(_ value: Double) -> Int { value > 0 ? Int(min(value, 1e15).rounded()) : 0 }
}
