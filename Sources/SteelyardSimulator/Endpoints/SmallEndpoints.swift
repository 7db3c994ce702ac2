import NIOCore

/// Endpoints whose answers are a few constants around a usage.
extension Endpoints {
    /// `POST /v1/moderations`: free, without usage.
    func moderation(_ request: SimulatedRequest) -> Answer {
        guard let object = request.object(), let input = object["input"] else {
            return .invalid("Missing required parameter: 'input'.", param: "input")
        }
        let model = request.directives.answerModel ?? object["model"]?.string ?? "omni-moderation-latest"
        let id = request.directives.id ?? provider.newID("modr-")
        var body = ByteBuffer()
        body.append(#"{"id":"#)
        body.append(quoted: id)
        body.append(#","model":"#)
        body.append(quoted: model)
        body.append(#","results":["#)
        for index in 0..<Completion.promptCount(input) {
            body.append(index > 0 ? "," : "")
            body.append(#"{"flagged":false,"categories":{"violence":false},"category_scores":{"violence":0.01}}"#)
        }
        body.append("]}")
        return .json(body, facts: AnswerFacts(id: id, model: model))
    }

    /// `POST /v1/audio/transcriptions`: seconds from whisper-1, tokens from the others, nothing beside plain text. The
    /// answer names no model.
    func transcription(_ request: SimulatedRequest) -> Answer {
        let form = MultipartForm(request.body)
        guard let model = form.value("model") else {
            return .invalid("you must provide a model parameter", param: "model")
        }
        let directives = request.directives
        let text = AnswerText(bytes: directives.bytes, events: directives.events, capTokens: nil)
        var body = ByteBuffer()
        if ["text", "srt", "vtt"].contains(form.value("response_format")) {
            text.write(to: &body)
            return Answer(contentType: "text/plain; charset=utf-8", pieces: [body])
        }
        let shape: Usage.Shape = model == "whisper-1" ? .audioSeconds : .audioTokens
        let usage = Usage(shape, inputBytes: request.body.readableBytes, outputTokens: text.tokens, directives)
        body.append(#"{"text":""#)
        text.write(to: &body)
        body.append("\"")
        return metered(body, usage, directives)
    }

    /// `POST /v1/images/generations`: a picture of one byte each. The answer names no model.
    func imageGeneration(_ request: SimulatedRequest) -> Answer {
        guard let object = request.object(), let prompt = object["prompt"] else {
            return .invalid("Missing required parameter: 'prompt'.", param: "prompt")
        }
        let count = (object["n"]?.integer ?? 1).clamped(to: 1...10)
        let usage = Usage(.image, inputBytes: prompt.byteCount, outputTokens: 272 * count, request.directives)
        var body = ByteBuffer()
        body.append(#"{"created":1760000000,"data":["#)
        for index in 0..<count { body.append(index > 0 ? #",{"b64_json":"AA=="}"# : #"{"b64_json":"AA=="}"#) }
        body.append("]")
        return metered(body, usage, request.directives)
    }

    /// Ends an open object with its usage, if it may have one.
    private func metered(_ open: ByteBuffer, _ usage: Usage, _ directives: Directives) -> Answer {
        var body = open
        let shown = directives.shown(usage)
        shown?.writeMember(to: &body)
        body.append("}")
        return .json(body, facts: AnswerFacts(usage: shown))
    }
}
