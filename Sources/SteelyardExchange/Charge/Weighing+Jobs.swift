import SteelyardPolicy
import SteelyardWire

extension OpenJob {
    /// The model that was asked for; nil when none was known.
    var askedModel: String? { opening.model == "none" ? nil : opening.model }
}

extension Weighing {
    /// The same answer, weighed as the outcome of a job.
    func with(_ job: OpenJob, model: WeighedModel) -> Weighing {
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
    var statesUsage: Bool {
        guard let facts, !facts.isPending, let usage = facts.usage else { return false }
        let countsNothing = (usage.allInputTokens ?? 0) == 0 && (usage.outputTokens ?? 0) == 0
        return !(countsNothing && (facts.status == "cancelled" || facts.status == "failed"))
    }

    /// Whether a re-read that was read to its end says that the job ended without a usage. A partial answer (206) does
    /// not say that.
    var endsWithoutUsage: Bool {
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
