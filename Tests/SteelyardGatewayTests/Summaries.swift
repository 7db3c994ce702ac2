import Logging
import SteelyardConfiguration
import SteelyardMetrics
import SteelyardPolicy
import SteelyardServer
import SteelyardWire

@testable import SteelyardExchange
@testable import SteelyardGateway

/// Ended exchanges as the data path reports them.
enum Summaries {
    /// A successful chat completion of `gpt-4.1` that took two seconds.
    static func chat(_ change: (inout ExchangeSummary) -> Void = { _ in }) -> ExchangeSummary {
        var summary = ExchangeSummary(
            id: ChargeID(high: 0, low: 7),
            method: "POST",
            endpoint: "/v1/chat/completions",
            team: "search",
            key: "",
            provider: "openai",
            modelAsked: "gpt-4.1",
            modelAnswered: "gpt-4.1-2025-04-14",
            modelLabel: "gpt-4.1",
            status: 200,
            outcome: .ok,
            isForwarded: true,
            reachedProvider: true,
            isStreamed: false,
            askedForUsage: false,
            injectionRefused: false,
            charge: charge(),
            finishReasons: ["stop"],
            toolCalls: [],
            toolResultIDs: [],
            retryCount: 0,
            rateLimits: [],
            textSample: TextSample(requestBytes: 400, answerBytes: 200),
            requestBytes: 500,
            answerBytes: 900,
            timings: ExchangeTimings(
                began: Tick(nanoseconds: 1_000_000_000),
                ended: Tick(nanoseconds: 3_000_000_000),
                durationNanoseconds: 2_000_000_000,
                overheadNanoseconds: 150_000
            )
        )
        change(&summary)
        return summary
    }

    /// A charge of a hundred input tokens and fifty output tokens.
    static func charge(
        _ confidence: Confidence = .exact,
        model: String = "gpt-4.1",
        endpoint: String = "/v1/chat/completions",
        _ change: (inout Weight) -> Void = { _ in }
    ) -> ChargeAccount {
        var weight = Weight(cost: Picodollars(600_000_000), confidence: confidence)
        weight.tokens = TokenAmounts(prompt: 100, completion: 50)
        change(&weight)
        let opening = ChargeOpening(
            charge: ChargeID(high: 0, low: 7),
            team: "search",
            model: model,
            endpoint: endpoint,
            provider: "openai",
            openedAtSeconds: 1_795_219_200
        )
        return ChargeAccount(opening: opening, modelLabel: model, model: model, weight: weight)
    }

    /// A settlement of it, with the amounts of the account.
    static func settled(_ account: ChargeAccount) -> ChargeRecord {
        .settled(
            ChargeSettlement(
                opening: account.opening,
                part: 0,
                model: account.opening.model,
                cost: account.weight.cost,
                confidence: account.weight.confidence,
                usage: []
            )
        )
    }
}

/// A recorder and its registry.
struct RecordedMetrics {
    let metrics: GatewayMetrics
    let recorder: Recorder
    let rules: Rules

    init(maximumSeries: Int = 20_000, log: AccessLog? = nil, countsTools: Bool = true) throws {
        let provider = ProviderSettings(
            name: "openai",
            origin: ProviderOrigin(isSecure: true, host: "api.openai.com", port: 443, pathPrefix: "/v1")
        )
        metrics = GatewayMetrics(maximumSeries: maximumSeries)
        let learned = LearnedFacts()
        let active = try ActiveRules(Configuration(providers: [provider], defaultTeam: "search"), learned: learned)
        rules = active.rules
        recorder = Recorder(
            metrics: metrics,
            records: ChargeRecords(nil, recording: learned.recording, logger: Logger(label: "test")),
            rules: active,
            countsTools: countsTools,
            log: log
        )
    }

    /// What an exchange reports to the recorder from its request to its end.
    func exchange(_ summary: ExchangeSummary) {
        if summary.isForwarded { recorder.began(provider: summary.provider) }
        if let charge = summary.charge { recorder.record(Summaries.settled(charge), charge, on: 0) }
        recorder.ended(summary)
    }

    /// The samples of the families with this prefix, without comments and without buckets.
    func samples(_ prefix: String) -> [String] {
        var text: [UInt8] = []
        metrics.registry.render(.text, into: &text)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init).filter {
            $0.hasPrefix(prefix) && !$0.contains("_bucket{")
        }
    }
}
