/// A price book as a table for people: one line per model, tier and prompt length.
public struct PriceListing: Sendable {
    /// The meters with a column of their own; the last column names the others.
    private static let columns: [Meter] = [.input, .cachedInput, .cacheWrite, .output]

    /// Rows of cells, the first row being the headings.
    public private(set) var rows: [[String]]

    /// Lists models with the prices that apply at an instant (seconds since 1970), or with all prices.
    public init(_ models: [ModelPrices], at unixSeconds: Int64, allSheets: Bool = false) {
        rows = [["MODEL", "FROM", "TIER", "PROMPT", "INPUT", "CACHED", "WRITE", "OUTPUT", "OTHER"]]
        for model in models {
            let inForce = model.sheets.last { ($0.from?.unixSeconds ?? .min) <= unixSeconds }
            for sheet in model.sheets where allSheets || sheet == inForce { add(sheet, of: model) }
        }
    }

    private mutating func add(_ sheet: PriceSheet, of model: ModelPrices) {
        for row in sheet.rows {
            rows.append(
                [model.names.first?.text ?? "", sheet.from?.text ?? "launch", row.tier.rawValue, prompt(row)]
                    + Self.columns.map { cell($0, in: row) } + [others(in: row)]
            )
        }
    }

    private func prompt(_ row: PriceRow) -> String { row.threshold.map { "≥ \($0.firstTokens)" } ?? "any" }

    private func cell(_ meter: Meter, in row: PriceRow) -> String {
        guard let prices = row.prices else { return "as standard" }
        return prices[meter].map { $0.text(of: meter) } ?? "–"
    }

    private func others(in row: PriceRow) -> String {
        Meter.allCases.filter { !Self.columns.contains($0) }.compactMap { meter in
            row.prices?[meter].map { "\(meter.column) \($0.text(of: meter))" }
        }.joined(separator: ", ")
    }

    /// The table as text: columns padded to their widest cell, numbers aligned to the right.
    public var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { line($0, widths) }.joined()
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        let cells = row.indices.map { column -> String in
            let padding = String(repeating: " ", count: widths[column] - row[column].count)
            if column == row.count - 1 { return row[column] }
            return (4...7).contains(column) ? padding + row[column] : row[column] + padding
        }
        var text = cells.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text + "\n"
    }
}

extension DeclaredPrice {
    /// Dollars per million tokens, per second, or per piece.
    fileprivate func text(of meter: Meter) -> String {
        switch self {
        case .asPlain: "plain"
        case .undisclosed: "?"
        case .rate(let rate):
            MoneySum(Int128(rate.picodollars) * Int128(meter.listedCount) / Int128(rate.per)).usdText
        }
    }
}

extension Meter {
    /// The number of counts that the listed price is for.
    fileprivate var listedCount: Int64 { family == .tokens ? 1_000_000 : countsPerUnit }
}
