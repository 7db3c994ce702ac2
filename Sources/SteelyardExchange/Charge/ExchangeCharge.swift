import SteelyardPolicy
import SteelyardWire

/// What the exchange costs: its admission, what is held for it, and what it is settled at.
///
/// It is opened at most once and closed once: settled, released, or left to the table of open jobs.
struct ExchangeCharge: ~Copyable, Sendable {
    let rules: Rules
    let id: ChargeID
    let clock: ExchangeClock
    /// The opening, with the hold as it was recorded last; nil when it cannot cost money.
    private(set) var opening: ChargeOpening?
    /// What it was settled at, and for whom; nil before that, and when nothing was spent.
    private(set) var account: ChargeAccount?
    /// Whether it has been settled, released or left to the table of open jobs.
    private(set) var isClosed = false
    /// The most it can cost, as it was shown as exposure; nil when nothing was reserved.
    private var ceiling: Picodollars?
    /// What its budgets have reserved for it; nil before that, after the reservation has ended, and when it cannot cost
    /// money.
    private var reservation: Reservation?
    /// How the reservation grows with the answer; nil when it covers everything that can come.
    private var growth: GrowingHold?

    init(rules: Rules, id: ChargeID, clock: ExchangeClock) {
        self.rules = rules
        self.id = id
        self.clock = clock
    }

    /// The account of the exchange's own charge; nil when it settled a job's instead, or none.
    var ownAccount: ChargeAccount? { account.flatMap { $0.opening.charge == id ? $0 : nil } }
}

/// Opening.
extension ExchangeCharge {
    /// Reserves what the request may cost and opens its charge. A refused request reserves nothing.
    mutating func admit(_ request: borrowing ClientRequest, at now: Tick) throws(Objection) {
        guard let inbound = request.inbound, inbound.route.mayCostMoney, request.identity != nil else { return }
        let estimate = estimate(request, inbound, at: now)
        do throws(Rejection) {
            if estimate.price == .unpriced, rules.refusesUnpriced { throw .notPriced }
            guard !rules.recording.isFailing || !request.mustBeRecorded else { throw .unrecorded }
            let reservation = try rules.admission.admit(admission(request, estimate, at: now))
            opening = opening(request, inbound, reservation)
            ceiling = estimate.price == .priced ? estimate.ceiling : nil
            self.reservation = consume reservation
        } catch {
            throw Objection(error, of: request)
        }
        growth = estimate.growth.map { GrowingHold($0) }
    }

    private func admission(
        _ request: borrowing ClientRequest,
        _ estimate: HoldEstimate,
        at now: Tick
    ) -> AdmissionRequest {
        let model = request.model
        return AdmissionRequest(
            charge: id,
            team: request.teamName,
            key: request.keyID,
            model: model,
            bookModels: model.map { rules.prices.names(of: $0) } ?? [],
            estimate: estimate,
            now: now,
            wallSeconds: clock.seconds(at: now)
        )
    }

    private func estimate(
        _ request: borrowing ClientRequest,
        _ inbound: Inbound,
        at now: Tick
    ) -> HoldEstimate {
        guard inbound.route.isGeneration, let identity = request.identity else { return .unmetered }
        let model = request.model
        return HoldEstimate(
            PlannedWork(inbound, request.facts, bodyBytes: request.bodyBytes),
            model: model,
            label: rules.prices.label(asked: model, answered: nil),
            team: rules.identities.teams[identity.team].name,
            reserve: rules.identities.teams[identity.team].reserve,
            prices: rules.prices,
            quantiles: rules.quantiles,
            at: clock.seconds(at: now),
            region: Region(openAIHost: inbound.provider.origin.host)
        )
    }

    private func opening(
        _ request: borrowing ClientRequest,
        _ inbound: Inbound,
        _ reservation: borrowing Reservation
    ) -> ChargeOpening {
        ChargeOpening(
            charge: id,
            team: request.teamName,
            key: request.keyID,
            model: request.model ?? "none",
            endpoint: inbound.route.template,
            provider: request.providerName,
            hold: reservation.hold,
            openedAtSeconds: reservation.admittedAtSeconds
        )
    }
}

/// Growing.
extension ExchangeCharge {
    /// Reserves more if the form has more pictures, or more files, than the part that was kept back had shown.
    ///
    /// - Returns: what must be recorded before the request goes on; nil for nothing.
    mutating func coverLateFacts(of request: borrowing ClientRequest, at now: Tick) throws(Objection) -> ChargeRecord? {
        guard let inbound = request.inbound, let held = reservation?.hold else { return nil }
        let estimate = estimate(request, inbound, at: now)
        guard estimate.hold > held else { return nil }
        do throws(BudgetShortage) {
            try reservation?.grow(by: Picodollars(estimate.hold.amount - held.amount))
        } catch {
            throw Objection(error.rejection(ofWhole: estimate.hold, held: held), of: request)
        }
        growth = estimate.growth.map { GrowingHold($0) }
        ceiling = estimate.ceiling
        return growthRecord()
    }

