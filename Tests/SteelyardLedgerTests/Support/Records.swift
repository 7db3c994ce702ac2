import SteelyardPolicy

/// Charges with numbers instead of random ids.
enum Charges {
    static func opening(
        _ number: UInt64,
        team: String = "search",
        key: String = "k1",
        model: String = "gpt-4.1-mini",
        hold: Int64 = 5_000_000,
        at seconds: Int64 = 1_700_000_000
    ) -> ChargeOpening {
        ChargeOpening(
            charge: ChargeID(high: number &* 0x9E37_79B9_7F4A_7C15, low: number),
            team: team,
            key: key,
            model: model,
            endpoint: "/v1/chat/completions",
            provider: "openai",
            hold: Picodollars(hold),
            openedAtSeconds: seconds
        )
    }

    static func settlement(
        _ opening: ChargeOpening,
        part: Int = 0,
        cost: Int64 = 1_234_567,
        confidence: Confidence = .exact,
        reason: String = "",
        after seconds: Int64 = 2
    ) -> ChargeSettlement {
        var counts = TokenCounts()
        (counts.prompt, counts.completion, counts.cached) = (1000, 50, 800)
        return ChargeSettlement(
            opening: opening,
            part: part,
            model: "gpt-4.1-mini-2025-04-14",
            cost: Picodollars(cost),
            confidence: confidence,
            reason: reason,
            tier: .flex,
            priceBook: "2026-11-01-abcdef",
            meters: Meters(counts),
            usage: Array(#"{"prompt_tokens":1000,"completion_tokens":50,"total_tokens":1050}"#.utf8),
            settledAtSeconds: opening.openedAtSeconds + seconds
        )
    }

    static func deferral(_ opening: ChargeOpening, job: String = "resp_1") -> ChargeDeferral {
        let work = RequestedWork(textBytes: 4000, countedTokens: 3, outputLimit: nil, writesCacheLong: true)
        return ChargeDeferral(opening: opening, jobID: job, work: work)
    }
}
