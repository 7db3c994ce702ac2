/// The prices of all models and the dates from which they apply; immutable once read.
///
/// A gateway holds one, and replaces it when prices are reloaded. A look-up hashes the model's name.
public final class PriceBook: Sendable {
    /// Identifies exactly these prices; stored with every charge so that the charge can be explained later.
    public let version: String
    /// The day the prices were last compared with their sources.
    public let asOf: EffectiveDate?
    /// Everything in the book, in its own order.
    public let models: [ModelPrices]

    private let priced: [PricedModel]
    private let indexOfName: [String: Int]
    /// The names of each model.
    let namesOfIndex: [[String]]
    /// The fees of hosted tools that apply to all models.
    let tools: PricedModel?
    /// The models that make pictures.
    let imageModels: [PricedModel]

    /// Checks the models and prepares look-ups.
    ///
    /// - Parameters:
    ///   - models: at most one of kind ``ModelKind/tools``.
    ///   - asOf: the day they were last compared with their sources.
    ///   - version: a name for exactly these prices, such as a digest of their text.
    /// - Throws: everything that is wrong with them.
    public init(models: [ModelPrices], asOf: EffectiveDate?, version: String) throws(PriceProblems) {
        let problems = PriceCheck.problems(in: models)
        guard problems.isEmpty else { throw PriceProblems(problems: problems) }
        (self.version, self.asOf, self.models) = (version, asOf, models)
        priced = models.map(PricedModel.init)
        namesOfIndex = models.map { $0.names.map(\.text) }
        tools = zip(models, priced).first { $0.0.kind == .tools }?.1
        imageModels = zip(models, priced).compactMap { $0.0.kind == .image ? $0.1 : nil }
        var indexOfName: [String: Int] = [:]
        for (index, model) in models.enumerated() where model.kind != .tools {
            for name in model.names { indexOfName[name.text] = index }
        }
        self.indexOfName = indexOfName
    }

    /// Reads the text form of a book; ``PriceText`` describes it.
    ///
    /// - Throws: everything that is wrong with it, with line numbers.
    public convenience init(text: String) throws(PriceProblems) {
        let document = try PriceText.read(text)
        let digest = String(text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
        let version = [document.asOf?.text, digest].compactMap(\.self).joined(separator: "-")
        try self.init(models: document.models, asOf: document.asOf, version: version)
    }

    /// The prices this version of the program was built with.
    ///
    /// - Throws: only what a test would have found before a release.
    public static func builtIn() throws(PriceProblems) -> PriceBook {
        try PriceBook(text: openAIPrices)
    }

    /// This book with other prices for some names. A model disappears if all of its names get new prices.
    ///
    /// - Throws: everything that is wrong with the result.
    public func overridden(by overrides: [ModelPrices], version: String) throws(PriceProblems) -> PriceBook {
        let names = Set(overrides.flatMap(\.names).map(\.text))
        let kept = models.compactMap { model in
            var model = model
            model.names.removeAll { names.contains($0.text) }
            return model.names.isEmpty ? nil : model
        }
        return try PriceBook(models: kept + overrides, asOf: asOf, version: version)
    }

    /// Everything in the book about a model, by any of its names; nil for an unknown name.
    public func prices(of name: String) -> ModelPrices? {
        index(of: name).map { models[$0] }
    }

    /// The model with a name.
    func model(named name: String) -> PricedModel? { index(of: name).map { priced[$0] } }

    /// The position of the model that a name means.
    func index(of name: String) -> Int? { indexOfName[name] ?? bookName(for: name).flatMap { indexOfName[$0] } }

    /// The book's own copy of a name, if the book has exactly this name.
    func exactName(_ name: some StringProtocol) -> String? {
        indexOfName.index(forKey: String(name)).map { indexOfName[$0].key }
    }
}
