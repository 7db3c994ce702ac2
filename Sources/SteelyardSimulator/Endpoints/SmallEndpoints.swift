import NIOCore

/// Endpoints whose answers are constants with a usage.
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

    /// Ends an open object with its usage, if it has one.
    func metered(_ open: ByteBuffer, _ usage: Usage, _ directives: Directives) -> Answer {
        var body = open
        let shown = directives.shown(usage)
        shown?.writeMember(to: &body)
        body.append("}")
        return .json(body, facts: AnswerFacts(usage: shown))
    }
}
