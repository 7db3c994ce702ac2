import NIOCore

extension Answer {
    /// An error in OpenAI's envelope; a code of digits is sent as a number, as some resellers do.
    static func error(
        _ status: Int,
        type: String,
        code: String?,
        param: String? = nil,
        message: String
    ) -> Answer {
        var body = ByteBuffer()
        body.append(errorMessage: message, type: type, param: param, code: code)
        var answer = Answer.json(body)
        answer.status = status
        return answer
    }

    /// A 400 about the request itself.
    static func invalid(_ message: String, param: String?, status: Int = 400, code: String? = nil) -> Answer {
        error(status, type: "invalid_request_error", code: code, param: param, message: message)
    }

    /// The answer to a path that does not exist.
    static func notFound(_ request: SimulatedRequest) -> Answer {
        invalid("Invalid URL (\(request.method) \(request.path))", param: nil, status: 404, code: "unknown_url")
    }

    /// The error that a request asked for, with OpenAI's type and code for that status unless the request sets them.
    static func dictatedError(_ status: Int, _ directives: Directives) -> Answer {
        let usual = usualError(status)
        var answer = error(
            status,
            type: directives.errorType ?? usual.type,
            code: directives.errorCode ?? usual.code,
            message: "The simulator was asked for status \(status)."
        )
        answer.headers = [
            ("retry-after", directives.retryAfter), ("retry-after-ms", directives.retryAfterMilliseconds),
            ("x-should-retry", directives.shouldRetry),
        ].compactMap { name, value in value.map { (name, $0) } }
        return answer
    }

    private static func usualError(_ status: Int) -> (type: String, code: String?) {
        switch status {
        case 401: ("invalid_request_error", "invalid_api_key")
        case 404: ("invalid_request_error", "model_not_found")
        case 429: ("requests", "rate_limit_exceeded")
        case 503: ("service_unavailable_error", "server_is_overloaded")
        case 500...: ("server_error", nil)
        default: ("invalid_request_error", nil)
        }
    }

    /// A redirect to the address at which cloud platforms serve credentials: nobody may follow it.
    static func redirect(_ status: Int) -> Answer {
        var answer = Answer(contentType: "text/html", pieces: [ByteBuffer(string: "<p>Moved.</p>")])
        answer.status = status
        answer.headers = [("location", "http://169.254.169.254/latest/meta-data/")]
        return answer
    }
}

extension ByteBuffer {
    /// Appends `{"error":{…}}`.
    mutating func append(errorMessage message: String, type: String, param: String?, code: String?) {
        append(#"{"error":{"message":"#)
        append(quoted: message)
        append(#","type":"#)
        append(quoted: type)
        append(#","param":"#)
        append(quotedOrNull: param)
        append(#","code":"#)
        if let code, Int(code) != nil { append(verbatim: code) } else { append(quotedOrNull: code) }
        append("}}")
    }
}
