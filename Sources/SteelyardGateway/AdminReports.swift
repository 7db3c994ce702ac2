import Foundation
import SteelyardClock
import SteelyardExchange
import SteelyardLedger
import SteelyardPolicy
import SteelyardServer

/// `/admin/v1/teams`, `/admin/v1/usage`, `/admin/v1/requests`: what was spent, by whom, and which requests ended last.
///
/// Amounts are strings of dollars, because most JSON readers would lose picodollars from numbers.
struct AdminReports: Sendable {
    let admission: Admission
    let records: ChargeRecords
    let recent: RecentExchanges

    /// The answer for a path below `/admin/v1/`; nil for an unknown path.
    func answer(_ path: String, _ query: AdminQuery) -> AdminAnswer? {
        switch path {
        case "/admin/v1/teams": .json(teams())
        case "/admin/v1/requests": requests(query)
        case "/admin/v1/usage": usage(query)
        default: nil
        }
    }

    private func teams() -> TeamsReport {
        let windows = admission.standings(wallSeconds: WallClock.seconds()).named
        let teams = admission.teamStandings(at: .now()).map { team in
            TeamReport(team, windows.filter { $0.standing.scope.teamName == team.team })
        }
        return TeamsReport(
            organization: windows.filter { $0.standing.scope == .organization }.map(WindowReport.init),
            teams: teams
        )
    }

    private func requests(_ query: AdminQuery) -> AdminAnswer {
        guard let limit = Int(query["limit"] ?? "100"), (1...500).contains(limit) else {
            return .error(400, "invalid_query", "limit must be a number from 1 to 500")
        }
        return .json(RequestsReport(requests: recent.latest(limit, team: query["team"]).map(RequestReport.init)))
    }

    private func usage(_ query: AdminQuery) -> AdminAnswer {
        guard let ledger = records.ledger else {
            return .error(404, "no_ledger", "The configuration has no ledger (ledger: off)")
        }
        guard let question = query.usage(nowSeconds: WallClock.seconds()), let format = query.format else {
            return .error(400, "invalid_query", Self.usageForm)
        }
        do throws(LedgerError) {
            let isWhole = ledger.flush(withinSeconds: 1)
            var answer = AdminAnswer.report(try ledger.read().report(question).table.text(format), format)
            // A report that lags must say so: SQLite may have failed for hours.
            if !isWhole {
                answer.fields.append(("x-steelyard-incomplete", "some charges are still in the journal; see /readyz"))
            }
            return answer
        } catch {
            return .error(503, "ledger_unavailable", "\(error)")
        }
    }

    private static let usageForm =
        "by must be a list of \(UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")); since and until must be "
        + "ages such as 7d, dates such as 2026-11-01, or seconds since 1970; format must be json, csv or table"
}

/// The query of an admin request: `by=team,model&since=…`.
struct AdminQuery: Sendable {
    private let values: [String: String]

    init(_ text: some StringProtocol) {
        let pairs = text.drop { $0 == "?" }.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? String(parts[1]) : ""
            return (String(parts[0]), value.removingPercentEncoding ?? value)
        }
        values = Dictionary(pairs) { _, last in last }
    }

    subscript(name: String) -> String? { values[name] }

    /// The format of a report; nil for an unknown word.
    var format: ReportTable.Format? { ReportTable.Format(rawValue: self["format"] ?? "json") }

    /// The query of a report; nil if a part of it cannot be read.
    func usage(nowSeconds: Int64) -> UsageQuery? {
        let words = (self["by"] ?? "team").split(separator: ",").map(String.init)
        let dimensions = words.compactMap(UsageDimension.init)
        guard dimensions.count == words.count, let since = seconds("since", now: nowSeconds, else: 0),
            let until = seconds("until", now: nowSeconds, else: nowSeconds + 1)
        else { return nil }
        return UsageQuery(by: dimensions, within: WindowBounds(startSeconds: since, endSeconds: until))
    }

    /// A bound of a report, in the forms of `steelyard usage` or in seconds since 1970; nil for anything else.
    private func seconds(_ name: String, now: Int64, else standard: Int64) -> Int64? {
        guard let text = self[name] else { return standard }
        return Int64(text) ?? ReportMoment(text)?.seconds(now: now)
    }
}

