import SteelyardPolicy
import SteelyardWire

/// Every way an exchange can end, and the one door they go through.
extension Exchange {
    /// The provider's side is over.
    public mutating func transferEnded(_ end: ProviderEnd, at now: Tick, into output: inout [UInt8]) -> EndDecision {
        let before = output.count
        answer?.finish(into: &output)
        client.answerBytes += Int64(output.count - before)
        if end.reachedProvider, times.departed == nil { times.departed = now }
        note(end)
        return decision(after: end, at: now, into: &output)
    }

    private mutating func decision(after end: ProviderEnd, at now: Tick, into output: inout [UInt8]) -> EndDecision {
        guard let withheld, let answer else { return plainDecision(after: end) }
        if end.failure == nil, withheld.namesStreamOptions {
            self.withheld = nil
            return .repeatUnedited(planUnedited())
        }
        guard end.failure == nil else { return .refuse(refusal(for: end)) }
        return .releaseAndFinish(releaseHead(answer.head, into: &output))
    }

    private mutating func plainDecision(after end: ProviderEnd) -> EndDecision {
        if end.failure == nil { return .finish }
        guard case .answering = phase else { return .refuse(refusal(for: end)) }
        return .breakOff
    }

    private mutating func refusal(for end: ProviderEnd) -> Refusal {
        let name = provider?.name ?? "none"
        let refusal: Refusal =
            switch end.failure {
            case .malformed: .malformed(name, end.detail)
            case .cancelled where failure?.error == .upstreamTimeout:
                .timeout(name, seconds: provider?.timeouts.firstByteSeconds ?? 0)
            default: .unreachable(name, end.detail)
            }
        // A client that was refused while it was still sending has its status already.
        client.status = client.status ?? refusal.status
        return refusal
    }

    /// What the end tells about whose fault it was; the first reason counts.
    private mutating func note(_ end: ProviderEnd) {
        guard failure == nil, !client.leftEarly else { return }
        switch end.failure {
        case nil, .cancelled: return
        case .unreachable, .noAnswer: failure = ExchangeFailure(error: .upstreamUnreachable, detail: end.detail)
        case .malformed: failure = ExchangeFailure(error: .upstreamMalformed, detail: end.detail)
        case .truncated: failure = ExchangeFailure(error: .upstreamTruncated, detail: end.detail)
        }
    }

    /// The client has left: its connection is closed.
    public mutating func clientLeft(at now: Tick) -> ClientLeftDecision {
        client.hasLeft = true
        client.leftEarly = answer?.isFinished != true
        switch phase {
        case .received, .gathering, .over: return .conclude
        case .asked, .answering: break
        }
        guard abandonment == .drain else { return .cancel }
        times.drainsUntil = now.advanced(bySeconds: Self.drainSeconds)
        return .drain
    }

    /// What the configuration wants for an answer that nobody takes any more.
    private var abandonment: AbandonedTransfer {
        guard let inbound, let provider, inbound.route.mayCostMoney else { return .cancel }
        // The usage is in, only the last bytes are missing: reading them keeps the connection for the next request.
        if answer?.isFinished == true { return .drain }
        let isStreamed = answer?.isStream ?? inbound.facts?.streams ?? false
        return isStreamed ? provider.abandonedStream : provider.abandonedPlain
    }

    /// The deadline may have passed.
    public mutating func timePassed(at now: Tick) -> TimeDecision {
        guard let deadline, deadline <= now else { return .wait }
        if !client.hasLeft, failure == nil {
            failure = ExchangeFailure(error: .upstreamTimeout, detail: answer == nil ? "no answer" : "silence")
        }
        return .cancel
    }

    /// The client was too slow with its request and was told so.
    public mutating func requestTimedOut(status: Int) {
        phase = .over
        client.status = status
        failure = ExchangeFailure(error: .clientInvalid, detail: "the request body did not arrive in time")
    }

    /// The one door: settles or releases the charge if that has not happened, and gives the summary.
    ///
    /// Call once, when nothing more will be sent; then ``takeRecord()``.
    public mutating func conclude(at now: Tick) -> ExchangeSummary {
        phase = .over
        closeCharge()
        return summary(at: now)
    }
}

/// How a transfer ended, in the exchange's own words.
public struct ProviderEnd: Sendable {
    /// Why there is no whole answer.
    public enum Failure: Sendable {
        /// Nothing was sent.
        case unreachable
        /// The request left and no whole head came.
        case noAnswer
        /// The answer broke HTTP.
        case malformed
        /// The answer began and broke off.
        case truncated
        /// We stopped it.
        case cancelled
    }

    /// Nil when the answer is whole.
    public var failure: Failure?
    /// Whether any byte of the request may have reached the provider.
    public var reachedProvider: Bool
    /// For log and message: no URL, no header values.
    public var detail: String

    /// Makes an end.
    public init(failure: Failure?, reachedProvider: Bool, detail: String) {
        self.failure = failure
        self.reachedProvider = reachedProvider
        self.detail = detail
    }
}
