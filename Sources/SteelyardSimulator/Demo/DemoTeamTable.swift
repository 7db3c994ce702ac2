/// The teams and budgets in a scrape of Steelyard's `/metrics`, as a table with a row for each window.
public struct DemoTeamTable: Sendable {
    private static let columns = ["requests", "refused", "spent", "held", "limit", "", "resets"]
    /// Together with 11 columns for names: 79.
    private static let widths = [9, 8, 8, 8, 13, 11, 11]

    private let metrics: ScrapedMetrics
    private let nowSeconds: Double

    /// Reads the text of `/metrics` as it was at an instant, in seconds since 1970.
    public init(exposition: String, nowSeconds: Int64) {
        metrics = ScrapedMetrics(exposition)
        self.nowSeconds = Double(nowSeconds)
    }

    /// The table's lines, none wider than 79 columns.
    public var lines: [String] {
        let teams = Set((limits + metrics.samples("ai_requests_total")).compactMap { $0.labels["team"] }).sorted()
        return [Self.row("team", Self.columns)] + teams.flatMap(rows)
    }

    private var limits: [ScrapedMetrics.Sample] { metrics.samples("ai_budget_limit_usd") }

    private func rows(_ team: String) -> [String] {
        let windows = limits.filter { $0.labels["team"] == team }.compactMap { $0.labels["window"] }
        let traffic = [
            DemoFigures.grouped(metrics.sum("ai_requests_total", ["team": team])),
            DemoFigures.grouped(refused(["team": team])),
        ]
        guard !windows.isEmpty else { return [Self.row(team, traffic)] }
        return windows.map { Self.row(team, traffic + budget(["team": team, "window": $0])) }
    }

    private func refused(_ team: [String: String]) -> Double {
        metrics.sum("ai_budget_rejections_total", team) + metrics.sum("ai_rate_limit_rejections_total", team)
    }

    private func budget(_ window: [String: String]) -> [String] {
        let limit = metrics.sum("ai_budget_limit_usd", window)
        let spent = metrics.sum("ai_budget_spent_usd", window)
        let held = metrics.sum("ai_budget_reserved_usd", window)
        let reset = metrics.sum("ai_budget_reset_timestamp_seconds", window)
        // The first word is the period; a window of certain models has more words.
        let period = window["window"]?.prefix { $0 != " " } ?? ""
        return [
            DemoFigures.dollars(spent), DemoFigures.dollars(held), "\(DemoFigures.dollars(limit))/\(period)",
            DemoFigures.bar(spent: spent, held: held, limit: limit),
            "in " + DemoFigures.distance(reset - nowSeconds),
        ]
    }

    private static func row(_ name: String, _ cells: [String]) -> String {
        DemoFigures.row(name, 11, cells, widths)
    }
}
