import SteelyardPolicy
import SteelyardWire

/// When and at what weight the charge is closed.
extension Exchange {
    /// A charge is finished when the usage, or the semantic end, has been *parsed*: clients close right after it,
    /// and a gateway that waits for the end of the stream loses those charges.
    mutating func settleIfFinished() {
        guard !charge.isClosed, answer?.isFinished == true, answer?.hasUsage == true else { return }
        closeCharge()
    }

    /// Settles at what is known, releases when nothing can have been spent, or hands the charge to the table of open
    /// jobs; happens once.
    mutating func closeCharge() {
        guard !charge.isClosed, let weighing else { return }
        if case .reread = weighing.route.kind { return closeJob(weighing) }
        guard let opening = charge.opening else { return }
        charge.isClosed = true
        switch weighing.verdict {
        case .nothing: charge.record = .released(id.charge)
        case .pending(let jobID): open(jobID, opening, weighing)
        case .weight(let weight): settle(opening, at: weight, weighing)
        }
    }

    private func open(_ jobID: String, _ opening: ChargeOpening, _ weighing: Weighing) {
        let job = OpenJob(opening: opening, inputBytes: weighing.inputBytes)
        rules.jobs.insert(job, provider: opening.provider, id: jobID)
    }

    /// The first terminal re-read of a background job is its charge, at the price of the day it was opened.
    private mutating func closeJob(_ weighing: Weighing) {
        guard let facts = weighing.facts, let jobID = facts.id, !facts.isPending, facts.usage != nil,
            weighing.isAccepted, let provider, let job = rules.jobs.take(provider: provider.name, id: jobID)
        else { return }
        charge.isClosed = true
        var weighing = weighing
        weighing.openedAtSeconds = job.opening.openedAtSeconds
        guard case .weight(let weight) = weighing.verdict else { return }
        settle(job.opening, at: weight, weighing)
    }

    private mutating func settle(_ opening: ChargeOpening, at weight: Weight, _ weighing: Weighing) {
        charge.account = ChargeAccount(opening: opening, modelLabel: weighing.modelLabel, weight: weight)
        charge.record = .settled(
            ChargeSettlement(
                charge: opening.charge,
                part: 0,
                model: weighing.pricedModel,
                cost: weight.cost,
                confidence: weight.confidence,
                usage: weight.usage
            )
        )
    }

    /// The facts on which the charge is weighed.
    private var weighing: Weighing? {
        guard let inbound, let provider else { return nil }
        let facts = answer?.facts
        return Weighing(
            rules: rules,
            provider: provider,
            route: inbound.route,
            request: inbound.facts,
            answer: answer,
            facts: facts,
            requestBytes: client.requestBytes,
            reachedProvider: times.departed != nil,
            isWhole: failure == nil && !client.leftEarly,
            timedOut: failure?.error == .upstreamTimeout,
            answerSeconds: answerSeconds,
            modelLabel: modelLabel(answered: facts?.model),
            openedAtSeconds: wallSeconds
        )
    }

    /// How long the provider took to answer.
    private var answerSeconds: Double {
        guard let departed = times.departed, let answered = times.answered else { return 0 }
        return Double(answered.nanoseconds(since: departed)) / 1e9
    }
}

extension AnswerFacts {
    /// Whether the answer shows background work that is not over (Responses API, `status`).
    var isPending: Bool { status == "queued" || status == "in_progress" }
}
