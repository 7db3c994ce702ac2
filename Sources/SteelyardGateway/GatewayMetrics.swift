import SteelyardMetrics

/// All metric families that count exchanges, declared once (docs/metrics.md) and printed in this order.
struct GatewayMetrics: Sendable {
    let registry: MetricRegistry
    let requests: RequestFamilies
    let spend: SpendFamilies
    let unknowns: UnknownSpendFamilies
    let times: TimeFamilies
    let tools: ToolFamilies
    let providers: ProviderFamilies
    let rejections: RejectionFamilies

    init(maximumSeries: Int) {
        registry = MetricRegistry(maximumSeries: maximumSeries)
        requests = RequestFamilies(registry)
        spend = SpendFamilies(registry)
        unknowns = UnknownSpendFamilies(registry)
        times = TimeFamilies(registry)
        tools = ToolFamilies(registry)
        providers = ProviderFamilies(registry)
        rejections = RejectionFamilies(registry)
    }
}

/// How requests ended.
struct RequestFamilies: Sendable {
    let total: CounterFamily
    let errors: CounterFamily
    let aborts: CounterFamily
    let retries: CounterFamily
    let finishReasons: CounterFamily

    fileprivate init(_ registry: MetricRegistry) {
        total = registry.counter(
            "ai_requests_total",
            help: "Requests by the status that the client got; 499 means that it left before the semantic end.",
            labels: ["endpoint", .folding("model"), "status", "team", "provider"]
        )
        errors = registry.counter(
            "ai_errors_total",
            help: "Failed requests by error code; its prefix says whose fault it was.",
            labels: ["endpoint", .folding("model"), "team", "provider", "type"]
        )
        aborts = registry.counter(
            "ai_client_aborts_total",
            help: "Requests whose client left before the semantic end.",
            labels: ["endpoint", "team"]
        )
        retries = registry.counter(
            "ai_client_retries_total",
            help: "Requests that an SDK marked as a retry.",
            labels: ["endpoint", "team"]
        )
        finishReasons = registry.counter(
            "ai_finish_reasons_total",
            help: "Choices by the reason why they ended.",
            labels: ["endpoint", .folding("model"), "reason"]
        )
    }
}

/// What was used, and what it cost.
struct SpendFamilies: Sendable {
    let cost: MoneyFamily
    let estimatedCost: MoneyFamily
    let tokens: CounterFamily
    let tokenDetails: CounterFamily

    fileprivate init(_ registry: MetricRegistry) {
        let charged: [LabelName] = ["endpoint", .folding("model"), "team", "provider"]
        cost = registry.money(
            "ai_cost_usd_total",
            help: "Cost of the requests, exact and estimated.",
            labels: charged
        )
        estimatedCost = registry.money(
            "ai_cost_estimated_usd_total",
            help: "The part of ai_cost_usd_total that was estimated.",
            labels: charged
        )
        tokens = registry.counter(
            "ai_tokens_total",
            help: "Tokens as the provider states them: prompt, completion and its own total.",
            labels: charged + ["type"]
        )
        tokenDetails = registry.counter(
            "ai_token_details_total",
            help: "Parts of the prompt and completion tokens; do not add them to those.",
            labels: charged + ["detail"]
        )
    }
}

/// Spending that is not in the dollars.
struct UnknownSpendFamilies: Sendable {
    let unpricedRequests: CounterFamily
    let unpricedTokens: CounterFamily
    let unmetered: CounterFamily

    fileprivate init(_ registry: MetricRegistry) {
        unpricedRequests = registry.counter(
            "ai_unpriced_requests_total",
            help: "Requests with known usage but no known price.",
            labels: [.folding("model"), "team"]
        )
        unpricedTokens = registry.counter(
            "ai_unpriced_tokens_total",
            help: "Tokens of requests with no known price.",
            labels: [.folding("model"), "team"]
        )
        unmetered = registry.counter(
            "ai_unmetered_requests_total",
            help: "Attempts that may have cost money but returned no readable usage.",
            labels: ["endpoint", "team", "reason"]
        )
    }
}

/// How long things took.
struct TimeFamilies: Sendable {
    let duration: HistogramFamily
    let firstToken: HistogramFamily
    let perOutputToken: HistogramFamily
    let overhead: Histogram

    fileprivate init(_ registry: MetricRegistry) {
        let streamed: [LabelName] = ["endpoint", .folding("model"), "provider"]
        duration = registry.histogram(
            "ai_request_duration_seconds",
            help: "Duration of requests that reached a provider, from the request head to the last byte sent.",
            labels: streamed + ["outcome"],
            buckets: .requestDuration
        )
        firstToken = registry.histogram(
            "ai_time_to_first_token_seconds",
            help: "Streams: time from the complete request to the first generated output.",
            labels: streamed,
            buckets: .timeToFirstToken
        )
        perOutputToken = registry.histogram(
            "ai_time_per_output_token_seconds",
            help: "Streams: mean time between output tokens after the first.",
            labels: streamed,
            buckets: .timePerOutputToken
        )
        let overhead = registry.histogram(
            "ai_proxy_overhead_seconds",
            help: "Time that Steelyard itself adds before the first byte.",
            buckets: .proxyOverhead
        )
        self.overhead = overhead.series()
    }
}

/// What answers asked applications to do.
struct ToolFamilies: Sendable {
    let calls: CounterFamily
    let duration: HistogramFamily

    fileprivate init(_ registry: MetricRegistry) {
        calls = registry.counter(
            "ai_tool_calls_total",
            help: "Tool calls that answers requested.",
            labels: [.folding("tool"), .folding("model"), "team"]
        )
        duration = registry.histogram(
            "ai_tool_duration_seconds",
            help: "Time from the answer that requested a tool call to the request with its result.",
            labels: [.folding("tool")],
            buckets: .toolDuration
        )
    }
}

/// The state of the providers.
struct ProviderFamilies: Sendable {
    let inFlight: GaugeFamily
    let injectionRefused: CounterFamily
    let rateLimit: GaugeFamily
    let rateLimitRemaining: GaugeFamily

    fileprivate init(_ registry: MetricRegistry) {
        inFlight = registry.gauge(
            "ai_requests_in_flight",
            help: "Requests in progress at a provider.",
            labels: ["provider"]
        )
        injectionRefused = registry.counter(
            "ai_injection_refused_total",
            help: "Requests sent again because the provider rejected stream_options.",
            labels: ["provider"]
        )
        rateLimit = registry.gauge(
            "ai_upstream_ratelimit_limit",
            help: "The provider's rate limit, as its latest answer states it.",
            labels: ["provider", .folding("model"), "kind"]
        )
        rateLimitRemaining = registry.gauge(
            "ai_upstream_ratelimit_remaining",
            help: "What is left of the provider's rate limit, as its latest answer states it.",
            labels: ["provider", .folding("model"), "kind"]
        )
    }
}

/// Requests that Steelyard itself refused.
struct RejectionFamilies: Sendable {
    let unidentified: CounterFamily
    let budgets: CounterFamily
    let rates: CounterFamily

    fileprivate init(_ registry: MetricRegistry) {
        unidentified = registry.counter(
            "ai_auth_failures_total",
            help: "Requests refused because no team could be charged, by what was wrong with the key or claim.",
            labels: ["reason"]
        )
        budgets = registry.counter(
            "ai_budget_rejections_total",
            help: "Requests refused by a budget or by a rule that protects budgets.",
            labels: ["team", "reason"]
        )
        rates = registry.counter(
            "ai_rate_limit_rejections_total",
            help: "Requests refused by a team's rate or concurrency limit.",
            labels: ["team", "reason"]
        )
    }
}
