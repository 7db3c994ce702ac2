public import SteelyardPolicy
import SteelyardWire

/// An answer Steelyard gives itself instead of a provider's.
///
/// On the wire it is OpenAI's error envelope, which every official SDK turns into its typed exceptions
/// (openai-python `_exceptions.py`, 3.52.0).
public struct Refusal: Error, Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
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

    /// Makes a refusal.
    public init(
        status: Int,
        type: String = "invalid_request_error",
        code: String,
        message: String,
        parameter: String? = nil,
        shouldRetry: Bool? = nil,
        retryAfterSeconds: Int? = nil,
        allowedMethods: String? = nil
    ) {
        self.status = status
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
            type: "server_error",
            code: "upstream_unreachable",
            message: "Steelyard could not get an answer from provider \(provider): \(detail)"
        )
    }

    /// The provider's answer broke HTTP.
    public static func malformed(_ provider: String, _ detail: String) -> Refusal {
        Refusal(
            status: 502,
            type: "server_error",
            code: "upstream_malformed",
            message: "The answer of provider \(provider) violates HTTP, so Steelyard did not pass it on: \(detail)"
        )
    }

    /// The provider was silent for too long.
    public static func timeout(_ provider: String, seconds: Double) -> Refusal {
        Refusal(
            status: 504,
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
        type: "server_error",
        code: "overloaded",
        message: "Steelyard is shutting down; try again",
        retryAfterSeconds: 1
    )

    /// All room for gathered bodies is taken.
    public static let gatherBudgetFull = Refusal(
        status: 503,
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

    /// WebSockets are not tunnelled by this version; clients fall back to HTTP on 426 alone
    /// (Codex CLI, see the field survey no. 48).
    public static let upgradeRequired = Refusal(
        status: 426,
        code: "websocket_unsupported",
        message: "This gateway does not support WebSockets; use the HTTP API",
        shouldRetry: false
    )
}

extension Refusal {
    /// A body that two servers could read as asking for different things, because of what has this name in it.
    init(ambiguous name: String, _ message: String) {
        self.init(status: 400, code: "ambiguous_request", message: message, parameter: name, shouldRetry: false)
    }

    /// A body that may be JSON but that two parsers could read differently, or that nests without end.
    init(_ defect: RequestBodyDefect) {
        switch defect {
        case .ambiguous(let member):
            self.init(
                ambiguous: member.rawValue,
                "The member \"\(member.rawValue)\" appears twice in one object of the request body; send it once"
            )
        case .tooDeep:
            self.init(
                status: 400,
                code: "malformed_request",
                message: "The JSON of the request body is nested too deeply",
                shouldRetry: false
            )
        }
    }
}
