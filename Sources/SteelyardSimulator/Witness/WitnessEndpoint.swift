import NIOCore

/// The log over HTTP, for tests that see the simulator only from outside. The log does not contain these requests.
///
/// - `GET /_witness`: `{"count":…,"ended":…,"entries":[…]}`; with `?ended=N` once N answers have ended
/// - `DELETE /_witness`: forgets everything
enum WitnessEndpoint {
    static func matches(_ request: SimulatedRequest) -> Bool { request.path == "/_witness" }

    static func reply(
        to request: SimulatedRequest,
        _ provider: SimulatedProvider,
        _ eventLoop: any EventLoop
    ) -> SimulatedProvider.Timing {
        guard request.method == "GET" else { return .now(removal(request, provider)) }
        guard let count = request.query("ended").flatMap({ Int($0) }) else { return .now(entries(request, provider)) }
        let promise = eventLoop.makePromise(of: SimulatedProvider.Reply.self)
        provider.witness.onceEnded(count) { promise.succeed(entries(request, provider)) }
        return .later(promise.futureResult)
    }

    private static func removal(_ request: SimulatedRequest, _ provider: SimulatedProvider) -> SimulatedProvider.Reply {
        guard request.method == "DELETE" else { return reply(.notFound(request), request) }
        provider.witness.removeAll()
        var answer = Answer(contentType: "application/json", pieces: [])
        answer.status = 204
        return reply(answer, request)
    }

    private static func entries(_ request: SimulatedRequest, _ provider: SimulatedProvider) -> SimulatedProvider.Reply {
        var body = ByteBuffer()
        body.append(#"{"count":"#)
        body.append(provider.witness.count)
        body.append(#","ended":"#)
        body.append(provider.witness.endedCount)
        body.append(#","entries":["#)
        for (position, entry) in provider.witness.entries.enumerated() {
            if position > 0 { body.append(",") }
            entry.write(to: &body)
        }
        body.append("]}")
        return reply(.json(body), request)
    }

    private static func reply(_ answer: Answer, _ request: SimulatedRequest) -> SimulatedProvider.Reply {
        SimulatedProvider.Reply(script: Framing(answer, for: request, requestID: 0).script(), status: answer.status)
    }
}
