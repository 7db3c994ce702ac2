import ArgumentParser
import Glibc
import SteelyardConfiguration
import SteelyardGateway
import SteelyardPolicy

/// `steelyard prices`.
struct PricesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prices",
        abstract: "Show the price book.",
        subcommands: [PricesShowCommand.self],
        defaultSubcommand: PricesShowCommand.self
    )
}

/// `steelyard prices show [MODEL]`.
struct PricesShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print all current prices, or everything known about one model.",
        discussion: "Prices are dollars per million tokens, or dollars for each second, character, image or tool call."
    )

    @Argument(help: "A model, by any of its names; dated and fine-tuned names work too.")
    var model: String?

    @Option(help: "A configuration file; its prices.file overrides the built-in price book.")
    var config: String?

    func run() throws {
        let book = try priceBook()
        guard let model else {
            print(PriceListing(book.models, at: now).text, terminator: "")
            return print("\nprice book \(book.version), compared with its sources on \(book.asOf?.text ?? "no date")")
        }
        guard let prices = book.prices(of: model) else {
            StandardError.write(
                "steelyard: the price book has no model \(model); `steelyard prices show` lists all models\n"
            )
            throw ExitCode(EX_DATAERR)
        }
        print(PriceListing([prices], at: now, allSheets: true).text, terminator: "")
        print("\n" + facts(of: prices).joined(separator: "\n"))
    }

    private var now: Int64 { Int64(time(nil)) }

    private func priceBook() throws -> PriceBook {
        guard let config else { return try PriceBook.builtIn() }
        return try PriceBook.inForce(PlainConfiguration(path: config).configuration.prices)
    }

    private func facts(of prices: ModelPrices) -> [String] {
        var facts = ["names: " + prices.names.map(named).joined(separator: ", "), "kind: \(prices.kind.rawValue)"]
        if let limit = prices.maxInputTokens { facts.append("prompt: up to \(limit) tokens") }
        if let limit = prices.maxOutputTokens { facts.append("answer: up to \(limit) tokens") }
        if prices.reasonsUnseen { facts.append("reasoning: billed, and not shown in answers") }
        if let uplift = prices.uplift {
            let regions = uplift.regions.map(\.code).joined(separator: ", ")
            facts.append("uplift: × \(uplift.factor.numerator)/\(uplift.factor.denominator) in \(regions)")
        }
        return facts + ["sources: " + prices.sheets.map(\.source).joined(separator: ", ")]
    }

    private func named(_ name: ModelName) -> String {
        name.retires.map { "\(name.text) (retires \($0.text))" } ?? name.text
    }
}
