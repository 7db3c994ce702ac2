/// Everything a price book says about one model: the form into which text, YAML and imports are read.
///
/// A value of this type is unchecked; ``PriceBook`` checks it and makes look-ups fast.
public struct ModelPrices: Equatable, Sendable {
    /// The model's own name, then its aliases and snapshots: all have the same price.
    public var names: [ModelName]
    /// What the model does.
    public var kind: ModelKind
    /// The most prompt tokens it accepts, if known.
    public var maxInputTokens: Int64?
    /// The most answer tokens it generates, if known.
    public var maxOutputTokens: Int64?
    /// Whether it bills reasoning that its answers do not show.
    public var reasonsUnseen: Bool
    /// The surcharge of regional hosts on its token prices.
    public var uplift: RegionalUplift?
    /// Its prices, oldest first.
    public var sheets: [PriceSheet]
    /// The line of the source it was read from, for messages; 0 if it had none.
    public var line: Int

    /// Describes one model.
    public init(
        names: [ModelName],
        kind: ModelKind,
        maxInputTokens: Int64? = nil,
        maxOutputTokens: Int64? = nil,
        reasonsUnseen: Bool = false,
        uplift: RegionalUplift? = nil,
        sheets: [PriceSheet] = [],
        line: Int = 0
    ) {
        self.names = names
        self.kind = kind
        self.maxInputTokens = maxInputTokens
        self.maxOutputTokens = maxOutputTokens
        self.reasonsUnseen = reasonsUnseen
        self.uplift = uplift
        self.sheets = sheets
        self.line = line
    }
}

/// One name of a model.
public struct ModelName: Hashable, Sendable {
    /// The name as the provider spells it.
    public var text: String
    /// The day on which the provider will switch it off, if announced.
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
    /// Not a model: the fees of hosted tools, which apply to every model that has no fees of its own.
    case tools
}

/// The price of data residency: the provider's regional hosts (`eu.api.openai.com`) multiply a model's token prices.
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

/// A data-residency region, as in the first label of the provider's host: `eu` of `eu.api.openai.com`.
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
    /// The first day (UTC) on which they apply; nil: since the model exists.
    public var from: EffectiveDate?
    /// The short name of their source.
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
    /// The prompts that it applies to; nil: those below every threshold.
    public var threshold: PromptThreshold?
    /// The price of each meter; nil: such a request is served, and billed, as `standard`.
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

/// The prompt length from which another row prices the **whole** request.
public struct PromptThreshold: Hashable, Comparable, Sendable {
    /// The smallest prompt, in tokens, that this row prices.
    public let firstTokens: Int64

    /// Prompts longer than `tokens`: OpenAI (exactly 272,000 is still short), Gemini, Anthropic.
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
    /// Its price; zero is a valid price.
    case rate(Rate)
    /// No separate price: billed as the plain meter that it belongs to (cached as input, reasoning as output).
    case asPlain
    /// The provider charges for it, but the price is not known: requests that use it are unpriced.
    case undisclosed
}
