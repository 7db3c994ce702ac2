import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// A whole answer that Steelyard makes itself.
struct OwnAnswer {
    let head: ClientHead
    /// Left out if the request was HEAD; the head keeps its length.
    let body: [UInt8]

    /// A refusal in OpenAI's error format, with the headers that its SDKs follow.
    ///
    /// - Parameters:
    ///   - id: The exchange's id, with which the answer can be found in the log.
    ///   - page: The page whose script sent the request, and whether it may read the answer.
    init(_ refusal: Refusal, id: ChargeID, to page: AskingPage) {
        let id = id.text
        var fields = HeaderFields()
        fields.append(name: "content-type", value: "application/json")
        fields.append(name: "x-request-id", value: id)
        if let shouldRetry = refusal.shouldRetry {
            fields.append(name: "x-should-retry", value: shouldRetry ? "true" : "false")
        }
        if let seconds = refusal.retryAfterSeconds { fields.append(name: "retry-after", value: String(seconds)) }
        if let methods = refusal.allowedMethods { fields.append(name: "allow", value: methods) }
        if let reason = refusal.reason { fields.append(name: "x-steelyard-reason", value: reason) }
        if let rate = refusal.requestRate { fields.append(rate, of: "requests") }
        if let rate = refusal.tokenRate { fields.append(rate, of: "tokens") }
        fields.append(page)
        self.init(status: refusal.status, fields: fields, body: refusal.json, requestID: id)
    }

    /// An answer of the admin surface.
    init(_ answer: AdminAnswer) {
        var fields = HeaderFields()
        fields.append(name: "content-type", value: answer.contentType)
        fields.append(name: "cache-control", value: "no-store")
        fields.append(name: "x-content-type-options", value: "nosniff")
        for (name, value) in answer.fields { fields.append(name: name, value: value) }
        self.init(status: answer.status, fields: fields, body: answer.body, requestID: "")
    }

    private init(status: Int, fields: HeaderFields, body: [UInt8], requestID: String) {
        head = ClientHead(
            status: status,
            reason: Array(ReasonPhrase.of(status).utf8),
            fields: fields,
            length: .length(Int64(body.count)),
            requestID: requestID
        )
        self.body = body
    }
}

/// The page whose script sent a request, according to its browser.
struct AskingPage {
    /// The field `Origin`; nil if no script of another site sent the request.
    let origin: String?
    /// Which pages may read the answer.
    let allowed: AllowedOrigins
}

extension HeaderFields {
    /// The fields without which a browser does not let a script read an answer and its headers (Fetch §3.3).
    ///
    /// The list has every header by which SDKs and people distinguish our errors; scripts cannot see others.
    fileprivate mutating func append(_ page: AskingPage) {
        if page.allowed.dependsOnOrigin { append(name: "vary", value: "origin") }
        guard let origin = page.origin, let allowance = page.allowed.allowance(for: origin) else { return }
        append(name: "access-control-allow-origin", value: allowance)
        append(name: "access-control-expose-headers", value: Self.exposedNames)
    }

    private static let exposedNames = """
        x-request-id, x-steelyard-request-id, x-steelyard-reason, retry-after, x-should-retry, \
        x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, \
        x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens
        """

    /// One rate in OpenAI's spelling (platform.openai.com, "Rate limits", headers).
    fileprivate mutating func append(_ rate: RateStanding, of kind: String) {
        append(name: "x-ratelimit-limit-\(kind)", value: String(rate.limit))
        append(name: "x-ratelimit-remaining-\(kind)", value: String(rate.remaining))
        append(name: "x-ratelimit-reset-\(kind)", value: rate.resetText)
    }
}

/// Reason phrases of the statuses that Steelyard gives itself (RFC 9110 §15).
enum ReasonPhrase {
    static func of(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 417: "Expectation Failed"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 501: "Not Implemented"
        case 502: "Bad Gateway"
        case 503: "Service Unavailable"
        case 504: "Gateway Timeout"
        case 505: "HTTP Version Not Supported"
        default: ""
        }
    }
}
