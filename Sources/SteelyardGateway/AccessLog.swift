import SteelyardClock
import SteelyardExchange
import SteelyardPolicy
import SteelyardTelemetry

/// Writes one line per ended exchange: who, what, how long, how much. It contains no content and no keys.
struct AccessLog: Sendable {
    let writer: LogWriter
    let format: LogLineFormat

    func write(_ summary: ExchangeSummary) { writer.write(line(summary, atMilliseconds: WallClock.milliseconds())) }

    /// The line of an exchange that ended at an instant (milliseconds since 1970).
    func line(_ summary: ExchangeSummary, atMilliseconds now: Int64) -> [UInt8] {
        let isUnforeseen = summary.charge?.weight.notes.contains(.freeRoute) == true
        let level = isUnforeseen ? "warning" : "info"
        var line = LogLine(format: format, atMilliseconds: now, level: level, message: "request")
        line.add("request_id", summary.id.text)
        line.add("team", summary.team)
        line.add("method", summary.method)
        line.add("endpoint", summary.endpoint)
        line.add("provider", summary.provider)
        line.add("model", summary.modelLabel)
        line.add("model_asked", summary.modelAsked)
        line.add("model_answered", summary.modelAnswered)
        line.add("status", Int64(summary.status))
        line.add("outcome", summary.outcome.rawValue)
        line.add("error", summary.error?.rawValue)
        line.add("error_detail", summary.errorDetail)
        addTimings(summary, to: &line)
        addCharge(summary, to: &line)
        return line.finished()
    }

    /// Writes the line of a request that never became an exchange, so that its request id can be found in the log.
    func write(_ refusal: Refusal, id: ChargeID, _ kind: ExchangeKind) {
        writer.write(line(refusal, id: id, kind, atMilliseconds: WallClock.milliseconds()))
    }

    func line(_ refusal: Refusal, id: ChargeID, _ kind: ExchangeKind, atMilliseconds now: Int64) -> [UInt8] {
        var line = LogLine(format: format, atMilliseconds: now, level: "info", message: "request")
        line.add("request_id", id.text)
        line.add("team", kind.team)
        line.add("endpoint", kind.endpoint)
        line.add("provider", kind.provider)
        line.add("model", kind.model)
        line.add("status", Int64(refusal.status))
        line.add("outcome", ExchangeOutcome.failed.rawValue)
        line.add("error", refusal.error.rawValue)
        line.add("error_detail", refusal.code)
        return line.finished()
    }

    private func addTimings(_ summary: ExchangeSummary, to line: inout LogLine) {
        line.add("stream", summary.isStreamed)
        line.add("duration_us", Int64(clamping: summary.timings.durationNanoseconds / 1000))
        line.add("first_token_us", summary.timings.firstTokenNanoseconds.map { Int64(clamping: $0 / 1000) })
        line.add("overhead_us", summary.timings.overheadNanoseconds.map { Int64(clamping: $0 / 1000) })
        line.add("request_bytes", summary.requestBytes)
        line.add("answer_bytes", summary.answerBytes)
        if summary.retryCount > 0 { line.add("retry", Int64(summary.retryCount)) }
        if summary.askedForUsage { line.add("asked_for_usage", true) }
    }

    private func addCharge(_ summary: ExchangeSummary, to line: inout LogLine) {
        line.add("service_tier", summary.serviceTier)
        guard let charge = summary.charge else { return }
        let weight = charge.weight
        // This answer settled the background work of an earlier request.
        if charge.opening.charge != summary.id {
            line.add("charged_request_id", charge.opening.charge.text)
        }
        line.add("prompt_tokens", weight.tokens?.prompt)
        line.add("completion_tokens", weight.tokens?.completion)
        line.add("cached_tokens", weight.tokens.map { $0[.cached] })
        line.add("cost_usd", weight.cost.amount, places: 12)
        line.add("confidence", weight.confidence.rawValue)
        if weight.isEstimated { line.add("estimated", true) }
        line.add("unmetered", weight.unmetered?.rawValue)
        if !weight.notes.isEmpty { line.add("price_notes", weight.notes.words) }
    }
}

extension ChargeNotes {
    private static let names: [(note: ChargeNotes, word: String)] = [
        (.tierFallback, "tier_fallback"), (.tierUnknown, "tier_unknown"), (.regionNotPriced, "region_not_priced"),
        (.countsInconsistent, "counts_inconsistent"), (.clamped, "clamped"),
        (.freeRoute, "free_route"),
    ]

    /// Notes about a price, for the log.
    var words: String { Self.names.filter { contains($0.note) }.map(\.word).joined(separator: ",") }
}
