import NIOCore

/// Endpoints that generate images of one byte each. Their answers name no model.
extension Endpoints {
    /// `POST /v1/images/generations`.
    func imageGeneration(_ request: SimulatedRequest) -> Answer {
        guard let object = request.object(), let prompt = object["prompt"] else { return .promptMissing }
        return pictures(object["n"]?.integer, promptBytes: prompt.byteCount, request.directives)
    }

    /// `POST /v1/images/edits`: a form, or JSON as above.
    func imageEdit(_ request: SimulatedRequest) -> Answer {
        if request.object() != nil { return imageGeneration(request) }
        let form = MultipartForm(request.body)
        guard let prompt = form.value("prompt") else { return .promptMissing }
        return pictures(form.value("n").flatMap { Int($0) }, promptBytes: prompt.utf8.count, request.directives)
    }

    /// `POST /v1/images/variations`: without usage, which dall-e-2 never has.
    func imageVariation(_ request: SimulatedRequest) -> Answer {
        var body = pictures(MultipartForm(request.body).value("n").flatMap { Int($0) }.map(Self.count) ?? 1)
        body.append("}")
        return .json(body)
    }

    private func pictures(_ asked: Int?, promptBytes: Int, _ directives: Directives) -> Answer {
        let count = Self.count(asked ?? 1)
        let usage = Usage(.image, inputBytes: promptBytes, outputTokens: 272 * count, directives)
        return metered(pictures(count), usage, directives)
    }

    private static func count(_ asked: Int) -> Int { asked.clamped(to: 1...10) }

    private func pictures(_ count: Int) -> ByteBuffer {
        var body = ByteBuffer()
        body.append(#"{"created":1760000000,"data":["#)
        for index in 0..<count { body.append(index > 0 ? #",{"b64_json":"AA=="}"# : #"{"b64_json":"AA=="}"#) }
        body.append("]")
        return body
    }
}

extension Answer {
    fileprivate static let promptMissing = Answer.invalid("Missing required parameter: 'prompt'.", param: "prompt")
}
