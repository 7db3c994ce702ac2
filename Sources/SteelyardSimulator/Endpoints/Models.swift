import NIOCore

extension Endpoints {
    /// `GET /v1/models`.
    func models() -> Answer {
        var body = ByteBuffer()
        body.append(#"{"object":"list","data":["#)
        for (position, model) in provider.configuration.models.enumerated() {
            if position > 0 { body.append(",") }
            body.append(model: model)
        }
        body.append("]}")
        return .json(body)
    }

    /// `GET /v1/models/{id}`.
    func model(_ name: Substring) -> Answer {
        guard provider.configuration.models.contains(where: { $0 == name }) else {
            return .error(
                404,
                type: "invalid_request_error",
                code: "model_not_found",
                message: "The model '\(name)' does not exist"
            )
        }
        var body = ByteBuffer()
        body.append(model: String(name))
        return .json(body)
    }
}

extension ByteBuffer {
    fileprivate mutating func append(model: String) {
        append(#"{"id":"#)
        append(quoted: model)
        append(#","object":"model","created":1760000000,"owned_by":"simulator"}"#)
    }
}
