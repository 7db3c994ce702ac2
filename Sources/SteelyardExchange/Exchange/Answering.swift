public import SteelyardPolicy
public import SteelyardWire

/// From the provider's answer to what the client gets.
extension Exchange {
    /// The request was written to a connection, which was begun at `startedAt`. What the provider has answered by then
    /// says more.
    public mutating func departed(at now: Tick, startedAt: Tick) {
        guard case .asked = phase else { return }
        passage.departed(at: now, startedAt: startedAt)
    }

    /// The validated head of the answer; `firstByteAt` is when its first byte was seen.
    public mutating func receivedAnswerHead(
        _ head: AnswerHead,
        firstByteAt: Tick,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard case .asked = phase else { return misplaced("an answer's head", at: now, into: &effects) }
        passage.received(answer(head), firstByteAt: firstByteAt, at: now)
        if request.isKeyRefusal(head) {
            return refuse(Objection(.keyRefused(request.providerName)), at: now, into: &effects)
        }
        rememberRefusedEdit(after: head)
        guard (400..<500).contains(head.status) else { return relay(head, into: &effects) }
        guard !passage.isArmed else { return phase = .keepingBack(KeptAnswer()) }
        // A refused request costs nothing, so its hold is released for others.
        closeCharge(at: now, into: &effects)
        relay(head, into: &effects)
    }

    private func answer(_ head: AnswerHead) -> Answer {
        guard !request.isKeyRefusal(head) else {
            return Answer(head: head, isArmed: false, isRead: false, choiceCount: 1)
        }
        return Answer(
            head: head,
            isArmed: passage.isArmed,
            isRead: request.expectsUsage(in: head),
            choiceCount: request.facts?.answerChoiceCount ?? 1
        )
    }

    /// Remembers that the provider refuses the edit, once the unedited repetition has succeeded. Only that shows that
    /// the edit was the cause. Any client can provoke an error that merely names `stream_options`; to remember that
    /// would end exact metering of that model for everyone.
    private func rememberRefusedEdit(after head: AnswerHead) {
        if passage.editWasRefused, (200..<300).contains(head.status) { request.rememberRefusedEdit() }
    }

    private mutating func relay(_ head: AnswerHead, into effects: inout ExchangeEffects) {
        phase = .answering
        let clientHead = passage.clientHead(head, isHead: request.method == "HEAD", id: id)
        passage.open(clientHead, into: &effects)
    }

    /// A piece of the answer. `raw` is as the provider sent it; `decoded` is for an answer with a content coding (empty
    /// when decoding failed).
    ///
    /// The meter reads first, so that a charge whose usage is in this piece is settled before the piece is sent.
    public mutating func receivedAnswerPiece(
        _ raw: Span<UInt8>,
        decoded: Span<UInt8>?,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        switch phase {
        case .answering:
            let progress = passage.read(raw, decoded, at: now)
            settleIfFinished(progress, at: now, into: &effects)
            guard covers(progress, at: now, into: &effects) else { return stop(at: now, into: &effects) }
            passage.pass(raw, decoded, into: &effects)
        case .keepingBack(var kept):
            // The phase lets go of the bytes, so that they are not copied.
            phase = .asked
            _ = passage.read(raw, decoded, at: now)
            kept.append(raw)
            keepBack(kept, at: now, into: &effects)
        case .received, .gathering, .peeking, .opening, .asked, .over:
            misplaced("a piece of an answer", at: now, into: &effects)
        }
    }

    /// Keeps an error answer to an armed request back. One that is too long for a refusal of the edit is passed on.
    ///
    /// It does not settle the charge: another answer may follow it, and that one would be charged.
    private mutating func keepBack(_ kept: KeptAnswer, at now: Tick, into effects: inout ExchangeEffects) {
        guard kept.isTooLong, let head = passage.answer?.head else { return phase = .keepingBack(kept) }
        closeCharge(at: now, into: &effects)
        relay(head, into: &effects)
        effects.output += kept.bytes
        passage.sendOutput(into: &effects)
    }

    /// Settles the charge as soon as the usage, or the semantic end, has been *parsed*: clients close right after it,
    /// and a gateway that waits for the end of the stream loses those charges. Nothing that counts follows the last
    /// byte of a plain answer's text or a stream's `[DONE]`, so the charge is closed there, with a usage or without.
    /// Thus not even the name of background work reaches the client before it is recorded. At other ends of a stream,
    /// such as an error, the charge waits for the usage: some of these ends come once for each of many parts.
    private mutating func settleIfFinished(
        _ progress: AnswerProgress,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard progress.hasToldAll, !charge.isClosed else { return }
        closeCharge(at: now, into: &effects)
    }

    /// Closes the charge, unless it is closed already, and has that recorded.
    mutating func closeCharge(at now: Tick, into effects: inout ExchangeEffects) {
        guard let record = charge.close(request, &passage, at: now) else { return }
        effects.add(.record(record, charge.account))
    }

    /// Reserves more when the output has outgrown the hold; false when the answer must be cut off instead.
    private mutating func covers(
        _ progress: AnswerProgress,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) -> Bool {
        do throws(BudgetShortage) {
            guard let record = try charge.cover(outputBytes: progress.outputBytes, of: request) else { return true }
            effects.add(.record(record, nil))
            return true
        } catch {
            guard mayBeCut else { return true }
            turnedAway = .rejected(.budgetHeld(error))
            passage.failed(.clientBudget, "the answer cost more than its budget allows")
            return false
        }
    }

    /// Whether an answer that has outgrown its hold may be cut off: only a stream, and only if the team is configured
    /// so. A plain answer was generated whole before its first byte came, so cutting it off would save nothing and
    /// would lose the usage that it states.
    private var mayBeCut: Bool { passage.answer?.isStream == true && request.outgrownHold == .cut }

    /// Decoding the answer has failed. If the client gets the decoded bytes, its answer breaks off here: the client could
    /// not have decoded the rest either.
    public mutating func failedToDecode(at now: Tick, into effects: inout ExchangeEffects) {
        guard passage.answer != nil, awaitsProvider else {
            return misplaced("an answer that cannot be decoded", at: now, into: &effects)
        }
        passage.failedToDecode()
        guard passage.answer?.isSentDecoded == true else { return }
        passage.failed(.upstreamMalformed, "broken content coding")
        stop(at: now, into: &effects)
    }

    /// The client took bytes that had been waiting for it. Steelyard caused the provider's silence meanwhile, so that
    /// time does not count against the provider.
    public mutating func clientTookBytes(at now: Tick) { passage.clientTookBytes(at: now) }
}

extension ClientRequest {
    /// Whether the meter reads an answer. It does not read downloads and listings: their bytes may be anything, and a
    /// `usage` in them is that of earlier work.
    fileprivate func expectsUsage(in head: AnswerHead) -> Bool {
        guard let inbound else { return false }
        switch inbound.route.kind {
        case .generation, .reread, .unmetered: return true
        case .free, .administration: return head.status >= 400 || !RouteTable.onlyReads(method)
        }
    }

    /// Whether the provider refused the key that Steelyard sent in place of the client's. The client can do nothing about
    /// that.
    fileprivate func isKeyRefusal(_ head: AnswerHead) -> Bool { head.status == 401 && substitutesKey }

    /// What becomes of an answer that outgrows its hold; nil while nobody pays.
    fileprivate var outgrownHold: OutgrownHold? {
        guard let identity else { return nil }
        return rules.identities.teams[identity.team].outgrownHold
    }
}