    /// Reserves more when so many bytes of output have outgrown the hold.
    ///
    /// - Returns: what must be recorded before they are sent; nil for nothing.
    /// - Throws: which budget has no room. The hold stays as it was.
    mutating func cover(outputBytes: Int64, of request: borrowing ClientRequest) throws(BudgetShortage) -> ChargeRecord?
    {
        guard !isClosed, let step = growth?.nextStep(outputBytes: outputBytes, request) else { return nil }
        guard let granted = try reservation?.grow(by: step.wanted, atLeast: step.needed) else { return nil }
        growth?.took(granted, of: step)
        return growthRecord()
    }

    /// If the process is killed, the recorded hold is what counts. So each step is recorded before the bytes that
    /// needed it are sent.
    private mutating func growthRecord() -> ChargeRecord? {
        guard var opening, let hold = reservation?.hold, hold != opening.hold else { return nil }
        opening.hold = hold
        self.opening = opening
        return .grown(opening)
    }
}

/// Closing.
extension ExchangeCharge {
    /// Closes the charge, once: settles it at what is known, releases it when nothing can have been spent, or hands it
    /// to the table of open jobs.
    ///
    /// - Returns: what must be recorded before the bytes that show it are sent; nil when nothing was opened or it is
    ///   closed already.
    mutating func close(
        _ request: borrowing ClientRequest,
        _ passage: inout Passage,
        at now: Tick
    ) -> ChargeRecord? {
        guard !isClosed, let inbound = request.inbound else { return nil }
        let weighing = weighing(request, inbound, &passage, at: now)
        if case .reread = weighing.route.kind, let record = closeJob(weighing, request, at: now) { return record }
        guard let opening = opening ?? unforeseen(weighing, request, inbound) else { return nil }
        isClosed = true
        switch weighing.verdict {
        case .nothing: return release(at: now)
        case .pending(let jobID): return leave(jobID, opening, weighing, at: now)
        case .weight(var weight):
            if self.opening == nil { weight.notes.insert(.freeRoute) }
            return settle(opening, at: weight, weighing, at: now)
        }
    }

    /// The charge for unexpected work: the answer states a usage although the request should have caused none.
    ///
    /// A request that only reads or deletes shows the usage of earlier work, so it is not charged. The same goes for an
    /// update of the object that its path names.
    private func unforeseen(
        _ weighing: borrowing Weighing,
        _ request: borrowing ClientRequest,
        _ inbound: Inbound
    ) -> ChargeOpening? {
        guard request.identity != nil, !RouteTable.onlyReads(request.method), weighing.isAccepted,
            let facts = weighing.facts,
            facts.usage != nil, inbound.route.kind != .reread || !inbound.names(facts.id),
            case .weight = weighing.verdict
        else { return nil }
        return ChargeOpening(
            charge: id,
            team: request.teamName,
            key: request.keyID,
            model: facts.model ?? "none",
            endpoint: inbound.route.template,
            provider: request.providerName,
            openedAtSeconds: clock.startSeconds
        )
    }

    private mutating func release(at now: Tick) -> ChargeRecord {
        reservation.take()?.release(at: now)
        return .released(id)
    }

    /// Leaves the charge open until the job ends. An assistant's run that is already waited for is charged with its
    /// first request.
    private mutating func leave(
        _ jobID: String,
        _ opening: ChargeOpening,
        _ weighing: borrowing Weighing,
        at now: Tick
    ) -> ChargeRecord {
        var job = OpenJob(opening: opening, work: weighing.work)
        job.seenOutputBytes = weighing.outputBytes
        // This comes before the job can be found, because whoever settles the job looks for a postponed hold.
        reservation.take()?.postpone()
        switch rules.jobs.insert(job, provider: opening.provider, id: jobID) {
        case .waits: return .deferred(ChargeDeferral(opening: opening, jobID: jobID, work: job.work))
        case .isKnown where weighing.facts?.objectType == "thread.run":
            rules.admission.settleDeferred(opening, cost: .zero, tokens: nil, at: now)
            return .released(id)
        // Another charge already has this id: its provider, or another team, has used it before.
        case .isKnown, .isFull: return settle(opening, at: weighing.estimated(job), weighing, at: now)
        }
    }

