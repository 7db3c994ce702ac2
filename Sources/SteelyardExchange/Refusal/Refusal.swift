public import SteelyardPolicy
import SteelyardWire

/// An answer Steelyard gives itself instead of a provider's.
///
/// On the wire it is OpenAI's error envelope, which every official SDK turns into its typed exceptions
/// (openai-python `_exceptions.py`, 3.52.0).
public struct Refusal: Error, Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// Whose fault it is, for `ai_errors_total`.
    public var error: ExchangeError
    /// `error.type`.
    public var type: String
    /// `error.code`.
    public var code: String
    /// `error.message`: says to a person what happened and what to do.
    public var message: String
    /// `error.param`.
    public var parameter: String?
    /// Whether SDKs may try again: `x-should-retry` overrides their own rule; nil leaves it to them.
    public var shouldRetry: Bool?
    /// `retry-after` in seconds.
    public var retryAfterSeconds: Int?
    /// `allow`, for 405.
    public var allowedMethods: String?
    /// `x-steelyard-reason`: why a request was not admitted.
    public var reason: String?
    /// `x-ratelimit-…-requests`.
    public var requestRate: RateStanding?
    /// `x-ratelimit-…-tokens`.
    public var tokenRate: RateStanding?

    /// Makes a refusal; if nothing else is said, the client's request is at fault.
    public init(
        status: Int,
        error: ExchangeError = .clientInvalid,
        type: String = "invalid_request_error",
        code: String,
        message: String,
        parameter: String? = nil,
        shouldRetry: Bool? = nil,
        retryAfterSeconds: Int? = nil,
        allowedMethods: String? = nil
    ) {
        self.status = status
        self.error = error
        self.type = type
        self.code = code
        self.message = message
        self.parameter = parameter
        self.shouldRetry = shouldRetry
        self.retryAfterSeconds = retryAfterSeconds
        self.allowedMethods = allowedMethods
    }
}

extension Refusal {
    /// The provider could not be reached, or closed without an answer.
    public static func unreachable(_ provider: String, _ detail: String) -> Refusal {
        Refusal(
            status: 502,
            error: .upstreamUnreachable,
            type: "server_error",
            code: "upstream_unreachable",
            message: "Steelyard could not get an answer from provider \(provider): \(detail)"
        )
    }

    /// The provider's answer broke HTTP.
    public static func malformed(_ provider: String, _ detail: String) -> Refusal {
        Refusal(
            status: 502,
            error: .upstreamMalformed,
            type: "server_error",
            code: "upstream_malformed",
            message: "The answer of provider \(provider) violates HTTP, so Steelyard did not pass it on: \(detail)"
        )
    }

    /// The provider was silent for too long.
    public static func timeout(_ provider: String, seconds: Double) -> Refusal {
        Refusal(
            status: 504,
            error: .upstreamTimeout,
            type: "server_error",
            code: "upstream_timeout",
            message: "Provider \(provider) sent nothing for \(Int(seconds)) seconds"
        )
    }

    /// The path belongs to no provider.
    public static let unknownPath = Refusal(
        status: 404,
        code: "unknown_url",
        message: "This gateway serves no provider at this path; OpenAI is usually at /v1"
    )

    /// Shutting down: the client's next attempt reaches another instance or the restarted one.
    public static let draining = Refusal(
        status: 503,
        error: .gatewayOverloaded,
        type: "server_error",
        code: "overloaded",
        message: "Steelyard is shutting down; try again",
        retryAfterSeconds: 1
    )

    /// All room for gathered bodies is taken.
    public static let gatherBudgetFull = Refusal(
        status: 503,
        error: .gatewayOverloaded,
        type: "server_error",
        code: "overloaded",
        message: "Steelyard has no room to buffer another request body; try again",
        retryAfterSeconds: 1
    )

    /// The body is larger than `server.limits.body_bytes`.
    public static func bodyTooLarge(limitBytes: Int) -> Refusal {
        Refusal(
            status: 413,
            code: "request_too_large",
            message: "The request body is larger than \(limitBytes) bytes",
            shouldRetry: false
        )
    }

    /// The request's body came too slowly.
    public static let bodyTimeout = Refusal(
        status: 408,
        code: "request_timeout",
        message: "The request body did not arrive in time"
    )

    /// This version does not tunnel WebSockets. Clients fall back to HTTP only on 426 (Codex CLI, see the field survey
    /// no. 48).
    public static let upgradeRequired = Refusal(
        status: 426,
        code: "websocket_unsupported",
        message: "This gateway does not support WebSockets; use the HTTP API",
        shouldRetry: false
    )
}

extension Refusal {
    /// A body that two servers could read as asking for different things, because of its member or field of this name.
    init(ambiguous name: String, _ message: String) {
        self.init(status: 400, code: "ambiguous_request", message: message, parameter: name, shouldRetry: false)
    }

    /// A body that may be JSON but that two parsers could read differently, or that nests without end.
    init(_ defect: RequestBodyDefect) {
        switch defect {
        case .ambiguous(let member):
            self.init(
                ambiguous: "\(member.name)",
                "The member \"\(member.name)\" appears twice in one object of the request body; send it once"
            )
        case .mistyped(let member):
            self.init(
                ambiguous: "\(member.name)",
                "The member \"\(member.name)\" of the request body must be \(member.valueDescription): "
                    + "servers do not agree on how to read any other value"
            )
        case .tooDeep:
            self.init(
                malformed: "The JSON of the request body is nested more than \(RequestBody.depthLimit) levels deep"
            )
        case .tooManyMembers:
            self.init(malformed: "The JSON of the request body has more than \(RequestBody.memberLimit) object members")
        case .endlessNumber: self.init(malformed: "The request body contains a number that is too long")
        case .tooManyTools:
            self.init(
                malformed: "The request body names more than \(RequestBody.hostedToolLimit) kinds of hosted tools"
            )
        }
    }

    /// A coded body that cannot be read, from a team for which the decision depends on the model.
    init(unread copy: BodyCopy, team: String, limitBytes: Int) {
        switch copy {
        case .tooLarge:
            self = .bodyTooLarge(limitBytes: limitBytes)
            message =
                "After decoding (content-encoding), the request body is too large: more than \(limitBytes) bytes, or more "
                + "than 100 times the bytes that were sent"
        case .whole, .broken:
            self.init(malformed: "The request body cannot be decoded as its content-encoding says")
        case .unreadable:
            self.init(
                status: 415,
                code: "unsupported_content_encoding",
                message:
                    "This gateway cannot decode the request body, and must read its model because of the rules of team "
                    + "\(team); send JSON without a content-encoding or with gzip, deflate or zstd, and forms without one",
                shouldRetry: false
            )
        }
    }

    /// A body that Steelyard does not read to its end.
    private init(malformed message: String) {
        self.init(status: 400, code: "malformed_request", message: message, shouldRetry: false)
    }
}

extension ActedOnMember {
    /// The values that every server reads in the same way.
    fileprivate var valueDescription: String {
        switch self {
        case .n, .bestOf: "a whole number or null"
        case .stream, .background, .includeUsage: "true, false or null"
        case .streamOptions: "an object or null"
        default: "a string or null"
        }
    }
}
