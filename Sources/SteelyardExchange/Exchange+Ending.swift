public import SteelyardPolicy
import SteelyardWire

/// Every way an exchange can end. All of them go through ``conclude(at:)``.
extension Exchange {
    /// The transfer with the provider has ended.
    public mutating func transferEnded(_ end: TransferEnd, at now: Tick, into output: inout [UInt8]) -> EndDecision {
        guard awaitsProvider else { return .finish }
        let before = output.count
        answer?.finish(into: &output)
        client.answerBytes += Int64(output.count - before)
        answerIsWhole = answer != nil && end.failure == nil
        if end.reachedProvider, times.departed == nil { times.departed = now }
        note(end)
        return decision(after: end, at: now, into: &output)
    }

    private mutating func decision(after end: TransferEnd, at now: Tick, into output: inout [UInt8]) -> EndDecision {
        guard let kept, let answer, let inbound else { return plainDecision(after: end) }
        guard answerIsWhole else { return .refuse(refusal(for: end)) }
        // A repetition costs money, and a client that has left would not get its answer.
        if kept.namesStreamOptions, !client.hasLeft {
            return .repeatUnedited(planUnedited(inbound, at: now))
        }
        return .releaseAndFinish(releaseHead(answer.head, into: &output))
    }

    private mutating func plainDecision(after end: TransferEnd) -> EndDecision {
        if answerIsWhole, !isCutShort { return .finish }
        return phase == .answering || isCutShort ? .breakOff : .refuse(refusal(for: end))
    }

    private mutating func refusal(for end: TransferEnd) -> Refusal {
        let name = providerName ?? "none"
        let refusal: Refusal =
            switch end.failure {
            case .malformed: .malformed(name, end.detail)
            case .unrecorded: rejected(.unrecorded, model: inbound?.facts?.model)
            case .cancelled where failure?.error == .upstreamTimeout:
                .timeout(name, seconds: silenceLimitSeconds ?? 0)
            default: .unreachable(name, end.detail)
            }
        // A client that was refused while it was still sending already has its status.
        client.status = client.status ?? refusal.status
        return refusal
    }

    /// Notes whose fault the end was. Only the first reason counts, and none that comes after the client has left.
    private mutating func note(_ end: TransferEnd) {
        guard failure == nil, !client.hasLeft, let error = end.error else { return }
        failure = ExchangeFailure(error: error, detail: end.detail)
    }

    /// The client has left: its connection is closed.
    public mutating func clientLeft(at now: Tick) -> ClientLeftDecision {
        noteDeparture()
        guard awaitsProvider else { return .conclude }
        guard abandonment == .drain else { return .cancel }
        times.drainsUntil = times.drainsUntil ?? now.advanced(bySeconds: Self.drainSeconds)
        return .drain
    }

    private mutating func noteDeparture() {
        guard phase != .over, !client.hasLeft else { return }
        client.hasLeft = true
        client.leftEarly = answer?.isFinished != true || kept != nil
    }

    /// What to do, by the configuration, with an answer that nobody is waiting for any more.
    private var abandonment: AbandonedTransfer {
        // Half a request has no answer worth waiting for.
        guard let inbound, let provider, inbound.route.mayCostMoney, client.requestIsWhole else { return .cancel }
        // The output is complete: only the usage is still to come, or the last bytes.
        if outputHasEnded { return .drain }
        // The provider finishes this work and bills it, whether or not anybody listens.
        if inbound.facts?.isBackground == true || inbound.route.runsOn { return .drain }
        let isStreamed = answer?.isStream ?? inbound.facts?.streams ?? false
        if isStreamed { return provider.settings.abandonedStream }
        // A budget pays for the answer, so reading on for its exact cost is worth it.
        return isBudgeted ? .drain : provider.settings.abandonedPlain
    }

    /// Whether the answer has said that its output is complete, in every choice that was asked for.
    private var outputHasEnded: Bool {
        guard let answer else { return false }
        return answer.isFinished || answer.hasEndedOutput
    }

    /// The deadline may have passed.
    public mutating func timePassed(at now: Tick) -> TimeDecision {
        guard awaitsProvider, let deadline, deadline <= now else { return .wait }
        if !client.hasLeft, failure == nil {
            failure = ExchangeFailure(error: .upstreamTimeout, detail: answer == nil ? "no answer" : "silence")
        }
        return .cancel
    }

    /// Ends the exchange: settles or releases the charge if that has not happened yet, and returns the summary.
    ///
    /// Call once, when nothing more will be sent; then ``takeRecord()``.
    public mutating func conclude(at now: Tick) -> ExchangeSummary {
        // A client that never got a status has left, whether that was reported or not.
        if client.status == nil { noteDeparture() }
        phase = .over
        closeCharge(at: now)
        return summary(at: now)
    }
}

extension TransferEnd {
    /// Whose fault it is; nil when the answer is whole. If a transfer was cancelled and the exchange has no reason of
    /// its own for that, the process was ending.
    fileprivate var error: ExchangeError? {
        switch failure {
        case nil: nil
        case .unreachable, .noAnswer: .upstreamUnreachable
        case .malformed: .upstreamMalformed
        case .truncated: .upstreamTruncated
        case .cancelled: .gatewayOverloaded
        case .unrecorded: .gatewayLedger
        }
    }
}

extension Route {
    /// Whether the provider goes on with the work when its stream is closed: the run of an assistant is an object of its
    /// own (OpenAI API reference, "Runs").
    fileprivate var runsOn: Bool { isGeneration && template.contains("/runs") }
}
