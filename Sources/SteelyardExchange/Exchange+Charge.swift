import SteelyardPolicy
import SteelyardWire

/// When and at what weight the charge is closed.
extension Exchange {
    /// A charge is finished when the usage, or the semantic end, has been *parsed*: clients close right after it,
    /// and a gateway that waits for the end of the stream loses those charges. The text of a plain answer has nothing
    /// more to tell behind its last byte, nor a stream behind its `[DONE]`, with a usage or without: not even the name of
    /// background work reaches the client before it is on record. Other ends of a stream, an error among them, wait for the
    /// usage: some come once for each of many parts.
    ///
    /// An answer that is withheld may be followed by another, which would be the charge.
    mutating func settleIfFinished(at now: Tick) {
        guard !charge.isClosed, withheld == nil, answer?.hasToldAll == true else { return }
        closeCharge(at: now)
    }

    /// Settles at what is known, releases when nothing can have been spent, or hands the charge to the table of open
    /// jobs; happens once.
    mutating func closeCharge(at now: Tick) {
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

    /// The charge of work that nobody foresaw: a usage in the answer to a request that should have made none.
    ///
    /// What only reads or removes shows the usage of earlier work; so does an update, of the object that its path names.
    private func unforeseen(_ weighing: Weighing) -> ChargeOpening? {
        guard let inbound, identity != nil, !RouteTable.onlyReads(method), weighing.isAccepted,
            let facts = weighing.facts,
            facts.usage != nil, inbound.route.kind != .reread || !inbound.names(facts.id),
            case .weight = weighing.verdict
        else { return nil }
        return ChargeOpening(
            charge: id.charge,
            team: teamName,
            key: keyID,
            model: facts.model ?? "none",
            endpoint: inbound.route.template,
            provider: rules.providers.providers[inbound.provider].name,
            openedAtSeconds: wallSeconds
        )
    }

    private mutating func release(at now: Tick) {
        charge.record = .released(id.charge)
        reservation.take()?.release(at: now.nanoseconds)
    }

    /// Leaves the charge to the job's end; work that is waited for already is charged with its first request.
    private mutating func open(_ jobID: String, _ opening: ChargeOpening, _ weighing: Weighing, at now: Tick) {
        var job = OpenJob(opening: opening, work: weighing.work)
        job.seenOutputBytes = weighing.outputBytes
        // Before the job can be found: what settles it looks for a hold that waits.
        reservation.take()?.postpone()
        switch rules.jobs.insert(job, provider: opening.provider, id: jobID) {
        case .waits:
            charge.record = .deferred(ChargeDeferral(opening: opening, jobID: jobID, work: job.work))
        case .isKnown where weighing.facts?.objectType == "thread.run":
            charge.record = .released(id.charge)
            rules.admission.settleDeferred(opening, cost: .zero, tokens: nil, at: now.nanoseconds)
        // Another charge has this id, which its provider, or another team, has used before.
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

    /// What was set aside becomes what was spent; of a job, what was set aside for the request that began it.
    private mutating func closeReservation(
        of opening: ChargeOpening,
        at weight: Weight,
        paying model: String,
        at now: Tick
    ) {
        let tokens = weight.tokens?.total
        if opening.charge == id.charge, let reservation = reservation.take() {
            reservation.settle(cost: weight.cost, tokens: tokens, model: model, at: now.nanoseconds)
        } else {
            let nanoseconds = now.nanoseconds
            rules.admission.settleDeferred(opening, cost: weight.cost, tokens: tokens, model: model, at: nanoseconds)
        }
    }

    /// The facts on which the charge is weighed.
    private mutating func weighing(at now: Tick) -> Weighing? {
        guard let inbound else { return nil }
        let facts = answer?.readFacts()
        return Weighing(
            rules: rules,
            team: charge.opening?.team ?? teamName,
            providerHost: rules.providers.providers[inbound.provider].origin.host,
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

    /// How long the provider has had the request by then.
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
