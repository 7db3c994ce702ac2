import SteelyardPolicy
import SteelyardWire

/// Words of an answer that go to the log and the ledger: a known word is kept, any other becomes `other`.
///
/// A provider can put anything in these places, such as a prompt or a key.
extension AnswerFacts {
    private static let unknown = "other"

    /// The model that answered: one that the price book knows, or the one that the client asked for, with or without a
    /// version after it.
    func answeredModel(asked: String?, _ prices: PriceBook) -> String? {
        guard let model else { return nil }
        if prices.bookName(for: model) != nil { return model }
        guard let asked, !asked.isEmpty else { return Self.unknown }
        return model.isModelName(beginningWith: asked) ? model : Self.unknown
    }

    /// The model to charge: if the answer's is unknown, the one that the client asked for.
    func weighedModel(asked: String?, _ prices: PriceBook) -> String? {
        let answered = answeredModel(asked: asked, prices)
        return answered == Self.unknown && asked != nil ? nil : answered
    }

    /// The tier that served.
    var servedTierWord: String? {
        serviceTier.map { ServedTier(answered: $0).isRecognised ? $0 : Self.unknown }
    }

    /// The error's code: a known one, or an HTTP status (OpenRouter and vLLM send those).
    var errorWord: String? {
        error?.code.map { ErrorCodes.known.contains($0) || $0.isStatus ? $0 : Self.unknown }
    }
}

extension String {
    /// Whether this is the other name, with or without a date or version after it.
    fileprivate func isModelName(beginningWith other: String) -> Bool {
        let tail = utf8.dropFirst(other.utf8.count)
        guard tail.count <= 12, utf8.starts(with: other.utf8) else { return false }
        return tail.isEmpty || tail.first == UInt8(ascii: "-") && tail.allSatisfy(\.isVersionByte)
    }

    fileprivate var isStatus: Bool {
        utf8.count == 3 && utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}

extension UInt8 {
    fileprivate var isVersionByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: false
        }
    }
}

/// Known error codes: OpenAI's (guide "Error codes" and `ResponseErrorCode` in the API reference, 2026-11), and common
/// ones of Azure OpenAI and of compatible providers.
private enum ErrorCodes {
    static let known: Set<String> = [
        "account_deactivated", "api_error", "authentication_error", "bad_request", "billing_hard_limit_reached",
        "billing_not_active", "bio_policy", "content_filter", "content_policy_violation", "context_length_exceeded",
        "context_window_exceeded", "credit_balance_exhausted", "data_residency_mismatch", "deployment_not_found",
        "empty_image_file", "engine_overloaded", "failed_to_download_image", "file_not_found",
        "image_content_policy_violation",
        "image_file_not_found", "image_file_too_large", "image_generation_user_error", "image_parse_error",
        "image_too_large", "image_too_small", "insufficient_quota", "internal_error", "internal_server_error",
        "invalid_api_key", "invalid_argument", "invalid_base64_image", "invalid_image", "invalid_image_format",
        "invalid_image_mode", "invalid_image_url", "invalid_json", "invalid_model", "invalid_organization",
        "invalid_prompt", "invalid_request", "invalid_request_error", "invalid_type", "invalid_value",
        "json_validate_failed", "max_tokens_exceeded", "misalignment_policy_violation", "missing_required_parameter",
        "mode_mismatch", "model_not_available", "model_not_found", "model_overloaded", "moderation_blocked",
        "no_healthy_upstream", "not_found", "not_found_error", "organization_spend_limit_exceeded",
        "organization_usage_limit_exceeded", "overloaded", "overloaded_error", "permission_denied", "permission_error",
        "previous_response_not_found", "project_spend_limit_exceeded", "quota_exceeded", "rate_limit",
        "rate_limit_error", "rate_limit_exceeded", "rate_limit_reached", "request_too_large", "requests",
        "resource_exhausted",
        "server_error", "server_is_overloaded", "service_unavailable", "service_unavailable_error", "slow_down",
        "string_above_max_length", "string_below_min_length", "timeout", "tokens", "too_many_requests",
        "tool_use_failed", "unauthorized", "unknown_model", "unknown_parameter", "unknown_url",
        "unsupported_country_region_territory", "unsupported_image_media_type", "unsupported_model",
        "unsupported_parameter", "unsupported_value", "vector_store_timeout",
        "BadRequest", "DeploymentNotFound", "InternalServerError", "InvalidRequest", "OperationNotSupported",
        "ResourceNotFound", "ServiceUnavailable", "TooManyRequests", "Unauthorized",
    ]
}
