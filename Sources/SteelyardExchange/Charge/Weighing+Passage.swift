import SteelyardPolicy
import SteelyardWire

/// What the weight of a charge depends on in what has passed.
extension Passage {
    /// What matters about the answer, apart from its facts.
    var weighedAnswer: WeighedAnswer? {
        answer.map { WeighedAnswer($0, isWhole: answerIsWhole || $0.isFinished) }
    }

    /// How far it has come.
    func weighedEnd(requestWasWhole: Bool, at now: Tick) -> WeighedEnd {
        WeighedEnd(
            reachedProvider: reachedProvider,
            requestWasWhole: requestWasWhole,
            answerIsWhole: answerIsWhole,
            wasGivenUp: client.leftEarly || failure?.error == .gatewayOverloaded || failure?.error == .gatewayInternal,
            timedOut: failure?.error == .upstreamTimeout,
            answerSeconds: workSeconds(until: times.answered ?? now),
            workSeconds: workSeconds(until: answer?.finishedAt ?? now),
            silentSeconds: workSeconds(until: answer?.firstContent ?? answer?.finishedAt ?? now)
        )
    }
}

extension WeighedModel {
    /// The model of an answer with these facts.
    init(asked: String?, _ facts: AnswerFacts?, in prices: PriceBook) {
        self.init(asked: asked, answered: facts?.weighedModel(asked: asked, prices), in: prices)
    }
}
