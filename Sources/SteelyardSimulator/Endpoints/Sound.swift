import NIOCore

/// Endpoints that take a recording in a form. Their answers name no model.
extension Endpoints {
    /// `POST /v1/audio/transcriptions`: seconds from whisper-1, tokens from the others, no usage with plain text.
    func transcription(_ request: SimulatedRequest) -> Answer {
        withRecording(request) { form, model, text in
            var body = ByteBuffer()
            body.append(#"{"text":""#)
            text.write(to: &body)
            body.append("\"")
            let shape: Usage.Shape = model == "whisper-1" ? .audioSeconds : .audioTokens
            let bytes = request.body.readableBytes
            return metered(
                body,
                Usage(shape, inputBytes: bytes, outputTokens: text.tokens, request.directives),
                request.directives
            )
        }
    }

    /// `POST /v1/audio/translations`: no usage in any format, only a length in the verbose one.
    func translation(_ request: SimulatedRequest) -> Answer {
        withRecording(request) { form, _, text in
            var body = ByteBuffer()
            let isVerbose = form.value("response_format") == "verbose_json"
            body.append(
                isVerbose ? #"{"task":"translate","language":"english","duration":3.0,"text":""# : #"{"text":""#
            )
            text.write(to: &body)
            body.append(isVerbose ? #"","segments":[]}"# : #""}"#)
            return .json(body)
        }
    }

    /// Reads a form that must name a model, then answers, as plain text if requested.
    private func withRecording(
        _ request: SimulatedRequest,
        _ answer: (MultipartForm, _ model: String, AnswerText) -> Answer
    ) -> Answer {
        let form = MultipartForm(request.body)
        guard let model = form.value("model") else {
            return .invalid("you must provide a model parameter", param: "model")
        }
        let directives = request.directives
        let text = AnswerText(bytes: directives.bytes, events: directives.events, capTokens: nil)
        guard ["text", "srt", "vtt"].contains(form.value("response_format")) else { return answer(form, model, text) }
        var body = ByteBuffer()
        text.write(to: &body)
        return Answer(contentType: "text/plain; charset=utf-8", pieces: [body])
    }
}
