/// Finds problems of a price book as a whole, which no single line shows.
///
/// It checks completeness, because other gateways charge wrong prices when a row lacks a column: flex at twice its
/// price, dated snapshots at the wrong tier, cache writes at nothing.
struct PriceCheck {
    private var problems: [PriceProblem] = []
    private var lineOfName: [String: Int] = [:]

    /// All problems of the models, in the order of their lines.
    static func problems(in models: [ModelPrices]) -> [PriceProblem] {
        var check = PriceCheck()
        for model in models { check.checkModel(model) }
        return check.problems.sorted { $0.line < $1.line }
    }

    private mutating func require(_ condition: Bool, line: Int, _ message: @autoclosure () -> String) {
        if !condition { problems.append(PriceProblem(line: line, message())) }
    }

    private mutating func checkModel(_ model: ModelPrices) {
        for name in model.names { checkName(name.text, line: model.line) }
        require(!model.names.isEmpty, line: model.line, "a model needs a name")
        require(!model.sheets.isEmpty, line: model.line, "a model needs a `from` line and prices")
        checkOrder(of: model.sheets)
        for sheet in model.sheets { checkSheet(sheet, isTools: model.kind == .tools) }
    }

    private mutating func checkName(_ name: String, line: Int) {
        require(
            name.utf8.allSatisfy(Self.isNameByte),
            line: line,
            "`\(name)` has characters that no model name may have"
        )
        require(!name.isEmpty && name.utf8.count <= 128, line: line, "a name must have 1 to 128 characters")
        if let other = lineOfName.updateValue(line, forKey: name) {
            require(false, line: line, "`\(name)` is priced twice, here and on line \(other)")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "._:/@-".utf8.contains(byte)
        }
    }

    private mutating func checkOrder(of sheets: [PriceSheet]) {
        for (earlier, later) in zip(sheets, sheets.dropFirst()) {
            let isLater = later.from.map { date in earlier.from.map { $0 < date } ?? true } ?? false
            require(isLater, line: later.line, "price lists must go from oldest to newest; `launch` can only be first")
        }
    }
}

// MARK: - Sheets

extension PriceCheck {
    private mutating func checkSheet(_ sheet: PriceSheet, isTools: Bool) {
        guard let base = sheet.rows.first(where: { $0.tier == .standard && $0.threshold == nil }),
            let prices = base.prices
        else { return require(false, line: sheet.line, "prices need a `standard` row without a prompt length") }
        let columns = Set(prices.keys.filter { $0.family != .fees })
        require(!isTools || columns.isEmpty, line: base.line, "`tools` can contain only fees")
        let assumes = prices[.assumedSearches] != nil
        require(!isTools || !assumes, line: base.line, "`assumed-search` belongs to a model that always searches")
        for row in sheet.rows { checkRow(row, columns: columns, isBase: row == base) }
        checkTiers(of: sheet)
    }

    private mutating func checkRow(_ row: PriceRow, columns: Set<Meter>, isBase: Bool) {
        guard let prices = row.prices else {
            return require(row.tier != .standard, line: row.line, "`as-standard` is only for the other tiers")
        }
        let own = Set(prices.keys.filter { $0.family != .fees })
        let (missing, extra) = (columns.subtracting(own).names, own.subtracting(columns).names)
        require(missing.isEmpty, line: row.line, "this row lacks \(missing), which the `standard` row has")
        require(extra.isEmpty, line: row.line, "this row has \(extra), which the `standard` row lacks")
        require(isBase || own.count == prices.count, line: row.line, "write fees only on the first `standard` row")
        for (meter, price) in prices where price == .asPlain {
            let hasPlain = meter.plainMeter != nil
            require(hasPlain, line: row.line, "`\(meter.column) -`: there is no plain price to use instead")
        }
        checkWrites(prices, line: row.line)
    }

    /// A long write costs more than a short one: if writes have a price and long writes have none, they would be
    /// undercharged.
    private mutating func checkWrites(_ prices: [Meter: DeclaredPrice], line: Int) {
        guard let write = prices[.cacheWrite], write != .asPlain else { return }
        let isStated = (prices[.cacheWriteLong] ?? .asPlain) != .asPlain
        require(isStated, line: line, "`write` has a price, so `write-long` needs one; write `?` if it is not known")
    }

    private mutating func checkTiers(of sheet: PriceSheet) {
        let rowsOfTier = Dictionary(grouping: sheet.rows, by: \.tier)
        let expected = Set((rowsOfTier[.standard] ?? []).map(\.threshold))
        for (tier, rows) in rowsOfTier {
            let thresholds = Set(rows.map(\.threshold))
            let line = rows.last?.line ?? sheet.line
            require(thresholds.count == rows.count, line: line, "two `\(tier)` rows are for the same prompt length")
            let areEqual = thresholds == expected
            require(areEqual, line: line, "`\(tier)` must have the same prompt lengths as `standard`")
        }
    }
}

extension Meter {
    /// The meter whose price is used if this one has no separate price; nil if there is none.
    var plainMeter: Meter? {
        switch self {
        case .cachedInput, .cacheWrite, .imageInput: .input
        case .cacheWriteLong: .cacheWrite
        case .reasoning, .imageOutput: .output
        case .cachedAudioInput: .audioInput
        case .cachedImageInput: .imageInput
        case .input, .output, .audioInput, .audioOutput, .duration, .characters, .images, .webSearchCalls,
            .webSearchPreviewCalls, .fileSearchCalls, .containerSessions, .containerSessions4G,
            .containerSessions16G, .containerSessions64G, .assumedSearches:
            nil
        }
    }
}

extension Set<Meter> {
    /// The columns of these meters, for a message.
    fileprivate var names: String {
        Meter.allCases.filter(contains).map { "`\($0.column)`" }.joined(separator: ", ")
    }
}
