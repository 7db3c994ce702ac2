import SteelyardPolicy
import SteelyardWire

/// Re-reads of background work: the first one that states the outcome settles the charge.
extension Exchange {
    /// Closes the charge of a job by what this re-read states, at the prices of the day on which the job was opened.
    ///
    /// A re-read that does not state the outcome at least shows how much output there was by then.
    mutating func closeJob(_ weighing: Weighing, at now: Tick) {
        guard weighing.isAccepted, let providerName, let jobID = jobID(weighing.facts) else { return }
        guard weighing.statesUsage || mayEndJob(weighing, provider: providerName, id: jobID) else {
            return rules.jobs.sawOutput(bytes: weighing.outputBytes, provider: providerName, id: jobID)
        }
        guard let job = rules.jobs.take(provider: providerName, id: jobID) else { return }
        charge.isClosed = true
        close(job, weighing.with(job, model: model(asked: job.askedModel, weighing.facts)), at: now)
    }

    private mutating func close(_ job: OpenJob, _ weighing: Weighing, at now: Tick) {
        if let answer = weighing.answer, weighing.statesUsage {
            return settle(job.opening, at: weighing.accepted(answer), weighing, at: now)
        }
        guard failedAtOnce(job, weighing, at: now) else {
            return settle(job.opening, at: weighing.estimated(job), weighing, at: now)
        }
        charge.record = .released(job.opening.charge)
        rules.admission.settleDeferred(job.opening, cost: .zero, tokens: nil, at: now)
    }

    /// Whether it failed before any work was done, as quickly as a failure that is never billed.
    private func failedAtOnce(_ job: OpenJob, _ weighing: Weighing, at now: Tick) -> Bool {
        guard weighing.facts?.error != nil, !weighing.showsWork, weighing.outputBytes == 0 else { return false }
        return Double(wallSeconds(at: now) - job.opening.openedAtSeconds) < Weighing.lateFailureSeconds
    }

    /// Whether a job is over without a usage. Only a request of the team that pays for it counts: otherwise anybody who
    /// knows its id could end its charge before its usage can be read.
    private func mayEndJob(_ weighing: Weighing, provider: String, id: String) -> Bool {
        guard weighing.endsWithoutUsage || removesJob else { return false }
        return rules.jobs.team(provider: provider, id: id) == teamName
    }

    /// Whether the request deletes the job, after which nobody can ask for its usage.
    private var removesJob: Bool { inbound?.head.method == "DELETE" }

    /// The id of the job. The answer to a deletion need not name what was deleted, but the request's path does.
    private func jobID(_ facts: AnswerFacts?) -> String? {
        guard removesJob, let path = inbound?.head.path else { return facts?.id }
        return path.split(separator: "/").last.map { String($0) }
    }
}

extension OpenJob {
    /// The model that was asked for; nil when none was known.
    var askedModel: String? { opening.model == "none" ? nil : opening.model }
}

extension Weighing {
    /// The same answer, weighed as the outcome of a job.
    fileprivate func with(_ job: OpenJob, model: WeighedModel) -> Weighing {
        var weighing = self
        weighing.team = job.opening.team
        weighing.work = job.work
        weighing.model = model
        weighing.openedAtSeconds = job.opening.openedAtSeconds
        weighing.hold = job.opening.hold
        weighing.ceiling = nil
        weighing.outputBytesElsewhere = job.seenOutputBytes
        return weighing
    }

    /// Whether a re-read states what the job used. Zeros for a job that was cancelled or failed state nothing.
    fileprivate var statesUsage: Bool {
        guard let facts, !facts.isPending, let usage = facts.usage else { return false }
        let countsNothing = (usage.allInputTokens ?? 0) == 0 && (usage.outputTokens ?? 0) == 0
        return !(countsNothing && (facts.status == "cancelled" || facts.status == "failed"))
    }

    /// Whether a re-read that was read to its end says that the job ended without a usage. A partial answer (206) does
    /// not say that.
    fileprivate var endsWithoutUsage: Bool {
        guard let facts, !facts.isPending, facts.hasEnded, let answer, answer.status != 206 else { return false }
        return answer.isStream ? isFinal : answer.isFinished
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
