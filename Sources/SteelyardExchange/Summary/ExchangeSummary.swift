public import SteelyardPolicy
public import SteelyardWire

/// How an exchange ended, for the duration histogram.
public enum ExchangeOutcome: String, Sendable, CaseIterable {
    /// The provider's answer is whole and below 400, or its semantic end was seen.
    case ok
    /// It answered with an error, broke off, or could not be reached.
    case failed
    /// The client left before the semantic end.
    case aborted
}

/// Whose fault and what: the closed vocabulary of `ai_errors_total`.
public enum ExchangeError: String, Sendable, CaseIterable {
    /// Steelyard refused the request because of its format, its path or its size.
    case clientInvalid = "client_invalid_request"
    /// The key is missing or cannot be used.
    case clientUnauthorized = "client_unauthorized"
    /// The client may not use this team, model or path.
    case clientForbidden = "client_forbidden"
    /// A budget is spent, or held by other requests.
    case clientBudget = "client_budget"
    /// The team has more requests or tokens than it may.
    case clientRateLimit = "client_rate_limited"
    /// Charges cannot be recorded.
    case gatewayLedger = "gateway_ledger_unavailable"
    /// Steelyard could not take the request: draining, over capacity.
    case gatewayOverloaded = "gateway_overloaded"
    /// Steelyard made a mistake.
    case gatewayInternal = "gateway_internal_error"
    /// The provider could not be reached or gave no answer.
    case upstreamUnreachable = "upstream_unreachable"
    /// The provider broke HTTP.
    case upstreamMalformed = "upstream_malformed"
    /// The provider's answer broke off.
    case upstreamTruncated = "upstream_truncated"
    /// The provider was silent for too long.
    case upstreamTimeout = "upstream_timeout"
    /// 429 from the provider.
    case upstreamRateLimit = "upstream_rate_limited"
    /// 429 from the provider that waiting does not cure.
    case upstreamQuota = "upstream_insufficient_quota"
    /// 401 or 403 from the provider.
    case upstreamAuth = "upstream_auth"
    /// Another 4xx from the provider.
    case upstreamRejected = "upstream_rejected_request"
    /// 5xx from the provider.
    case upstreamServer = "upstream_server_error"
    /// A failure reported inside a 2xx answer: an error, or nothing at all.
    case upstreamStream = "upstream_stream_error"
}

/// Why an attempt may have cost money without a usage to read.
public enum UnmeteredReason: String, Sendable, CaseIterable {
    /// The request was sent and no answer came.
    case noAnswer = "no_answer"
    /// Steelyard stopped waiting for the answer.
    case timeout
    /// The provider failed after it had worked on it for a while.
    case lateFailure = "late_failure"
    /// The answer's content coding could not be decoded.
    case undecodable
    /// A 2xx answer of a generating route without a usage and without text to estimate from.
    case noUsage = "no_usage"
    /// A path that is not metered.
    case path
}

/// Why a charge had to be estimated.
public enum EstimateReason: String, Sendable, CaseIterable {
    /// The answer stated no usage.
    case noUsage = "no_usage"
    /// The usage left out input or output, or counted zero although work was seen.
    case incompleteUsage = "incomplete_usage"
    /// The answer broke off, or the client left, after a running total.
    case runningTotal = "running_total"
    /// The client left before anything of the answer was seen.
    case unseen
    /// Nobody asked for the result of background work.
    case expired
    /// The tokens were stated, but not how much of a hosted tool was used: that is assumed.
    case toolFee = "tool_fee"
}

/// What a charge costs, and how that is known.
public struct Weight: Sendable {
    /// The amount.
    public var cost = Picodollars.zero
    /// How far it can be trusted.
    public var confidence: Confidence
    /// Tokens as stated or estimated; nil when nothing is known.
    public var tokens: TokenAmounts?
    /// The provider's own usage object, verbatim; empty when none came.
    public var usage: [UInt8] = []
    /// Why nothing could be metered, when ``confidence`` is `unmetered`.
    public var unmetered: UnmeteredReason?
    /// Why ``cost`` comes from estimated quantities, whatever is known of their price; nil when it does not.
    public var estimate: EstimateReason?
    /// What was metered.
    public var meters = Meters()
    /// The tier it was priced at.
    public var tier = ServiceTier.standard
    /// What is worth knowing about the price.
    public var notes: ChargeNotes = []

    init(
        cost: Picodollars = .zero,
        confidence: Confidence,
        unmetered: UnmeteredReason? = nil,
        notes: ChargeNotes = []
    ) {
        self.cost = cost
        self.confidence = confidence
        self.unmetered = unmetered
        self.notes = notes
    }

    /// Whether the provider stated the tokens, so that they can be learned from.
    public var hasStatedTokens: Bool { confidence == .exact || (confidence == .estimated && estimate == .toolFee) }

    /// Whether ``cost`` comes from estimated quantities.
    public var isEstimated: Bool { estimate != nil }

