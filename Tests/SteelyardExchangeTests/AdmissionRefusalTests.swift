import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardExchange

@Suite("A request that is refused")
struct AdmissionRefusalTests {
    /// A team, its requests in progress, a request, and everything its client is told.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rules: @Sendable () -> Rules
        /// Chat completions of the same team that are in progress.
        var others = 0
        var target = "/team/search/v1/chat/completions"
        var body = Fixture.chat
        var fields: [(String, String)] = []
        var status: Int
        var type: String
        var code: String
        var reason: String
        var shouldRetry: Bool?
        var retryAfter: Int?
        var parameter: String?
        var error: ExchangeError
        /// A part of the message.
        var says: String
    }

    private static func world(
        recording: Bool = true,
        _ unrecorded: UnrecordedRequests = .refuseBudgeted,
        refusesUnpriced: Bool = false,
        limit: Int128? = nil,
        _ change: @escaping (inout Team) -> Void = { _ in }
    ) -> Rules {
        let record = Recording()
        record.note(isFailing: !recording)
        return World.rules(
            teams: [World.team(limitMillidollars: limit, change)],
            refusesUnpriced: refusesUnpriced,
            recording: record,
            unrecorded: unrecorded
        )
    }

    private static let unheard = Fixture.chat.replacing("gpt-4.1", with: "unheard-of")

    static let cases: [Case] = [
        Case(
            testDescription: "a spent budget: in vain before its end",
            rules: { world(limit: 50) },
            status: 429,
            type: "insufficient_quota",
            code: "insufficient_quota",
            reason: "team_budget",
            shouldRetry: false,
            retryAfter: 3600,
            error: .clientBudget,
            says: "The month budget of team search has no room for this request: 0 of 0.05 USD are spent"
        ),
        Case(
            testDescription: "a budget held by others: soon",
            rules: { world(limit: 100) },
            others: 1,
            status: 429,
            type: "requests",
            code: "rate_limit_exceeded",
            reason: "budget_held",
            retryAfter: 1,
            error: .clientBudget,
            says: "0.065574 USD are reserved for other requests"
        ),
        Case(
            testDescription: "too many requests",
            rules: { world { $0.limits.requestsPerMinute = 1 } },
            others: 1,
            status: 429,
            type: "requests",
            code: "rate_limit_exceeded",
            reason: "requests",
            retryAfter: 60,
            error: .clientRateLimit,
            says: "1 requests per minute"
        ),
        Case(
            testDescription: "too many tokens",
            rules: { world { $0.limits.tokensPerMinute = 1000 } },
            others: 1,
            status: 429,
            type: "tokens",
            code: "rate_limit_exceeded",
            reason: "tokens",
            retryAfter: 493,
            error: .clientRateLimit,
            says: "1000 tokens per minute"
        ),
        Case(
            testDescription: "too many at once",
            rules: { world { $0.limits.concurrentRequests = 1 } },
            others: 1,
            status: 429,
            type: "requests",
            code: "rate_limit_exceeded",
            reason: "concurrent_requests",
            retryAfter: 1,
            error: .clientRateLimit,
            says: "already has 1 requests in progress"
        ),
        Case(
            testDescription: "a model that is not for the team",
            rules: { world { $0.deniedModels = [ModelPattern("gpt-4.*")] } },
            status: 403,
            type: "invalid_request_error",
            code: "model_not_allowed",
            reason: "model_not_allowed",
            shouldRetry: false,
            parameter: "model",
            error: .clientForbidden,
            says: "may not use model gpt-4.1"
        ),
        Case(
            testDescription: "a model that nobody can read",
            rules: { world { $0.allowedModels = [ModelPattern("gpt-4.1")] } },
            body: "gpt-4.1",
            status: 403,
            type: "invalid_request_error",
            code: "model_not_allowed",
            reason: "model_not_allowed",
            shouldRetry: false,
            error: .clientForbidden,
            says: "found no model name in this request"
        ),
        Case(
            testDescription: "a model without a price, and a budget",
            rules: { world(limit: 1000) },
            body: unheard,
            status: 403,
            type: "invalid_request_error",
            code: "model_not_priced",
            reason: "model_not_priced",
            shouldRetry: false,
            parameter: "model",
            error: .clientForbidden,
            says: "Model unheard-of has no price"
        ),
        Case(
            testDescription: "a model without a price, where nobody may use one",
            rules: { world(refusesUnpriced: true) },
            body: unheard,
            status: 403,
            type: "invalid_request_error",
            code: "model_not_priced",
            reason: "model_not_priced",
            shouldRetry: false,
            parameter: "model",
            error: .clientForbidden,
            says: "Model unheard-of has no price"
        ),
        Case(
            testDescription: "work that nothing meters, and a budget",
            rules: { world(limit: 1000) },
            target: "/team/search/v1/realtime/client_secrets",
            status: 403,
            type: "invalid_request_error",
            code: "not_metered",
            reason: "not_metered",
            shouldRetry: false,
            error: .clientForbidden,
            says: "Requests to this path have no known cost"
        ),
        Case(
            testDescription: "a failing ledger, and a budget",
            rules: { world(recording: false, limit: 1000) },
            status: 503,
            type: "server_error",
            code: "ledger_unavailable",
            reason: "ledger_unavailable",
            retryAfter: 5,
            error: .gatewayLedger,
            says: "cannot record spending at the moment"
        ),
        Case(
            testDescription: "a failing ledger, where everything must be recorded",
            rules: { world(recording: false, .refuseAll) },
            status: 503,
            type: "server_error",
            code: "ledger_unavailable",
            reason: "ledger_unavailable",
            retryAfter: 5,
            error: .gatewayLedger,
            says: "cannot record spending at the moment"
        ),
        Case(
            testDescription: "a team that left between key and admission",
            rules: {
                let rules = world()
                rules.admission.install(AdmissionRules(teams: []), wallSeconds: 0, recordedUntil: .min) {
                    (queries, _) in
                    queries.map { _ in MoneySum() }
                }
                return rules
            },
            status: 403,
            type: "invalid_request_error",
            code: "team_mismatch",
            reason: "team_unknown",
            shouldRetry: false,
            error: .clientForbidden,
            says: "Team search is no longer configured"
        ),
    ]

    @Test("gets a message and fields that SDKs obey, and leaves nothing behind", arguments: cases)
    func refused(_ request: Case) throws {
        let rules = request.rules()
        var other = Walk(rules, id: 1)
        if request.others > 0 { other.post("/team/search/v1/chat/completions", Fixture.chat) }
        var walk = Walk(rules)
        let isGathered = request.target.hasSuffix("completions")
        walk.head("POST", request.target, request.fields, length: request.body.utf8.count)
        if isGathered { walk.body(request.body) }
        let given = walk.refusal
        let refusal = try #require(given)
        #expect(refusal.status == request.status)
        #expect(refusal.type == request.type)
        #expect(refusal.code == request.code)
        #expect(refusal.reason == request.reason)
        #expect(refusal.shouldRetry == request.shouldRetry)
        #expect(refusal.retryAfterSeconds == request.retryAfter)
        #expect(refusal.parameter == request.parameter)
        #expect(refusal.message.contains(request.says), "\(refusal.message)")
        walk.conclude()
        #expect(walk.plan == nil)
        #expect(walk.records.isEmpty)
        #expect(walk.summary?.error == request.error)
        #expect(walk.summary?.status == request.status)
        #expect(walk.summary?.team == "search")
        #expect(walk.summary?.turnedAway.map(Self.reason) == request.reason)
        #expect(World.counts(rules) == [request.others, 0, 0])
        other.conclude()
        #expect(rules.admission.counts.inFlight == 0)
    }

    private static func reason(_ turnedAway: TurnedAway) -> String {
        switch turnedAway {
        case .unidentified(let refusal): refusal.rawValue
        case .rejected(let rejection): rejection.reason
        }
    }

    /// Requests that would be refused without one word of the configuration.
    static let passes: [(String, @Sendable () -> Rules, String, String)] = [
        (
            "a failing ledger and no budget", { world(recording: false) }, "/v1/chat/completions", Fixture.chat
        ),
        (
            "a failing ledger that may fail", { world(recording: false, .allow, limit: 1000) },
            "/v1/chat/completions", Fixture.chat
        ),
        ("no price, and no budget", { world() }, "/v1/chat/completions", unheard),
        (
            "no price, in spite of a budget", { world(limit: 1000) { $0.unpriced = .allow } },
            "/v1/chat/completions", unheard
        ),
        (
            "no meter, in spite of a budget", { world(limit: 1000) { $0.unmetered = .allow } },
            "/v1/realtime/client_secrets", "{}"
        ),
        (
            "a budget that warns alone", { world(limit: 50) { $0.budgets[0].whenSpent = .warn } },
            "/v1/chat/completions", Fixture.chat
        ),
        ("a free path of a team without money", { world(limit: 0) }, "/v1/moderations", "{}"),
        ("a free path while the ledger fails", { world(recording: false, .refuseAll) }, "/v1/moderations", "{}"),
    ]

    @Test("is admitted with one word changed in the configuration", arguments: passes.indices)
    func letThrough(_ index: Int) {
        let (name, rules, target, body) = Self.passes[index]
        var walk = Walk(rules())
        walk.head("POST", "/team/search" + target, length: body.utf8.count)
        if walk.plan == nil { walk.body(body) }
        #expect(walk.refusal == nil, "\(name)")
        #expect(walk.plan != nil, "\(name)")
        walk.conclude()
    }

    @Test("for its rate learns both rates, and when to come back")
    func rates() throws {
        let rules = Self.world {
            $0.limits = TeamLimits(requestsPerMinute: 60, tokensPerMinute: 16_000)
        }
        var first = Walk(rules, id: 1)
        first.post("/team/search/v1/chat/completions", Fixture.chat)
        var second = Walk(rules, id: 2)
        second.post("/team/search/v1/chat/completions", Fixture.chat)
        let given = second.refusal
        let refusal = try #require(given)
        #expect(refusal.type == "tokens")
        #expect(refusal.requestRate?.limit == 60)
        #expect(refusal.requestRate?.remaining == 59)
        #expect(refusal.requestRate?.resetText == "1s")
        #expect(refusal.tokenRate?.limit == 16_000)
        #expect(refusal.retryAfterSeconds == 2)
        second.conclude()
        // The settlement released what was not used.
        first.departs()
        first.answers(200)
        first.piece(Fixture.answer(prompt: 10, completion: 5))
        var third = Walk(rules, id: 3)
        third.post("/team/search/v1/chat/completions", Fixture.chat)
        #expect(third.refusal == nil)
        third.conclude()
        first.ends()
    }

    @Test("is the second of two when the budget has room for one, however close they come")
    func oneOfTwo() {
        let rules = Self.world(limit: 100)
        var first = Walk(rules, id: 1)
        var second = Walk(rules, id: 2)
        for target in ["/team/search/v1/chat/completions"] {
            first.head("POST", target, length: Fixture.chat.utf8.count)
            second.head("POST", target, length: Fixture.chat.utf8.count)
        }
        first.body(Fixture.chat)
        second.body(Fixture.chat)
        #expect(first.refusal == nil)
        #expect(second.refusal?.reason == "budget_held")
        first.departs()
        first.answers(429)
        var third = Walk(rules, id: 3)
        third.post("/team/search/v1/chat/completions", Fixture.chat)
        #expect(third.refusal == nil, "a refused request holds nothing from its head on")
        third.conclude()
        first.ends()
    }
}
