import NIOCore

/// Which endpoint answers a request.
struct Endpoints {
    let provider: SimulatedProvider

    func answer(_ request: SimulatedRequest) -> Answer {
        let directives = request.directives
        if let problem = request.directiveProblem {
            return .error(400, type: "invalid_request_error", code: "unknown_directive", message: problem.message)
        }
        if let status = directives.status, status >= 400 { return .dictatedError(status, directives) }
        if let status = directives.redirect { return .redirect(status) }
        var answer = routed(request)
        if let status = directives.status, answer.status == 200 { answer.status = status }
        return answer
    }

    private func routed(_ request: SimulatedRequest) -> Answer {
        switch (request.method, request.path) {
        case ("POST", "/v1/chat/completions"): chatCompletion(request)
        case ("GET", "/v1/models"), ("HEAD", "/v1/models"): models()
        default: .notFound(request)
        }
    }

    /// Reads a JSON body that must name a model, then answers.
    func withObject(_ request: SimulatedRequest, _ answer: (JSONNode, _ model: String) -> Answer) -> Answer {
        guard let object = request.object() else {
            return .invalid("We could not parse the JSON body of your request.", param: nil)
        }
        guard let model = object["model"]?.string, !model.isEmpty else {
            return .invalid("you must provide a model parameter", param: "model")
        }
        return answer(object, model)
    }
}
