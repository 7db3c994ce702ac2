public import SteelyardPolicy
import SteelyardWire

/// What the client gets at last.
enum LastWords {
    /// Nothing: it has left, or gets its answer elsewhere.
    case nothing
    /// The answer is whole.
    case finish
    /// The answer that was kept back, whole.
    case release(KeptAnswer, ClientHead)
    /// The answer breaks off.
    case breakOff
    /// Steelyard's own answer.
    case refuse(Refusal)
}

/// Every way an exchange can end. All of them go through ``conclude(_:at:into:)``.
extension Exchange {
    /// The transfer with the provider has ended by itself, or was ended by the process.
    public mutating func transferEnded(_ end: TransferEnd, at now: Tick, into effects: inout ExchangeEffects) {
        guard awaitsProvider else { return misplaced("the end of a transfer", at: now, into: &effects) }
        endTransfer(end, at: now, into: &effects)
    }

    /// Stops the transfer, and ends the exchange as its end does.
    mutating func stop(at now: Tick, into effects: inout ExchangeEffects) {
        effects.add(.stop)
        let end = TransferEnd(failure: .cancelled, reachedProvider: passage.reachedProvider, detail: "stopped")
        endTransfer(end, at: now, into: &effects)
    }

    private mutating func endTransfer(_ end: TransferEnd, at now: Tick, into effects: inout ExchangeEffects) {
        passage.ended(end, at: now, into: &effects.output)
        // A repetition costs money, and a client that has left would not get its answer.
        if case .keepingBack(let kept) = phase, passage.answerIsWhole, !passage.client.hasLeft, kept.namesStreamOptions
        {
            return startUnedited(at: now, into: &effects)
        }
        conclude(lastWords(after: end), at: now, into: &effects)
    }

    private func lastWords(after end: TransferEnd) -> LastWords {
        switch phase {
        case .answering: return passage.answerIsWhole ? .finish : .breakOff
        case .keepingBack(let kept):
            guard passage.answerIsWhole, let head = passage.answer?.head else { break }
            return .release(kept, passage.clientHead(head, isHead: request.method == "HEAD", id: id))
        case .received, .gathering, .peeking, .opening, .asked, .over: break
        }
        return .refuse(refusal(for: end))
    }

    private func refusal(for end: TransferEnd) -> Refusal {
        let name = request.providerName
        switch end.failure {
        case .malformed: return .malformed(name, end.detail)
        case .cancelled where passage.failure?.error == .upstreamTimeout:
            return .timeout(name, seconds: request.timeouts.map { passage.silenceLimitSeconds($0) } ?? 0)
        default: return .unreachable(name, end.detail)
        }
    }

    /// Steelyard answers the request itself, and stops the transfer if one is running. If the client has part of the
    /// provider's answer already, that breaks off instead.
    mutating func refuse(_ objection: Objection, at now: Tick, into effects: inout ExchangeEffects) {
        if let reason = objection.turnedAway { turnedAway = reason }
        let refusal = objection.refusal
        if case .answering = phase { return end(refusal, .breakOff, at: now, into: &effects) }
        end(refusal, .refuse(refusal), at: now, into: &effects)
    }

    /// The request broke HTTP, or came too slowly. Its connection answers with this refusal.
    public mutating func requestFailed(_ refusal: Refusal, at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver else { return }
        end(refusal, .nothing, at: now, into: &effects)
    }

    private mutating func end(
        _ refusal: Refusal,
        _ lastWords: LastWords,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        passage.refused(refusal)
        if awaitsProvider { effects.add(.stop) }
        conclude(lastWords, at: now, into: &effects)
    }

    /// Ends the exchange: settles or releases the charge if that has not happened yet, tells everything about it, and
    /// only then lets the client know.
    private mutating func conclude(_ lastWords: LastWords, at now: Tick, into effects: inout ExchangeEffects) {
        passage.promise(lastWords, into: &effects.output)
        // A client that never got a status has left, whether that was reported or not.
        if passage.client.status == nil { noteDeparture() }
        closeCharge(at: now, into: &effects)
        effects.add(.conclude(summary(at: now)))
        phase = .over
        passage.speak(lastWords, into: &effects)
    }
}

/// The client leaves, or time passes.
extension Exchange {
    /// The client has left: its connection is closed.
    public mutating func clientLeft(at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver, !passage.client.hasLeft else { return }
        noteDeparture()
        guard awaitsProvider else { return conclude(.nothing, at: now, into: &effects) }
        guard abandonment == .drain else { return stop(at: now, into: &effects) }
        passage.drain(until: now.advanced(bySeconds: Self.drainSeconds))
        effects.add(.drain)
    }

    private mutating func noteDeparture() {
        if case .keepingBack = phase { return passage.clientLeft(keptBack: true) }
        passage.clientLeft(keptBack: false)
    }

    /// What to do, by the configuration, with an answer that nobody is waiting for any more.
    private var abandonment: AbandonedTransfer {
        // Half a request has no answer worth waiting for.
        guard let provider = request.provider, request.inbound?.route.mayCostMoney == true, request.isWhole
        else { return .cancel }
        // The output is complete: only the usage is still to come, or the last bytes.
        if passage.outputHasEnded { return .drain }
        // The provider finishes this work and bills it, whether or not anybody listens.
        if request.facts?.isBackground == true || request.inbound?.route.runsOn == true { return .drain }
        if passage.answer?.isStream ?? request.facts?.streams ?? false { return provider.settings.abandonedStream }
        // A budget pays for the answer, so reading on for its exact cost is worth it.
        return request.isBudgeted ? .drain : provider.settings.abandonedPlain
    }

    /// The deadline may have passed. It may also have moved meanwhile.
    public mutating func timePassed(at now: Tick, into effects: inout ExchangeEffects) {
        guard let deadline, deadline <= now else { return }
        passage.timedOut()
        stop(at: now, into: &effects)
    }
}

extension Passage {
    /// Notes what the client is going to get.
    fileprivate mutating func promise(_ lastWords: LastWords, into output: inout [UInt8]) {
        switch lastWords {
        case .nothing: return
        case .refuse(let refusal): gets(status: refusal.status)
        case .release(let kept, let head):
            gets(status: head.status)
            output += kept.bytes
        case .finish, .breakOff: break
        }
        gets(byteCount: output.count)
    }

    /// The last that the client hears.
    fileprivate func speak(_ lastWords: LastWords, into effects: inout ExchangeEffects) {
        guard !client.hasLeft else { return }
        if case .release(_, let head) = lastWords { effects.add(.open(head)) }
        if !effects.output.isEmpty { effects.add(.sendOutput) }
        switch lastWords {
        case .nothing: break
        case .finish, .release: effects.add(.finish)
        case .breakOff: effects.add(.breakOff)
        case .refuse(let refusal): effects.add(.refuse(refusal))
        }
    }

    /// Whether the answer has said that its output is complete, in every choice that was asked for.
    fileprivate var outputHasEnded: Bool {
        guard let answer else { return false }
        return answer.isFinished || answer.hasEndedOutput
    }
}

extension Route {
    /// Whether the provider goes on with the work when its stream is closed: the run of an assistant is an object of its
    /// own (OpenAI API reference, "Runs").
    fileprivate var runsOn: Bool { isGeneration && template.contains("/runs") }
}
