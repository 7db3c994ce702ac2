import SteelyardPolicy
import SteelyardWire

/// Computes the weight of a charge (its cost, and how that is known) from what is known about its exchange.
struct Weighing {
    /// How the charge is to be closed.
    enum Verdict {
        /// Nothing can have been spent: nothing was sent, or the provider refused it.
        case nothing
        /// The provider goes on working in the background under this id. The first re-read that shows its end settles
        /// the charge.
        case pending(String)
        /// The charge costs this much.
        case weight(Weight)
    }

    /// A failure that took this long has cost the provider, and possibly the customer, something. Reports from the
    /// field say that 47 % of a bill was invisible to gateways that took every failure for free. An immediate 5xx is
    /// never billed.
    static let lateFailureSeconds = 10.0

    let rules: Rules
    /// The team that pays; estimates are learned from its own answers.
    var team: String
    /// The provider's host: a region's host has its own prices.
    let providerHost: String
    let route: Route
    let request: RequestFacts?
    let answer: WeighedAnswer?
    let facts: AnswerFacts?
    let end: WeighedEnd
    /// What was asked for; for a job, as it was when the job was opened.
    var work: RequestedWork
    /// The model; for a job, as it was asked for when the job was opened.
    var model: WeighedModel
    var openedAtSeconds: Int64
    /// What was reserved for it.
    var hold: Picodollars
    /// The most it can cost, as was promised when it was admitted; nil for a job, whose promise is not stored that
    /// long.
    var ceiling: Picodollars?
    /// Bytes of output that other reads of the same work have shown.
    var outputBytesElsewhere: Int64 = 0

    /// The verdict.
    var verdict: Verdict {
        guard end.reachedProvider else { return .nothing }
        guard let answer else { return .weight(unanswered) }
        guard isAccepted else { return failure(answer.status >= 500, afterSeconds: end.answerSeconds) }
        if let id = pendingID { return .pending(id) }
        if failedWithoutWork { return failure(true, afterSeconds: end.workSeconds) }
        return .weight(accepted(answer))
    }

    /// The weight of an answer by which the provider accepted the request.
    func accepted(_ answer: WeighedAnswer) -> Weight {
        if let weight = counted { return weight }
        guard let usage = facts?.usage else { return withoutUsage(answer) }
        var weight = stated(usage, by: answer)
        weight.usage = usage.verbatim
        return weight
    }

    /// A 4xx never costs anything (provider pricing pages: rejected requests are not billed), nor does a quick failure
    /// of the provider. A late failure may have cost something.
    private func failure(_ isProviders: Bool, afterSeconds seconds: Double) -> Verdict {
        guard isProviders, seconds >= Self.lateFailureSeconds else { return .nothing }
        return .weight(unmetered(.lateFailure))
    }

    /// Whether a 2xx reports a failure before any work was done: it has an error or nothing at all, and neither output
    /// nor usage. It costs what the same failure costs as a 5xx.
    var failedWithoutWork: Bool {
        guard isAccepted, route.isGeneration, let answer, let facts, facts.usage == nil else { return false }
        return !showsWork && (facts.error != nil || answer.isEmpty)
    }

    /// Whether the answer shows that the provider worked, whatever it says of its usage.
    var showsWork: Bool {
        guard let facts else { return false }
        return facts.contentEventCount > 0 || outputBytes > 0 || facts.outputItems != OutputItemCounts()
            || facts.toolUsage != nil
    }

    /// Whether the provider accepted the request.
    var isAccepted: Bool { answer.map { (200..<300).contains($0.status) } ?? false }

    /// Whether the usage is final, so that the rest of the answer could not change it. The usage object of a plain
    /// answer is final wherever the answer breaks off; a stream's may be a running total.
    var isFinal: Bool { end.answerIsWhole || answer?.isFinished == true }
}

/// The names of the model that is charged for.
struct WeighedModel {
    /// Its name in metrics.
    let label: String
    /// The name that is paid for: the one that answered where the book knows it (a deployment's name may be anything),
    /// else the one that was asked for.
    let priced: String

    init(asked: String?, answered: String?, in prices: PriceBook) {
        label = prices.label(asked: asked, answered: answered)
        if let answered, prices.bookName(for: answered) != nil {
            priced = answered
        } else if let asked, answered == nil || prices.bookName(for: asked) != nil {
            priced = asked
        } else {
            priced = answered ?? "none"
        }
    }
}

/// What matters about the answer, apart from its facts.
struct WeighedAnswer {
    /// The status.
    var status: Int
    /// Whether it is an event stream.
    var isStream: Bool
    /// Whether its semantic end has been read.
    var isFinished: Bool
    /// Whether its content coding could not be decoded.
    var isUndecodable: Bool
    /// Whether it came to its end and says nothing: no byte, or `null`.
    var isEmpty: Bool

    init(_ answer: borrowing Answer, isWhole: Bool) {
        status = answer.head.status
        isStream = answer.isStream
        isFinished = answer.isFinished
        isUndecodable = answer.isUndecodable
        isEmpty = isWhole && answer.isEmpty
    }
}

/// The state of the exchange when the weight is computed.
struct WeighedEnd {
    /// Whether the request may have reached the provider.
    var reachedProvider: Bool
    /// Whether all of the request had come when it ended.
    var requestWasWhole: Bool
    /// Whether the answer came to its end.
    var answerIsWhole: Bool
    /// Whether nobody waited for the answer any more: the client left before its semantic end, the process ended, or
    /// Steelyard made a mistake.
    var wasGivenUp: Bool
    /// Whether Steelyard stopped waiting because the provider was silent.
    var timedOut: Bool
    /// How long the provider took to answer, or how long Steelyard has waited for it.
    var answerSeconds: Double
    /// How long it has worked: until the semantic end of its answer, or until now.
    var workSeconds: Double
    /// How long it has worked before the first output was seen, or until now.
    var silentSeconds: Double
}
