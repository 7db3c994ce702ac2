import NIOCore
import NIOHTTP1
import SteelyardExchange
import SteelyardWire

extension Refusal {
    /// The answers to requests that fail our own checks.
    init(_ defect: RequestDefect) {
        self.init(
            status: defect.status,
            code: defect.code,
            message: defect.message,
            allowedMethods: defect.status == 405 ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" : nil
        )
    }

    /// The answers to bytes that are not HTTP; nil for errors of the connection, where nobody can receive an answer.
    init?(protocolError error: any Error) {
        switch error {
        case RequestByteViolation.headTooLarge: self = .headTooLarge
        case RequestByteViolation.framingTooLarge: self = .malformedRequest
        case HTTPParserError.headerOverflow: self = .headTooLarge
        case is HTTPParserError, is ByteToMessageDecoderError.PayloadTooLargeError: self = .malformedRequest
        default: return nil
        }
    }

    static let headTooLarge = Refusal(
        status: 431,
        code: "request_header_fields_too_large",
        message: "The request line and headers are larger than this gateway allows"
    )
    static let malformedRequest = Refusal(
        status: 400,
        code: "malformed_request",
        message: "The request is not well-formed HTTP/1.1"
    )
    static let headTimeout = Refusal(
        status: 408,
        code: "request_timeout",
        message: "The request head did not arrive in time"
    )
    /// More connections are open than `server.limits.connections`.
    static let overCapacity = Refusal(
        status: 503,
        error: .gatewayOverloaded,
        type: "server_error",
        code: "overloaded",
        message: "Steelyard has reached its limit of connections; try again",
        retryAfterSeconds: 1
    )
    static let upgradeWithBody = Refusal(
        status: 400,
        code: "malformed_request",
        message: "A request for a protocol upgrade must not have a body"
    )
}

extension HeaderFields {
    /// The decoder's fields as bytes. The decoder leaves white space after a value, which does not belong to the value
    /// (RFC 9112 §5.1).
    init(_ headers: HTTPHeaders) {
        self.init()
        reserve(fieldCount: headers.count, byteCount: headers.count * 40)
        for (name, value) in headers {
            let bytes = value.utf8Span.span
            append(name: name.utf8Span.span, value: bytes.extracting(first: bytes.countWithoutTrailingSpace))
        }
    }
}

extension Span<UInt8> {
    /// How many bytes there are before the spaces and tabs at the end.
    fileprivate var countWithoutTrailingSpace: Int {
        var end = count
        while end > 0, self[end - 1] == UInt8(ascii: " ") || self[end - 1] == UInt8(ascii: "\t") { end -= 1 }
        return end
    }
}

extension AdminRequest {
    init(_ head: RequestHead) {
        self.init(method: head.method, path: String(head.path), query: String(head.query), fields: head.fields)
    }
}