extension AdminAnswer {
    fileprivate static func json(_ value: some Encodable) -> AdminAnswer {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Encoding fails only for numbers that are not finite, and these values contain no floating point.
        let body = (try? encoder.encode(value)) ?? Data()
        return AdminAnswer(status: 200, contentType: "application/json", body: Array(body))
    }

    fileprivate static func report(_ text: String, _ format: ReportTable.Format) -> AdminAnswer {
        let type =
            switch format {
            case .json: "application/json"
            case .csv: "text/csv; charset=utf-8"
            case .table: "text/plain; charset=utf-8"
            }
        return AdminAnswer(status: 200, contentType: type, body: Array(text.utf8))
    }
}

/// `/admin/v1/teams`.
private struct TeamsReport: Encodable {
    let organization: [WindowReport]
    let teams: [TeamReport]
}

private struct TeamReport: Encodable {
    let team: String
    let requestsInFlight: Int
    let requestsPerMinute: RateReport?
    let tokensPerMinute: RateReport?
    let windows: [WindowReport]

    init(_ standing: TeamStanding, _ windows: [NamedWindow]) {
        team = standing.team
        requestsInFlight = standing.inFlight
        requestsPerMinute = standing.requests.map(RateReport.init)
        tokensPerMinute = standing.tokens.map(RateReport.init)
        self.windows = windows.map(WindowReport.init)
    }
}

private struct RateReport: Encodable {
    let limit: Int64
    let remaining: Int64
    let reset: String

    init(_ standing: RateStanding) {
        (limit, remaining, reset) = (standing.limit, standing.remaining, standing.resetText)
    }
}

private struct WindowReport: Encodable {
    let window: String
    let whenSpent: String
    let limitUsd: String
    let spentUsd: String
    let heldUsd: String
    let exposureUsd: String
    let overshootUsd: String
    let beganAt: Int64
    let resetsAt: Int64

    init(_ window: NamedWindow) {
        let standing = window.standing
        self.window = window.name
        whenSpent = standing.rule.whenSpent.rawValue
        limitUsd = standing.rule.limit.usdText
        spentUsd = standing.spent.usdText
        heldUsd = standing.reserved.usdText
        exposureUsd = standing.exposure.usdText
        overshootUsd = standing.overshoot.usdText
        (beganAt, resetsAt) = (standing.bounds.startSeconds, standing.bounds.endSeconds)
    }
}

/// `/admin/v1/requests`.
private struct RequestsReport: Encodable {
    let requests: [RequestReport]
}

private struct RequestReport: Encodable {
    let requestId: String
    let endedAt: Int64
    let team: String
    let key: String
    let provider: String
    let endpoint: String
    let model: String
    let status: Int
    let outcome: String
    let error: String?
    let isStreamed: Bool
    let costUsd: String?
    let confidence: String?
    let durationMs: UInt64

    init(_ ended: RecentExchanges.Ended) {
        let summary = ended.summary
        requestId = summary.id.text
        endedAt = ended.wallSeconds
        (team, key, provider) = (summary.team, summary.key, summary.provider)
        (endpoint, model) = (summary.endpoint, summary.modelLabel)
        (status, outcome, error) = (summary.status, summary.outcome.rawValue, summary.error?.rawValue)
        isStreamed = summary.isStreamed
        costUsd = summary.charge?.weight.cost.usdText
        confidence = summary.charge?.weight.confidence.rawValue
        durationMs = summary.timings.durationNanoseconds / 1_000_000
    }
}

extension BudgetScope {
    /// The team whose report shows it; nil for the organization.
    fileprivate var teamName: String? {
        switch self {
        case .organization: nil
        case .team(let name), .key(let name, _): name
        }
    }
}
