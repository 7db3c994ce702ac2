import SteelyardPolicy

/// A report as rows of cells, for people and for programs.
public struct ReportTable: Hashable, Sendable {
    /// One value of a row.
    enum Cell: Hashable, Sendable {
        case name(String)
        case count(Int64)
        /// Dollars as exact decimal text.
        case money(String)

        var text: String {
            switch self {
            case .name(let text), .money(let text): text
            case .count(let count): String(count)
            }
        }
    }

    /// How a table is printed.
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// Aligned columns, with a line for the total.
        case table
        /// RFC 4180, with a header line and without the total.
        case csv
        /// One object: `rows` and `total`. Money is a string, because most JSON readers would lose picodollars from
        /// numbers.
        case json
    }

    var columns: [String]
    var rows: [[Cell]]
    /// The cells of the total.
    var total: [Cell]

    /// The whole table, with a line feed at the end.
    public func text(_ format: Format) -> String {
        switch format {
        case .table: aligned
        case .csv: csv
        case .json: json
        }
    }

    private var nameCount: Int { columns.count - total.count }

    // MARK: For people

    private var aligned: String {
        let labels = (0..<nameCount).map { Cell.name($0 == 0 ? "total" : "") }
        let lines = [columns.map(Cell.name)] + rows + [labels + total]
        let texts = columns.indices.map { column in Self.evened(lines.map { $0[column] }) }
        let widths = texts.map { $0.map(\.count).max() ?? 0 }
        return lines.indices.map { line in
            let cells = columns.indices.map { column in
                let text = texts[column][line]
                let padding = String(repeating: " ", count: widths[column] - text.count)
                return column < nameCount ? text + padding : padding + text
            }
            return cells.joined(separator: "  ").trimmedRight + "\n"
        }.joined()
    }

    /// The texts of a column; all amounts of money get as many decimals as the longest one.
    private static func evened(_ cells: [Cell]) -> [String] {
        let decimals = cells.map(\.decimals).max() ?? 0
        return cells.map { cell in
            guard case .money(let text) = cell else { return cell.text.shownOnTerminal }
            let point = cell.decimals == 0 && decimals > 0 ? "." : ""
            return text + point + String(repeating: "0", count: decimals - cell.decimals)
        }
    }

    // MARK: For programs

    private var csv: String {
        ([columns] + rows.map { $0.map(\.text) }).map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    /// RFC 4180 §2: fields with quotes, commas or line breaks are quoted, and quotes inside them are doubled.
    private static func quoted(_ text: String) -> String {
        // Compares bytes: CR LF is one Character.
        guard text.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else { return text }
        return "\"\(text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }

    private var json: String {
        let lines = rows.map { "    " + Self.object(columns[...], $0) }.joined(separator: ",\n")
        let total = Self.object(columns.suffix(total.count), total)
        return "{\n  \"rows\": [\n\(lines)\(lines.isEmpty ? "" : "\n")  ],\n  \"total\": \(total)\n}\n"
    }

    private static func object(_ columns: ArraySlice<String>, _ cells: [Cell]) -> String {
        let members = zip(columns, cells).map { column, cell in
            switch cell {
            case .name(let text), .money(let text): "\"\(column)\": \"\(escaped(text))\""
            case .count(let count): "\"\(column)\": \(count)"
            }
        }
        return "{\(members.joined(separator: ", "))}"
    }

    /// RFC 8259 §7.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": escaped += "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension ReportTable.Cell {
    /// The number of digits after the point.
    fileprivate var decimals: Int {
        guard case .money(let text) = self, let point = text.firstIndex(of: ".") else { return 0 }
        return text.distance(from: point, to: text.endIndex) - 1
    }
}

extension String {
    fileprivate var trimmedRight: Substring {
        var text = self[...]
        while text.utf8.last == UInt8(ascii: " ") { text.removeLast() }
        return text
    }
}

extension UsageReport {
    /// The report as a table.
    public var table: ReportTable {
        ReportTable(
            columns: query.dimensions.map(\.rawValue) + [
                "requests", "tokens_in", "tokens_cached", "tokens_out", "cost_usd", "exact_usd", "estimated_usd",
                "interrupted_usd", "unpriced", "unmetered",
            ],
            rows: rows.map { row in row.names.map { .name($0) } + row.sums.cells },
            total: total.cells
        )
    }
}

extension UsageSums {
    fileprivate var cells: [ReportTable.Cell] {
        [
            .count(requests), .count(tokensIn), .count(tokensCached), .count(tokensOut), .money(cost.usdText),
            .money(exact.usdText), .money(estimated.usdText), .money(interrupted.usdText), .count(unpricedRequests),
            .count(unmeteredRequests),
        ]
    }
}

extension RepricedReport {
    /// The report as a table.
    public var table: ReportTable {
        ReportTable(
            columns: query.dimensions.map(\.rawValue) + [
                "requests", "recorded_usd", "repriced_usd", "difference_usd", "kept",
            ],
            rows: rows.map { row in row.names.map { .name($0) } + row.sums.cells },
            total: total.cells
        )
    }
}

extension RepricedSums {
    fileprivate var cells: [ReportTable.Cell] {
        let difference = MoneySum(repriced.amount - recorded.amount)
        return [
            .count(requests), .money(recorded.usdText), .money(repriced.usdText), .money(difference.usdText),
            .count(keptRequests),
        ]
    }
}

extension String {
    /// The text without characters that control a terminal or change the text direction: names of models come from
    /// requests. Each such character is shown as its code point (Unicode TR 36 §3, "Text direction"; ECMA-48).
    fileprivate var shownOnTerminal: String {
        guard unicodeScalars.contains(where: \.steersTerminals) else { return self }
        return unicodeScalars.map { $0.steersTerminals ? "\\u{\(String($0.value, radix: 16))}" : String($0) }.joined()
    }
}

extension Unicode.Scalar {
    fileprivate var steersTerminals: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }
}
