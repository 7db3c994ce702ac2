import SteelyardPolicy
import SteelyardWire

/// When the charge is closed, and at what cost.
extension Exchange {
    /// Settles the charge as soon as the usage, or the semantic end, has been *parsed*: clients close right after it,
    /// and a gateway that waits for the end of the stream loses those charges. Nothing that counts follows the last
    /// byte of a plain answer's text or a stream's `[DONE]`, so the charge is closed there, with a usage or without.
    /// Thus not even the name of background work reaches the client before it is recorded. At other ends of a stream,
    /// such as an error, the charge waits for the usage: some of these ends come once for each of many parts.
    ///
    /// A withheld answer does not settle the charge: another answer may follow it, and that one would be charged.
    mutating func settleIfFinished(at now: Tick, into effects: inout ExchangeEffects) {
        guard !charge.isClosed, withheld == nil, answer?.hasToldAll == true else { return }
        closeCharge(at: now, into: &effects)
    }

    /// Closes the charge, and has it recorded.
    mutating func closeCharge(at now: Tick, into effects: inout ExchangeEffects) {
        closeCharge(at: now)
        addRecord(to: &effects)
    }

    /// Has what happened to the charge recorded.
    mutating func addRecord(to effects: inout ExchangeEffects) {
        guard let record = charge.record.take() else { return }
        effects.add(.record(record, charge.account))
    }

    /// Closes the charge, once: settles it at what is known, releases it when nothing can have been spent, or hands it
    /// to the table of open jobs.
    private mutating func closeCharge(at now: Tick) {
        guard !charge.isClosed, let weighing = weighing(at: now) else { return }
        if case .reread = weighing.route.kind { closeJob(weighing, at: now) }
        guard !charge.isClosed, let opening = charge.opening ?? unforeseen(weighing) else { return }
        charge.isClosed = true
        switch weighing.verdict {
        case .nothing: release(at: now)
        case .pending(let jobID): open(jobID, opening, weighing, at: now)
        case .weight(var weight):
            if charge.opening == nil { weight.notes.insert(.freeRoute) }
            settle(opening, at: weight, weighing, at: now)
        }
    }

    /// The charge for unexpected work: the answer states a usage although the request should have caused none.
    ///
    /// A request that only reads or deletes shows the usage of earlier work, so it is not charged. The same goes for an
    /// update of the object that its path names.
    private func unforeseen(_ weighing: Weighing) -> ChargeOpening? {
        guard let inbound, identity != nil, !RouteTable.onlyReads(method), weighing.isAccepted,
            let facts = weighing.facts,
            facts.usage != nil, inbound.route.kind != .reread || !inbound.names(facts.id),
            case .weight = weighing.verdict
        else { return nil }
        return ChargeOpening(
            charge: id,
            team: teamName,
            key: keyID,
            model: facts.model ?? "none",
            endpoint: inbound.route.template,
            provider: inbound.provider.name,
            openedAtSeconds: wallSeconds
        )
    }

    private mutating func release(at now: Tick) {
        charge.record = .released(id)
        reservation.take()?.release(at: now)
    }

    /// Leaves the charge open until the job ends. An assistant's run that is already waited for is charged with its
    /// first request.
    private mutating func open(_ jobID: String, _ opening: ChargeOpening, _ weighing: Weighing, at now: Tick) {
        var job = OpenJob(opening: opening, work: weighing.work)
        job.seenOutputBytes = weighing.outputBytes
        // This comes before the job can be found, because whoever settles the job looks for a postponed hold.
        reservation.take()?.postpone()
        switch rules.jobs.insert(job, provider: opening.provider, id: jobID) {
        case .waits:
            charge.record = .deferred(ChargeDeferral(opening: opening, jobID: jobID, work: job.work))
        case .isKnown where weighing.facts?.objectType == "thread.run":
            charge.record = .released(id)
            rules.admission.settleDeferred(opening, cost: .zero, tokens: nil, at: now)
        // Another charge already has this id: its provider, or another team, has used it before.
        case .isKnown, .isFull: settle(opening, at: weighing.estimated(job), weighing, at: now)
        }
    }

    mutating func settle(_ opening: ChargeOpening, at weight: Weight, _ weighing: Weighing, at now: Tick) {
        let model = weighing.model
        closeReservation(of: opening, at: weight, paying: model.priced, at: now)
        let account = ChargeAccount(opening: opening, modelLabel: model.label, model: model.priced, weight: weight)
        charge.account = account
        charge.record = .settled(
            ChargeSettlement(account, priceBook: rules.prices.version, settledAtSeconds: wallSeconds(at: now))
        )
    }

    /// Replaces the hold by what was spent. For a job, that is the hold of the request that began it.
    private mutating func closeReservation(
        of opening: ChargeOpening,
        at weight: Weight,
        paying model: String,
        at now: Tick
    ) {
        let tokens = weight.tokens?.total
        if opening.charge == id, let reservation = reservation.take() {
            reservation.settle(cost: weight.cost, tokens: tokens, model: model, at: now)
        } else {
            rules.admission.settleDeferred(opening, cost: weight.cost, tokens: tokens, model: model, at: now)
        }
    }

    /// Everything that the cost of the charge is computed from.
    private mutating func weighing(at now: Tick) -> Weighing? {
        guard let inbound else { return nil }
        let facts = answer?.readFacts()
        return Weighing(
            rules: rules,
            team: charge.opening?.team ?? teamName,
            providerHost: inbound.provider.origin.host,
            route: inbound.route,
            request: inbound.facts,
            answer: weighedAnswer,
            facts: facts,
            end: weighedEnd(at: now),
            work: RequestedWork(inbound, bodyBytes: client.requestBytes),
            model: model(asked: inbound.facts?.model, facts),
            openedAtSeconds: charge.opening?.openedAtSeconds ?? wallSeconds,
            hold: charge.opening?.hold ?? .zero,
            ceiling: charge.ceiling
        )
    }

    func model(asked: String?, _ facts: AnswerFacts?) -> WeighedModel {
        WeighedModel(asked: asked, answered: facts?.weighedModel(asked: asked, rules.prices), in: rules.prices)
    }

    private var weighedAnswer: WeighedAnswer? {
        answer.map { WeighedAnswer($0, isWhole: answerIsWhole || $0.isFinished) }
    }

    private func weighedEnd(at now: Tick) -> WeighedEnd {
        WeighedEnd(
            reachedProvider: times.departed != nil,
            requestWasWhole: client.requestIsWhole,
            answerIsWhole: answerIsWhole,
            wasGivenUp: client.leftEarly || failure?.error == .gatewayOverloaded,
            timedOut: failure?.error == .upstreamTimeout,
            answerSeconds: seconds(until: times.answered ?? now),
            workSeconds: seconds(until: answer?.finishedAt ?? now),
            silentSeconds: seconds(until: answer?.firstContent ?? answer?.finishedAt ?? now)
        )
    }

    /// How long the provider has had the request at that time.
    private func seconds(until then: Tick) -> Double {
        guard let departed = times.departed else { return 0 }
        return Double(then.nanoseconds(since: departed)) / 1e9
    }
}

extension Inbound {
    /// Whether a segment of the path is this id.
    fileprivate func names(_ id: String?) -> Bool {
        guard let id else { return false }
        return head.path.split(separator: "/").contains { $0 == id }
    }
}