    /// Why it is not exact, in a word; empty for an exact one.
    public var reason: String {
        if let unmetered { return unmetered.rawValue }
        if let estimate { return estimate.rawValue }
        return confidence == .unpriced ? "unpriced" : ""
    }
}

/// Bytes of text whose tokens are known: estimates are learned from both.
public struct TextSample: Hashable, Sendable {
    /// Bytes of the request's text and schemas.
    public var requestBytes: Int64
    /// Bytes of the generated text.
    public var answerBytes: Int64
}

/// How much was generated for what was asked.
public struct LengthSample: Hashable, Sendable {
    /// How many answers share the output.
    public var generations: Int64
    /// The request's `service_tier`.
    public var requestedTier: String?
    /// The tier that served it.
    public var servedTier: ServiceTier
}

/// A settled charge: what it costs and who pays.
///
/// Usually it is the exchange's own charge. If the exchange is the first to read a background job after its end, it is
/// the job's charge.
public struct ChargeAccount: Sendable {
    /// The charge's opening.
    public var opening: ChargeOpening
    /// The model's name in metrics.
    public var modelLabel: String
    /// The name of the model that is paid for.
    public var model: String
    /// What it costs, and how that is known.
    public var weight: Weight
}

/// When things happened, and how long they took.
public struct ExchangeTimings: Sendable {
    /// When the head was received.
    public var began: Tick
    /// When everything was done.
    public var ended: Tick
    /// Head received to everything done.
    public var durationNanoseconds: UInt64
    /// Request complete to the first generated output; streams only.
    public var firstTokenNanoseconds: UInt64?
    /// Mean time between output tokens after the first; streams only.
    public var perOutputTokenNanoseconds: UInt64?
    /// Steelyard's own share of the time to the first byte.
    public var overheadNanoseconds: UInt64?
}

/// Everything worth knowing about one ended exchange; read once by the recorder.
public struct ExchangeSummary: Sendable {
    /// The exchange's id; also the charge's.
    public var id: ChargeID
    /// The method.
    public var method: String
    /// The route template.
    public var endpoint: String
    /// The paying team; `none` when nobody was found.
    public var team: String
    /// The public id of the Steelyard key that was presented; empty for none.
    public var key: String
    /// Why Steelyard turned it away; nil when it did not, or did so because of the request's format.
    public var turnedAway: TurnedAway?
    /// The configured provider; `none` when no provider was chosen.
    public var provider: String
    /// The model as asked for; nil when unknown.
    public var modelAsked: String?
    /// The model as answered.
    public var modelAnswered: String?
    /// The model's name in metrics: known to the price book, else `other`; `none` before it is known.
    public var modelLabel: String
    /// The status the client got; 499 when it left before the semantic end.
    public var status: Int
    /// How it ended.
    public var outcome: ExchangeOutcome
    /// What went wrong.
    public var error: ExchangeError?
    /// More about it, for the log: no content, no header values.
    public var errorDetail: String?
    /// Whether the request was handed to the provider's side, whatever came of it.
    public var isForwarded: Bool
    /// Whether the request was sent to the provider.
    public var reachedProvider: Bool
    /// Whether the answer was an event stream.
    public var isStreamed: Bool
    /// Whether the request was made to ask for usage.
    public var askedForUsage: Bool
    /// Whether the provider refused that and got the original bytes.
    public var injectionRefused: Bool
    /// The charge that was settled; nil when nothing was, because it cost nothing or goes on in the background.
    public var charge: ChargeAccount?
    /// The service tier the answer named.
    public var serviceTier: String?
    /// Finish reasons of the choices.
    public var finishReasons: [String] = []
    /// Tool calls the answer asked for: call id and tool name.
    public var toolCalls: [ToolCall] = []
    /// Call ids whose results the request brought.
    public var toolResultIDs: [String]
    /// `x-stainless-retry-count`: 0 on a first attempt.
    public var retryCount: Int
    /// What the provider said of its rate limits.
    public var rateLimits: [RateLimitReading] = []
    /// What lengths can be learned from ``charge``; nil when its usage was not stated.
    public var lengthSample: LengthSample?
    /// What token ratios can be learned from ``charge``; nil when its tokens are not those of text that was seen.
    public var textSample: TextSample?
    /// Bytes of the request body and of the answer body as sent to the client.
    public var requestBytes: Int64
    /// See ``requestBytes``.
    public var answerBytes: Int64
    /// How long things took.
    public var timings: ExchangeTimings
}

/// One of the provider's `x-ratelimit-*` pairs.
public struct RateLimitReading: Hashable, Sendable {
    /// `requests` or `tokens`.
    public var kind: RateLimitKind
    /// What is allowed per period.
    public var limit: Int64?
    /// What is left of it.
    public var remaining: Int64?
}

/// The two families of limits that OpenAI documents; others are not labels.
public enum RateLimitKind: String, Sendable, CaseIterable {
    case requests
    case tokens
}
