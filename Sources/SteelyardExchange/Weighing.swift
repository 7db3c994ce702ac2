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

    /// A 5xx that took this long has cost the provider, and possibly the customer, something. Field lessons report
    /// 47 % of a bill invisible to gateways that took every failure for free; an immediate 5xx never is billed.
    static let lateFailureSeconds = 10.0

    let rules: Rules
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

    /// The verdict.
    var verdict: Verdict {
        guard end.reachedProvider else { return .nothing }
        guard let answer else { return .weight(unanswered) }
        guard isAccepted else { return refusedVerdict(answer.status) }
        if let id = pendingID { return .pending(id) }
        return .weight(accepted(answer))
    }

    /// The weight of an answer that the provider took the request with.
    func accepted(_ answer: WeighedAnswer) -> Weight {
        guard let usage = facts?.usage else { return withoutUsage(answer) }
        var weight = stated(usage, by: answer)
        // A usage of zeros beside generated text is a placeholder, not a price of nothing.
        if weight.tokens?.total == 0, weight.cost == .zero, outputBytes > 0 { weight = withoutUsage(answer) }
        weight.usage = usage.verbatim
        return weight
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

    init(_ answer: borrowing Answer) {
        status = answer.head.status
        isStream = answer.isStream
        isFinished = answer.isFinished
        isUndecodable = answer.isUndecodable
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
}

// MARK: - Without a usage

extension Weighing {
    /// 4xx never cost anything (provider pricing pages: rejected requests are not billed); a late 5xx may have.
    private func refusedVerdict(_ status: Int) -> Verdict {
        guard status >= 500, end.answerSeconds >= Self.lateFailureSeconds else { return .nothing }
        return .weight(unmetered(.lateFailure))
    }

    /// A provider that gave no answer may have worked; one that was given up surely has.
    private var unanswered: Weight {
        guard end.wasGivenUp, route.isGeneration, work.textBytes != nil else {
            return end.timedOut ? unmetered(.timeout) : lost
        }
        var weight = estimated(isStream: request?.streams ?? false)
        weight.estimate = .unseen
        // A plain answer is generated whole before its first byte: what was set aside is the best guess.
        if request?.streams != true { weight.cost = max(weight.cost, hold) }
        return weight
    }

    /// Work that goes on behind the answer, whatever becomes of the connection: asked for as such, or a run of an
    /// assistant. Any other stream that shows `in_progress` was cut, and its provider stops.
    private var pendingID: String? {
        guard let facts, facts.isPending, route.isGeneration else { return nil }
        let isPlainAndUnread = request == nil && work.textBytes != nil && answer?.isStream == false
        guard request?.isBackground == true || facts.objectType == "thread.run" || isPlainAndUnread else { return nil }
        return facts.id
    }

    private func withoutUsage(_ answer: WeighedAnswer) -> Weight {
        guard !answer.isUndecodable else { return unmetered(.undecodable) }
        guard route.isGeneration else { return unmetered(.path) }
        // Sound and pictures sent up are bytes that say nothing about tokens.
        guard outputBytes > 0 || !isFinal, work.textBytes != nil else { return unmetered(.noUsage) }
        return estimated(isStream: answer.isStream)
    }

    /// A connection that broke soon after the request had left says that the provider did not work on it, or not long;
    /// on half a request nobody works.
    private var lost: Weight {
        var weight = unmetered(.noAnswer)
        if !end.requestWasWhole || end.answerSeconds < Self.lateFailureSeconds { weight.cost = .zero }
        return weight
    }

    /// Providers bill timeouts and late failures too (one bill was 47 % larger than what gateways had seen): budgets
    /// count what was set aside.
    private func unmetered(_ reason: UnmeteredReason) -> Weight {
        Weight(cost: hold, confidence: .unmetered, unmetered: reason)
    }

    /// Input from the request's text, output from the answer's text, at learned ratios, bounded by the output cap.
    private func estimated(isStream: Bool) -> Weight {
        let prompt = work.inputTokens(model: model.label, ratios: rules.ratios)
        return priced(estimate: TokenAmounts(prompt: prompt, completion: work.bounded(outputTokens(isStream))))
    }

    /// A plain answer is generated before its first byte comes, so what was seen of one that broke off is not all.
    private func outputTokens(_ isStream: Bool) -> Int64 {
        guard route.answersInText else { return 0 }
        let seen = rules.ratios.outputTokens(model: model.label, bytes: outputBytes)
        return isStream || isFinal ? seen : max(seen, rules.ratios.unseenOutputTokens(model: model.label))
    }

    private var outputBytes: Int64 { Int64(facts?.outputByteCount ?? 0) }
}

// MARK: - Prices

extension Weighing {
    /// The provider said what was used; running totals of a stream that broke off are only what it had said so far.
    private func stated(_ usage: UsageReading, by answer: WeighedAnswer) -> Weight {
        var meters = Meters(
            usage,
            facts,
            longCacheWrites: work.writesCacheLong,
            outputIsImages: route.answersInImages
        )
        let isRunning = answer.isStream && !isFinal
        let unsaid = isRunning ? unsaidTokens(usage.outputTokens ?? 0) : 0
        meters[.output] += unsaid
        var weight = priced(meters, estimate: isRunning ? .runningTotal : nil)
        weight.tokens = TokenAmounts(usage, unsaid: unsaid)
        return weight
    }

    /// What a running total leaves out. A total that is far below the text that was seen stood at the stream's begin
    /// (Anthropic's `message_start` counts one token of output).
    private func unsaidTokens(_ stated: Int64) -> Int64 {
        let seen = work.bounded(outputTokens(true))
        return seen / 2 > stated ? seen - stated : 0
    }

    /// The price of a job that has ended, or been forgotten, without a usage: of what was asked for.
    func priced(estimate tokens: TokenAmounts) -> Weight {
        var weight = priced(Meters(estimate: tokens), estimate: .noUsage)
        weight.tokens = tokens
        return weight
    }

    private func priced(_ meters: Meters, estimate: EstimateReason?) -> Weight {
        // A wish counts only where the answer could not say which tier served it.
        let tier = ServedTier(answered: facts?.serviceTier ?? (estimate == nil ? nil : request?.serviceTier))
        let outcome = rules.prices.cost(
            of: meters,
            model: model.priced,
            tier: tier.tier,
            at: openedAtSeconds,
            region: Region(openAIHost: providerHost)
        )
        var weight = Weight(outcome, estimate: estimate)
        weight.meters = meters
        weight.tier = tier.tier
        if !tier.isRecognised { weight.notes.insert(.tierUnknown) }
        return weight
    }
}

extension Route {
    /// Whether an answer's tokens are text that can be estimated: vectors have none.
    fileprivate var answersInText: Bool { template != "/v1/embeddings" }

    /// Whether output tokens without a stated split are those of pictures (OpenAI image endpoints).
    fileprivate var answersInImages: Bool { template.hasPrefix("/v1/images/") }
}

extension PriceBook {
    /// The model's name as a label value, never straight from the wire: the book's name of what is paid for, `other`
    /// when it knows neither name, `none` when there is none.
    func label(asked: String?, answered: String?) -> String {
        guard let name = asked ?? answered else { return "none" }
        return canonicalName(requested: name, answered: answered) ?? bookName(for: name) ?? "other"
    }
}
