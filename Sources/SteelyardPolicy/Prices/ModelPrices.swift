/// Everything a price book says about one model: the form that text, YAML and imports are read into.
///
/// A value of this type is a claim; ``PriceBook`` checks it and makes it fast to look up.
public struct ModelPrices: Equatable, Sendable {
    /// The model's own name, then its aliases and snapshots: all of one price by construction.
    public var names: [ModelName]
    /// What the model does.
    public var kind: ModelKind
    /// The most prompt tokens it takes, where known.
    public var maxInputTokens: Int64?
    /// The most answer tokens it gives, where known.
    public var maxOutputTokens: Int64?
    /// What a regional host adds to its token prices.
    public var uplift: RegionalUplift?
    /// Its prices, oldest first.
    public var sheets: [PriceSheet]
    /// The line of the source this was read from, for messages; 0 when it had none.
    public var line: Int

    /// Makes a claim about one model.
    public init(
        names: [ModelName],
        kind: ModelKind,
        maxInputTokens: Int64? = nil,
        maxOutputTokens: Int64? = nil,
        uplift: RegionalUplift? = nil,
        sheets: [PriceSheet] = [],
        line: Int = 0
    ) {
        self.names = names
        self.kind = kind
        self.maxInputTokens = maxInputTokens
        self.maxOutputTokens = maxOutputTokens
        self.uplift = uplift
        self.sheets = sheets
        self.line = line
    }
}

/// One name of a model.
public struct ModelName: Hashable, Sendable {
    /// The name as the provider spells it.
    public var text: String
    /// The day the provider means to switch it off, where announced.
    public var retires: EffectiveDate?

    /// Makes a name.
    public init(_ text: String, retires: EffectiveDate? = nil) {
        (self.text, self.retires) = (text, retires)
    }
}

/// What a model does, by the endpoint that serves it.
public enum ModelKind: String, CaseIterable, Sendable {
    // Named as in `/v1/chat/completions`, `/v1/responses`, `/v1/completions`, `/v1/embeddings`, …
    case chat, responses, completion, embedding, moderation, image, transcription, speech, realtime, video
    /// Not a model: the fees of hosted tools, which are the same with every model that names no other.
    case tools
}

/// What data residency costs: the provider's regional hosts (`eu.api.openai.com`) multiply a model's token prices.
public struct RegionalUplift: Hashable, Sendable {
    /// The factor, such as 11/10.
    public var factor: Ratio
    /// The regions that have it.
    public var regions: [Region]

    /// Makes an uplift.
    public init(factor: Ratio, regions: [Region]) {
        (self.factor, self.regions) = (factor, regions)
    }
}

/// A data-residency region, as the first label of the provider's host: `eu` of `eu.api.openai.com`.
public struct Region: Hashable, Sendable {
    /// Two to four lower-case letters.
    public let code: String

    /// Makes a region from its code; nil unless it is two to four lower-case letters.
    public init?(code: some StringProtocol) {
        guard (2...4).contains(code.utf8.count), code.utf8.allSatisfy({ (0x61...0x7A).contains($0) }) else {
            return nil
        }
        self.code = String(code)
    }

    /// Reads the region out of one of OpenAI's hosts; nil for `api.openai.com` and for hosts that are not OpenAI's.
    public init?(openAIHost host: String) {
        let host = host.lowercased()
        guard host.hasSuffix(".api.openai.com") else { return nil }
        self.init(code: host.dropLast(".api.openai.com".count))
    }
}

/// The prices of one model from one day on.
public struct PriceSheet: Equatable, Sendable {
    /// The first day (UTC) they hold; nil: since the model exists.
    public var from: EffectiveDate?
    /// Where they were read, by the source's short name.
    public var source: String
    /// Prices by tier and length of prompt.
    public var rows: [PriceRow]
    /// The line of the source.
    public var line: Int

    /// Makes a sheet.
    public init(from: EffectiveDate?, source: String, rows: [PriceRow] = [], line: Int = 0) {
        (self.from, self.source, self.rows, self.line) = (from, source, rows, line)
    }
}

/// The prices at one tier, for prompts of one length.
public struct PriceRow: Equatable, Sendable {
    /// The class of service.
    public var tier: ServiceTier
    /// The prompts it is for; nil: those below every threshold.
    public var threshold: PromptThreshold?
    /// What each meter costs; nil: such a request is served, and billed, as `standard`.
    public var prices: [Meter: DeclaredPrice]?
    /// The line of the source.
    public var line: Int

    /// Makes a row.
    public init(
        tier: ServiceTier,
        threshold: PromptThreshold? = nil,
        prices: [Meter: DeclaredPrice]?,
        line: Int = 0
    ) {
        (self.tier, self.threshold, self.prices, self.line) = (tier, threshold, prices, line)
    }
}

/// The prompt length from which the **whole** request is priced by another row.
public struct PromptThreshold: Hashable, Comparable, Sendable {
    /// The smallest prompt, in tokens, that is priced so.
    public let firstTokens: Int64

    /// Prompts longer than `tokens`: OpenAI (272,000 exactly is still short), Gemini, Anthropic.
    public static func above(_ tokens: Int64) -> PromptThreshold {
        PromptThreshold(firstTokens: max(0, tokens) &+ (tokens == .max ? 0 : 1))
    }

    /// Prompts of `tokens` and more: xAI.
    public static func from(_ tokens: Int64) -> PromptThreshold { PromptThreshold(firstTokens: max(0, tokens)) }

    /// Orders by length.
    public static func < (left: PromptThreshold, right: PromptThreshold) -> Bool {
        left.firstTokens < right.firstTokens
    }
}

/// What a row says about one meter.
public enum DeclaredPrice: Hashable, Sendable {
    /// Its price; zero is a price.
    case rate(Rate)
    /// No price of its own: billed as the plainer meter it is a kind of (cached as input, reasoning as output).
    case asPlain
    /// It is charged for, and the price is not known: requests that use it are unpriced.
    case undisclosed
}
