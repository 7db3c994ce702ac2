import GRDB
public import SteelyardPolicy

/// What some charges cost when they were made, and what they would cost at other prices.
public struct RepricedSums: Hashable, Sendable {
    /// Requests that were charged.
    public var requests: Int64 = 0
    /// What was charged.
    public var recorded = MoneySum()
    /// What they would cost now; charges that cannot be repriced count at their old cost.
    public var repriced = MoneySum()
    /// Requests that were not repriced: they were not metered, or a price is missing.
    public var keptRequests: Int64 = 0

    /// Sums of zero.
    public init() {}
}

/// One group of repriced charges.
public struct RepricedRow: Hashable, Sendable {
    /// The names of the group: a value for each dimension of the query.
    public var names: [String]
    /// The old and the new cost.
    public var sums: RepricedSums
}

/// Past charges at other prices. The ledger itself does not change.
public struct RepricedReport: Hashable, Sendable {
    /// The query.
    public var query: UsageQuery
    /// The version of the price book.
    public var priceBook: String
    /// Sorted by name.
    public var rows: [RepricedRow]
    /// All rows together.
    public var total: RepricedSums
}

extension LedgerReader {
    /// Reprices the entries of a period from the meters, tier and model of each entry. It reaches only as far back as
    /// entries are kept.
    ///
    /// - Parameters:
    ///   - book: The price book; each charge uses the prices of the time when it was opened.
    ///   - region: The data-residency region of a provider's host, by the provider's name.
    public func reprice(
        _ query: UsageQuery,
        with book: PriceBook,
        region: (String) -> Region? = { _ in nil }
    ) throws(LedgerError) -> RepricedReport {
        let groups = try read { database in
            var groups: [[ByteText]: RepricedSums] = [:]
            let cursor = try Row.fetchCursor(
                database,
                sql: RepricedEntry.sql(query),
                arguments: [
                    query.bounds.startSeconds, query.bounds.endSeconds,
                ]
            )
            while let row = try cursor.next() {
                let entry = RepricedEntry(row, nameCount: query.dimensions.count)
                groups[entry.names.map(ByteText.init), default: RepricedSums()].add(entry, entry.cost(in: book, region))
            }
            return groups
        }
        let rows = groups.map { RepricedRow(names: $0.key.map(\.text), sums: $0.value) }
            .sorted { $0.names.lexicographicallyPrecedes($1.names) }
        let total = rows.reduce(into: RepricedSums()) { $0.add($1.sums) }
        return RepricedReport(query: query, priceBook: book.version, rows: rows, total: total)
    }
}

extension RepricedSums {
    fileprivate mutating func add(_ entry: RepricedEntry, _ repriced: Picodollars?) {
        requests += entry.part == 0 ? 1 : 0
        keptRequests += entry.part == 0 && repriced == nil ? 1 : 0
        recorded += entry.recorded
        self.repriced += repriced ?? entry.recorded
    }

    fileprivate mutating func add(_ other: RepricedSums) {
        requests += other.requests
        keptRequests += other.keptRequests
        recorded += other.recorded
        repriced += other.repriced
    }
}

/// The facts of an entry that decide its price.
private struct RepricedEntry {
    let names: [String]
    let part: Int64
    let recorded: Picodollars
    private let model: String
    private let provider: String
    private let tier: ServiceTier?
    private let meters: Meters?
    private let openedAtSeconds: Int64

    static func sql(_ query: UsageQuery) -> String {
        let columns = query.dimensions.enumerated().map { "\($1.expressionOfEntry) AS name\($0), " }.joined()
        return """
            SELECT \(columns) part, cost, paid_model, provider, tier, meters, opened_at
            FROM entries WHERE opened_at >= ? AND opened_at < ?
            """
    }

    init(_ row: Row, nameCount: Int) {
        names = (0..<nameCount).map { row["name\($0)"] }
        part = row["part"]
        recorded = Picodollars(row["cost"])
        model = row["paid_model"]
        provider = row["provider"]
        tier = ServiceTier(rawValue: row["tier"])
        meters = MeterText.meters(row["meters"])
        openedAtSeconds = row["opened_at"]
    }

    /// The cost according to a book; nil if it cannot be computed.
    func cost(in book: PriceBook, _ region: (String) -> Region?) -> Picodollars? {
        guard let meters, let tier, !meters.isEmpty else { return nil }
        let outcome = book.cost(of: meters, model: model, tier: tier, at: openedAtSeconds, region: region(provider))
        switch outcome {
        case .priced(let charge): return charge.total
        case .free: return .zero
        case .unpriced: return nil
        }
    }
}

extension UsageDimension {
    /// Its value in a row of `entries`.
    fileprivate var expressionOfEntry: String {
        switch self {
        case .team, .key, .model, .paidModel, .endpoint, .provider, .confidence: rawValue
        case .day: "date(opened_at, 'unixepoch')"
        case .hour: "strftime('%Y-%m-%dT%H:00Z', opened_at, 'unixepoch')"
        }
    }
}
