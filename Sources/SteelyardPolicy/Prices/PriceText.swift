/// Reads a price book's text form.
///
///     as-of 2026-11-18
///     model gpt-x retires 2027-04-01          a name, and its last day
///       also gpt-x-2026-05-01                 another name of the same price
///       kind chat
///       limits input 272000 output 128000
///       reasons-unseen                        bills reasoning that answers do not show
///       uplift 11/10 us eu                    the surcharge of regional hosts
///       from launch source litellm            or `from 2026-08-21 …`
///         standard           input 2 cached 0.5 output 8
///         standard >272000   input 4 cached 1   output 12
///         priority           input 4 cached 1   output 16
///         priority >272000   as-standard
///
/// Words are separated by spaces; indentation is for people; `#` starts a comment. Token prices are dollars per
/// million; others name their units: `seconds 0.017/60`. `-` means that there is no separate price, `?` that the
/// provider charges for it but the price is not known. The block `tools` has the fees of hosted tools.
struct PriceText {
    private var document = PriceDocument()
    private var problems: [PriceProblem] = []

    /// Reads a whole text.
    ///
    /// - Throws: every line that could not be read.
    static func read(_ text: String) throws(PriceProblems) -> PriceDocument {
        var reader = PriceText()
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() { reader.receivedLine(line, number: index + 1) }
        guard reader.problems.isEmpty else { throw PriceProblems(problems: reader.problems) }
        return reader.document
    }

    private mutating func receivedLine(_ text: Substring, number: Int) {
        do throws(PriceStatement.Problem) {
            guard let statement = try PriceStatement(line: text) else { return }
            try received(statement, line: number)
        } catch {
            problems.append(PriceProblem(line: number, error.message))
        }
    }

    private mutating func received(_ statement: PriceStatement, line: Int) throws(PriceStatement.Problem) {
        if case .asOf(let date) = statement {
            document.asOf = date
        } else if case .model(let name, let kind) = statement {
            document.models.append(ModelPrices(names: [name], kind: kind, line: line))
        } else {
            guard !document.models.isEmpty else { throw .init("this line needs a `model` line above it") }
            try document.models[document.models.count - 1].receive(statement, line: line)
        }
    }
}

/// The content of a price text, before it is checked as a whole.
struct PriceDocument: Equatable {
    /// The day the prices were last compared with their sources.
    var asOf: EffectiveDate?
    /// The models, and at most one entry of kind `tools`.
    var models: [ModelPrices] = []
}

extension ModelPrices {
    fileprivate mutating func receive(_ statement: PriceStatement, line: Int) throws(PriceStatement.Problem) {
        switch statement {
        case .also(let name): names.append(name)
        case .kind(let kind): self.kind = kind
        case .limits(let input, let output):
            maxInputTokens = input ?? maxInputTokens
            maxOutputTokens = output ?? maxOutputTokens
        case .reasonsUnseen: reasonsUnseen = true
        case .uplift(let uplift): self.uplift = uplift
        case .sheet(let from, let source): sheets.append(PriceSheet(from: from, source: source, line: line))
        case .row(let tier, let threshold, let prices):
            guard !sheets.isEmpty else { throw .init("prices need a `from` line above them") }
            let row = PriceRow(tier: tier, threshold: threshold, prices: prices, line: line)
            sheets[sheets.count - 1].rows.append(row)
        case .asOf, .model: break
        }
    }
}
