extension Endpoints {
    /// `POST /v1/responses`.
    func createResponse(_ request: SimulatedRequest) -> Answer {
        withObject(request) { object, model in
            if object["stream_options"]?["include_usage"] != nil {
                let message = "Unknown parameter: 'stream_options.include_usage'."
                return .invalid(message, param: "stream_options.include_usage", code: "unknown_parameter")
            }
            let response = ResponseObject(object, model: model, request: request, provider: provider)
            let isStreamed = object["stream"]?.isTrue ?? false
            let polls = response.isBackground && !isStreamed ? request.directives.polls : 0
            provider.stored.store(.response(response, pollsLeft: polls), id: response.id)
            if isStreamed { return response.stream() }
            return response.plain(response.isBackground ? .queued : response.finalStatus)
        }
    }

    /// `GET /v1/responses/{id}`, also as a replay of its events.
    func response(_ id: Substring, _ request: SimulatedRequest) -> Answer {
        guard let (response, isDone) = provider.stored.poll(id) else { return missing("Response", id) }
        guard request.query("stream") == "true" else {
            return response.plain(isDone ? response.finalStatus : .inProgress, isReread: true)
        }
        return response.stream(startingAfter: request.query("starting_after").flatMap { Int($0) }, isReread: true)
    }

    /// `GET /v1/chat/completions/{id}`: the same usage again, which is not a new charge.
    func storedChat(_ id: Substring) -> Answer {
        guard var answer = provider.stored.chat(id) else { return missing("Chat completion", id) }
        answer.facts.isReread = true
        return answer
    }

    private func missing(_ what: String, _ id: Substring) -> Answer {
        .invalid("\(what) with id '\(id)' not found.", param: nil, status: 404)
    }
}
