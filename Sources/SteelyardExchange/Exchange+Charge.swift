import SteelyardPolicy
import SteelyardWire

/// When and at what weight the charge is closed.
extension Exchange {
    /// A charge is finished when the usage, or the semantic end, has been *parsed*: clients close right after it,
    /// and a gateway that waits for the end of the stream loses those charges.
    ///
    /// An answer that is withheld may be followed by another, which would be the charge.
    mutating func settleIfFinished() {
        guard !charge.isClosed, withheld == nil, answer?.isFinished == true, answer?.hasUsage == true else { return }
        closeCharge()
    }

    /// Settles at what is known, releases when nothing can have been spent, or hands the charge to the table of open
    /// jobs; happens once.
    mutating func closeCharge() {
        guard !charge.isClosed, let weighing = weighing() else { return }
        if case .reread = weighing.route.kind { return closeJob(weighing) }
        guard let opening = charge.opening else { return }
        charge.isClosed = true
        switch weighing.verdict {
        case .nothing: charge.record = .released(id.charge)
        case .pending(let jobID): open(jobID, opening, weighing)
        case .weight(let weight): settle(opening, at: weight, weighing)
        }
    }

    /// Leaves the charge to the job's end; work that is waited for already is charged with its first request.
    private mutating func open(_ jobID: String, _ opening: ChargeOpening, _ weighing: Weighing) {
        let job = OpenJob(opening: opening, work: weighing.work)
        switch rules.jobs.insert(job, provider: opening.provider, id: jobID) {
        case .waits: break
        case .isKnown: charge.record = .released(id.charge)
        case .isFull: settle(opening, at: estimate(of: job, weighing), weighing)
        }
    }

    /// The first terminal re-read of a background job is its charge, at the price of the day it was opened.
    private mutating func closeJob(_ weighing: Weighing) {
        guard weighing.tellsOutcome, let answer = weighing.answer, let jobID = weighing.facts?.id, let providerName,
            let job = rules.jobs.take(provider: providerName, id: jobID)
        else { return }
        charge.isClosed = true
        var weighing = weighing
        weighing.work = job.work
        weighing.model = model(asked: job.opening.model == "none" ? nil : job.opening.model, weighing.facts)
        weighing.openedAtSeconds = job.opening.openedAtSeconds
        let isStated = weighing.facts?.usage != nil
        settle(job.opening, at: isStated ? weighing.accepted(answer) : estimate(of: job, weighing), weighing)
    }

    private func estimate(of job: OpenJob, _ weighing: Weighing) -> Weight {
        weighing.priced(estimate: TokenAmounts(job.work, model: weighing.model.label, ratios: rules.ratios))
    }

    private mutating func settle(_ opening: ChargeOpening, at weight: Weight, _ weighing: Weighing) {
        charge.account = ChargeAccount(opening: opening, modelLabel: weighing.model.label, weight: weight)
        charge.record = .settled(
            ChargeSettlement(
                opening: opening,
                part: 0,
                model: weighing.model.priced,
                cost: weight.cost,
                confidence: weight.confidence,
                usage: weight.usage
            )
        )
    }

    /// The facts on which the charge is weighed.
    private mutating func weighing() -> Weighing? {
        guard let inbound else { return nil }
        let facts = answer?.readFacts()
        return Weighing(
            rules: rules,
            providerHost: rules.providers.providers[inbound.provider].origin.host,
            route: inbound.route,
            request: inbound.facts,
            answer: weighedAnswer,
            facts: facts,
            end: weighedEnd,
            work: RequestedWork(inbound, bodyBytes: client.requestBytes),
            model: model(asked: inbound.facts?.model, facts),
            openedAtSeconds: wallSeconds
        )
    }

    private func model(asked: String?, _ facts: AnswerFacts?) -> WeighedModel {
        WeighedModel(asked: asked, answered: facts?.model, in: rules.prices)
    }

    private var weighedAnswer: WeighedAnswer? { answer.map { WeighedAnswer($0) } }

    private var weighedEnd: WeighedEnd {
        WeighedEnd(
            reachedProvider: times.departed != nil,
            answerIsWhole: answerIsWhole,
            clientLeftEarly: client.leftEarly,
            timedOut: failure?.error == .upstreamTimeout,
            answerSeconds: answerSeconds
        )
    }

    /// How long the provider took to answer.
    private var answerSeconds: Double {
        guard let departed = times.departed, let answered = times.answered else { return 0 }
        return Double(answered.nanoseconds(since: departed)) / 1e9
    }
}

extension Weighing {
    /// Whether a re-read says for good what the job came to: its usage, or that it ended without one.
    fileprivate var tellsOutcome: Bool {
        guard isAccepted, let facts, !facts.isPending else { return false }
        return facts.usage != nil || (facts.hasEnded && isFinal)
    }
}

extension AnswerFacts {
    /// Whether the answer shows background work that is not over (Responses API and Assistants, `status`).
    var isPending: Bool { status == "queued" || status == "in_progress" }

    /// Whether it shows work that is over, with or without a result.
    fileprivate var hasEnded: Bool {
        switch status {
        case "completed", "incomplete", "cancelled", "failed", "expired": true
        default: false
        }
    }
}