    private mutating func settle(
        _ opening: ChargeOpening,
        at weight: Weight,
        _ weighing: borrowing Weighing,
        at now: Tick
    ) -> ChargeRecord {
        let model = weighing.model
        closeReservation(of: opening, at: weight, paying: model.priced, at: now)
        let account = ChargeAccount(opening: opening, modelLabel: model.label, model: model.priced, weight: weight)
        self.account = account
        return .settled(
            ChargeSettlement(account, priceBook: rules.prices.version, settledAtSeconds: clock.seconds(at: now))
        )
    }

    /// Replaces the hold by what was spent. For a job, that is the hold of the request that began it.
    private mutating func closeReservation(
        of opening: borrowing ChargeOpening,
        at weight: borrowing Weight,
        paying model: String,
        at now: Tick
    ) {
        let tokens = weight.tokens?.total
        if opening.charge == id, let reservation = reservation.take() {
            reservation.settle(cost: weight.cost, tokens: tokens, model: model, at: now)
        } else {
            rules.admission.settleDeferred(
                copy opening,
                cost: weight.cost,
                tokens: tokens,
                model: model,
                at: now
            )
        }
    }

    /// Everything that the cost of the charge is computed from.
    private func weighing(
        _ request: borrowing ClientRequest,
        _ inbound: Inbound,
        _ passage: inout Passage,
        at now: Tick
    ) -> Weighing {
        let facts = passage.readFacts()
        let asked = request.facts
        return Weighing(
            rules: rules,
            team: opening?.team ?? request.teamName,
            providerHost: inbound.provider.origin.host,
            route: inbound.route,
            request: asked,
            answer: passage.weighedAnswer,
            facts: facts,
            end: passage.weighedEnd(requestWasWhole: request.isWhole, at: now),
            work: RequestedWork(inbound, asked, bodyBytes: request.bodyBytes),
            model: WeighedModel(asked: request.model, facts, in: rules.prices),
            openedAtSeconds: opening?.openedAtSeconds ?? clock.startSeconds,
            hold: opening?.hold ?? .zero,
            ceiling: ceiling
        )
    }
}

/// Re-reads of background work: the first one that states the outcome settles the charge.
extension ExchangeCharge {
    /// Closes the charge of a job by what this re-read states, at the prices of the day on which the job was opened.
    ///
    /// A re-read that does not state the outcome at least shows how much output there was by then.
    private mutating func closeJob(
        _ weighing: borrowing Weighing,
        _ request: borrowing ClientRequest,
        at now: Tick
    ) -> ChargeRecord? {
        let provider = request.providerName
        guard weighing.isAccepted, let jobID = request.jobID(weighing.facts) else { return nil }
        guard weighing.statesUsage || mayEndJob(weighing, request, id: jobID) else {
            rules.jobs.sawOutput(bytes: weighing.outputBytes, provider: provider, id: jobID)
            return nil
        }
        guard let job = rules.jobs.take(provider: provider, id: jobID) else { return nil }
        isClosed = true
        let model = WeighedModel(asked: job.askedModel, weighing.facts, in: rules.prices)
        return close(job, weighing.with(job, model: model), at: now)
    }

    private mutating func close(_ job: OpenJob, _ weighing: Weighing, at now: Tick) -> ChargeRecord {
        if let answer = weighing.answer, weighing.statesUsage {
            return settle(job.opening, at: weighing.accepted(answer), weighing, at: now)
        }
        guard failedAtOnce(job, weighing, at: now) else {
            return settle(job.opening, at: weighing.estimated(job), weighing, at: now)
        }
        rules.admission.settleDeferred(job.opening, cost: .zero, tokens: nil, at: now)
        return .released(job.opening.charge)
    }

    /// Whether it failed before any work was done, as quickly as a failure that is never billed.
    private func failedAtOnce(_ job: OpenJob, _ weighing: Weighing, at now: Tick) -> Bool {
        guard weighing.facts?.error != nil, !weighing.showsWork, weighing.outputBytes == 0 else { return false }
        return Double(clock.seconds(at: now) - job.opening.openedAtSeconds) < Weighing.lateFailureSeconds
    }

    /// Whether a job is over without a usage. Only a request of the team that pays for it counts: otherwise anybody who
    /// knows its id could end its charge before its usage can be read.
    private func mayEndJob(
        _ weighing: borrowing Weighing,
        _ request: borrowing ClientRequest,
        id: String
    ) -> Bool {
        guard weighing.endsWithoutUsage || request.inbound?.deletes == true else { return false }
        return rules.jobs.team(provider: request.providerName, id: id) == request.teamName
    }
}

extension ClientRequest {
    /// The id of the job that the request asks about. The answer to a deletion need not name what was deleted, but the
    /// request's path does.
    fileprivate func jobID(_ facts: AnswerFacts?) -> String? {
        guard let inbound, inbound.deletes else { return facts?.id }
        return inbound.head.path.split(separator: "/").last.map { String($0) }
    }
}
