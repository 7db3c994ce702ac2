import SteelyardPolicy

/// Reads the operator's own prices, the YAML form of a price book:
///
///     models:
///       gpt-x:
///         also: [gpt-x-2026-05-01]
///         kind: chat
///         limits: { input: 272000, output: 128000 }
///         reasons_unseen: true
///         uplift: { factor: 11/10, regions: [us, eu] }
///         prices:
///           - source: contract
///             standard: { input: 2, cached: 0.5, output: 8 }
///             standard >272000: { input: 4, cached: 1, output: 12 }
///             priority: as-standard
///           - from: 2026-12-01
///             standard: { input: 1.5, cached: 0.4, output: 6 }
///             …
///     tools:
///       prices: { standard: { web-search: 10/1000 } }
///
/// Numbers are read as they are written, never through binary floating point. ``PriceBook`` checks what involves more
/// than one line.
struct PriceFile {
    private static let modelKeys = ["also", "kind", "limits", "reasons_unseen", "uplift", "retires", "prices"]

    private let findings: Findings

    /// The models of a file; problems are added to `findings`.
    static func read(_ bytes: [UInt8], findings: Findings) -> [ModelPrices] {
        do {
            guard let root = try YAMLParser.parse(YAMLText.decode(bytes), findings: findings), !root.isEmpty else {
                return []
            }
            return PriceFile(findings: findings).models(Value(root: root, findings: findings))
        } catch {
            findings.add("", line: error.line, error.message, remedy: error.remedy)
            return []
        }
    }

    /// A name for exactly these bytes: an FNV-1a hash, as for the price book's own text.
    static func version(of bytes: [UInt8]) -> String {
        String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
    }

    private func models(_ root: Value) -> [ModelPrices] {
        let before = findings.problems.count
        let section = Section(root, known: ["models", "tools"])
        var models = section.entries(of: "models").map { entry in
            model(Value(entry, in: "models", findings: findings), name: entry.key)
        }
        if let tools = section["tools"] { models.append(self.tools(tools)) }
        if findings.problems.count == before { checkAsBook(models) }
        return models
    }

    private func model(_ value: Value, name: String) -> ModelPrices {
        let section = Section(value, known: Self.modelKeys)
        let limits = section.section("limits", known: ["input", "output"])
        let retires = section["retires"]?.read(PriceGrammar.date)
        let aliases = (section["also"]?.items() ?? []).compactMap { $0.read { ModelName($0) } }
        return ModelPrices(
            names: [ModelName(name, retires: retires)] + aliases,
            kind: section.choice("kind", default: .chat, among: ModelKind.allCases.filter { $0 != .tools }),
            maxInputTokens: limits["input"]?.read(PriceGrammar.tokens),
            maxOutputTokens: limits["output"]?.read(PriceGrammar.tokens),
            reasonsUnseen: section.flag("reasons_unseen", default: false),
            uplift: uplift(section),
            sheets: sheets(section),
            line: value.line
        )
    }

    private func tools(_ value: Value) -> ModelPrices {
        let section = Section(value, known: ["prices"])
        return ModelPrices(names: [ModelName("tools")], kind: .tools, sheets: sheets(section), line: value.line)
    }

    private func uplift(_ model: Section) -> RegionalUplift? {
        guard let value = model["uplift"] else { return nil }
        let section = Section(value, known: ["factor", "regions"])
        let factor = section.required("factor", example: "11/10")?.read(PriceGrammar.factor)
        let names = section.required("regions", example: "[eu, us]")?.items() ?? []
        let regions = names.compactMap { $0.read(PriceGrammar.region) }
        return factor.map { RegionalUplift(factor: $0, regions: regions) }
    }

    /// A model has one set of prices, or a list of sets, each with its first day.
    private func sheets(_ model: Section) -> [PriceSheet] {
        let value = model.required("prices", example: "{ standard: { input: 2, output: 8 } }")
        return value?.items().map(sheet) ?? []
    }

    private func sheet(_ value: Value) -> PriceSheet {
        var sheet = PriceSheet(from: nil, source: "operator", line: value.line)
        for entry in value.entries() {
            let part = Value(entry, in: value.key, findings: findings)
            switch entry.key {
            case "from": sheet.from = entry.value.isWord("launch") ? nil : part.read(PriceGrammar.date)
            case "source": sheet.source = part.read { $0 } ?? ""
            default:
                if let row = row(part, name: entry.key, isWord: entry.value.isWord("as-standard")) {
                    sheet.rows.append(row)
                }
            }
        }
        return sheet
    }

    private func row(_ value: Value, name: String, isWord: Bool) -> PriceRow? {
        do throws(Complaint) {
            let (tier, threshold) = try PriceGrammar.rowName(name)
            let prices = isWord ? nil : prices(value)
            return PriceRow(tier: tier, threshold: threshold, prices: prices, line: value.line)
        } catch {
            value.report(error)
            return nil
        }
    }

    private func prices(_ row: Value) -> [Meter: DeclaredPrice] {
        var prices: [Meter: DeclaredPrice] = [:]
        for entry in row.entries() {
            let value = Value(entry, in: row.key, findings: findings)
            guard let meter = Meter(column: entry.key) else {
                value.report(PriceGrammar.unknownColumn(entry.key))
                continue
            }
            prices[meter] = value.read { text throws(Complaint) in try PriceGrammar.price(text, of: meter) }
        }
        return prices
    }

    private func checkAsBook(_ models: [ModelPrices]) {
        do throws(PriceProblems) {
            _ = try PriceBook(models: models, asOf: nil, version: "")
        } catch {
            for problem in error.problems {
                let line = problem.line > 0 ? problem.line : nil
                findings.add("", line: line, problem.message, remedy: "see prices in docs/configuration.md")
            }
        }
    }
}
