import GRDB
import SteelyardPolicy

extension LedgerReader {
    /// What was spent, in groups, at one moment.
    public func report(_ query: UsageQuery) throws(LedgerError) -> UsageReport {
        let lines = try read { database in try ReportLine.all(query, database) }
        var groups: [[ByteText]: UsageSums] = [:]
        for line in lines { groups[line.names.map(ByteText.init), default: UsageSums()] += line.sums }
        let rows = groups.map { UsageRow(names: $0.key.map(\.text), sums: $0.value) }
        return UsageReport(
            query: query,
            rows: rows.sorted { query.isInOrder($0, $1) },
            total: rows.reduce(into: UsageSums()) { $0 += $1.sums }
        )
    }
}

/// The sums of one confidence within a group.
private struct ReportLine {
    var names: [String]
    var sums = UsageSums()

    static func all(_ query: UsageQuery, _ database: Database) throws -> [ReportLine] {
        let lines = try LedgerLines(query.bounds, database)
        let names = query.dimensions.map(\.expression)
        let columns = names.enumerated().map { "\($1) AS name\($0), " }.joined()
        let groups = (names + ["confidence"]).joined(separator: ", ")
        let sql = """
            \(lines.sql)
            SELECT \(columns) confidence, SUM(requests) AS requests, SUM(tokens_in) AS tokens_in,
                SUM(tokens_cached) AS tokens_cached, SUM(tokens_out) AS tokens_out, \(LedgerLines.costSums)
            FROM lines GROUP BY \(groups)
            """
        return try Row.fetchAll(database, sql: sql, arguments: lines.arguments).map { row in
            ReportLine(row, nameCount: names.count)
        }
    }

    private init(_ row: Row, nameCount: Int) {
        names = (0..<nameCount).map { row["name\($0)"] }
        sums.requests = row["requests"]
        sums.tokensIn = row["tokens_in"]
        sums.tokensCached = row["tokens_cached"]
        sums.tokensOut = row["tokens_out"]
        sums.cost = LedgerLines.cost(row)
        split(Confidence(rawValue: row["confidence"]))
    }

    /// A confidence that only a later version knows counts only in the total.
    private mutating func split(_ confidence: Confidence?) {
        switch confidence {
        case .exact: sums.exact = sums.cost
        case .estimated: sums.estimated = sums.cost
        case .interrupted: sums.interrupted = sums.cost
        case .unpriced: sums.unpricedRequests = sums.requests
        case .unmetered: sums.unmeteredRequests = sums.requests
        case nil: break
        }
    }
}

extension UsageDimension {
    /// The expression for a row of ``LedgerLines``, and for `entries` if that has the column.
    fileprivate var expression: String {
        switch self {
        case .team, .key, .model, .paidModel, .endpoint, .provider, .confidence: rawValue
        case .day: "date(hour, 'unixepoch')"
        case .hour: "strftime('%Y-%m-%dT%H:00Z', hour, 'unixepoch')"
        }
    }
}

extension UsageQuery {
    /// Whether a row comes before another.
    func isInOrder(_ left: UsageRow, _ right: UsageRow) -> Bool {
        let isByTime = dimensions.contains(.day) || dimensions.contains(.hour)
        guard !isByTime, left.sums.cost != right.sums.cost else {
            return left.names.lexicographicallyPrecedes(right.names)
        }
        return left.sums.cost > right.sums.cost
    }
}
