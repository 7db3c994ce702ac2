import SteelyardPolicy
import SteelyardWire

extension Route {
    /// The output cap that this endpoint knows, of those that a request names. The endpoint ignores the caps of other
    /// endpoints.
    ///
    /// From OpenAI's OpenAPI document 2.3.0. Chat has two caps; other servers know only the older one.
    func outputLimit(_ caps: OutputCaps) -> Int64? {
        switch template {
        case "/v1/chat/completions": OutputCaps.largest(caps.maxTokens, caps.maxCompletionTokens)
        case "/v1/completions": OutputCaps.largest(caps.maxTokens)
        case "/v1/responses": OutputCaps.largest(caps.maxOutputTokens)
        case "/v1/threads/runs", "/v1/threads/{id}/runs": OutputCaps.largest(caps.maxCompletionTokens)
        default: nil
        }
    }

    /// Whether a request on this route always builds on what the provider has stored.
    var drawsOnStoredInput: Bool { template.hasPrefix("/v1/threads/") }
}
