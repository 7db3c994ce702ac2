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
        switch request.method {
        case "POST": posted(request)
        case "GET", "HEAD": read(request)
        default: .notFound(request)
        }
    }

    private func posted(_ request: SimulatedRequest) -> Answer {
        switch request.path {
        case "/v1/chat/completions": chatCompletion(request)
        case "/v1/completions": completion(request)
        case "/v1/responses": createResponse(request)
        case "/v1/embeddings": embeddings(request)
        case "/v1/moderations": moderation(request)
        case "/v1/audio/transcriptions": transcription(request)
        case "/v1/audio/translations": translation(request)
        case "/v1/images/generations": imageGeneration(request)
        case "/v1/images/edits": imageEdit(request)
        case "/v1/images/variations": imageVariation(request)
        default: .notFound(request)
        }
    }

    private func read(_ request: SimulatedRequest) -> Answer {
        let segments = request.path.split(separator: "/", maxSplits: 4)
        return switch (segments.dropLast().joined(separator: "/"), segments.last ?? "") {
        case ("v1", "models"): models()
        case ("v1/models", let name): model(name)
        case ("v1/responses", let id): response(id, request)
        case ("v1/chat/completions", let id): storedChat(id)
        default: .notFound(request)
        }
    }

    /// Reads a JSON body that must name a model, then answers.
    func withObject(_ request: SimulatedRequest, _ answer: (JSONObject, _ model: String) -> Answer) -> Answer {
        guard let object = request.object() else {
            return .invalid("We could not parse the JSON body of your request.", param: nil)
        }
        guard let model = object["model"]?.string, !model.isEmpty else {
            return .invalid("you must provide a model parameter", param: "model")
        }
        return answer(object, model)
    }
}
