import SteelyardPolicy
import SteelyardWire

/// Turns what is known about one exchange into the weight of its charge.
struct Weighing {
    /// What the charge comes to.
    enum Verdict {
        /// Nothing can have been spent: nothing was sent, or the provider refused it.
        case nothing
        /// The provider works on in the background under this id; its first terminal re-read is the charge.
        case pending(String)
        /// This much.
        case weight(Weight)
    }

    /// A failure that took this long has cost the provider, and possibly the customer, something. Field lessons report
    /// 47 % of a bill invisible to gateways that took every failure for free; an immediate 5xx never is billed.
    static let lateFailureSeconds = 10.0

    let rules: Rules
    /// The team that pays; estimates are learned from its own answers.
    var team: String
    /// Where the provider is: a region's host has prices of its own.
    let providerHost: String
    let route: Route
    let request: RequestFacts?
    let answer: WeighedAnswer?
    let facts: AnswerFacts?
    let end: WeighedEnd
    /// What was asked for; of a job, when it was opened.
    var work: RequestedWork
    /// The model; of a job, as it was asked for when it was opened.
    var model: WeighedModel
    var openedAtSeconds: Int64
    /// What was set aside for it.
    var hold: Picodollars
    /// The most it can cost, as was promised when it was admitted; nil of a job, whose promise is not kept that long.
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

    /// The weight of an answer that the provider took the request with.
    func accepted(_ answer: WeighedAnswer) -> Weight {
        if let weight = counted { return weight }
        guard let usage = facts?.usage else { return withoutUsage(answer) }
        var weight = stated(usage, by: answer)
        weight.usage = usage.verbatim
        return weight
    }

    /// A 4xx never costs anything (provider pricing pages: rejected requests are not billed), nor does a quick failure
    /// of the provider. A late one may have.
    private func failure(_ isProviders: Bool, afterSeconds seconds: Double) -> Verdict {
        guard isProviders, seconds >= Self.lateFailureSeconds else { return .nothing }
        return .weight(unmetered(.lateFailure))
    }

    /// Whether a 2xx tells of a failure before any work was done: an error, or nothing at all, and neither output nor
    /// usage. It costs what the same failure costs as a 5xx.
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

    /// Whether the provider took the request.
    var isAccepted: Bool { answer.map { (200..<300).contains($0.status) } ?? false }

    /// Whether nothing the answer could still have told would change its usage. The usage object of a plain answer is
    /// the last word wherever the answer breaks off; a stream's may be a running total.
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

/// What matters of the answer beside its facts.
struct WeighedAnswer {
    /// The status.
    var status: Int
    /// Whether it is an event stream.
    var isStream: Bool
    /// Whether its semantic end has been read.
    var isFinished: Bool
    /// Whether its coding could not be undone.
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

/// How the exchange stood when it was weighed.
struct WeighedEnd {
    /// Whether the request may have reached the provider.
    var reachedProvider: Bool
    /// Whether all of the request had come when it ended.
    var requestWasWhole: Bool
    /// Whether the answer came to its end.
    var answerIsWhole: Bool
    /// Whether nobody waited for the answer any more: the client left before its semantic end, or the process ended.
    var wasGivenUp: Bool
    /// Whether the provider was given up because of its silence.
    var timedOut: Bool
    /// How long the provider took to answer, or has been waited for.
    var answerSeconds: Double
    /// How long it has worked: until the semantic end of its answer, or until now.
    var workSeconds: Double
    /// How long it has worked before the first output was seen, or until now.
    var silentSeconds: Double
}
