public import SteelyardPolicy

/// The Steelyard keys of a configuration as a table for people: team, id and expiry, never the key itself.
public struct KeyListing {
    private let rows: [[String]]

    /// Makes a table of the keys of some teams, in the order of the file.
    ///
    /// - Parameters:
    ///   - nowSeconds: since 1970; keys that have expired by then are marked.
    ///   - instantText: writes an instant, in seconds since 1970.
    public init(_ teams: [Team], nowSeconds: Int64, instantText: (Int64) -> String) {
        rows = teams.flatMap { team in
            team.keys.map { key in
                let end = key.expiresAtSeconds.map { instantText($0) + ($0 <= nowSeconds ? " (expired)" : "") }
                let budgets = key.budgets.isEmpty ? "-" : key.budgets.text
                return [team.name, key.id, end ?? "never", budgets]
            }
        }
    }

    /// Whether there are no keys.
    public var isEmpty: Bool { rows.isEmpty }

    /// One line per key, below the column names.
    public var text: String {
        let table = [["TEAM", "ID", "EXPIRES", "BUDGETS"]] + rows
        let widths = (0..<3).map { column in table.map { $0[column].count }.max() ?? 0 }
        return table.map { row in
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count + 2) }
            return padded.joined() + row[3] + "\n"
        }.joined()
    }
}
