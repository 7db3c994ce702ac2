public import NIOCore
public import SteelyardWire

/// The bytes that are sent after the head.
public enum UpstreamBody: Sendable {
    /// No body and no framing: GET, HEAD, DELETE without one.
    case none
    /// The whole body is here; head and body are sent together.
    case gathered(ByteBuffer)
    /// The body follows in pieces; `length` is its `content-length`. With nil it is sent chunked.
    case streamed(length: Int64?)
}

/// One request to a provider, ready to be sent: everything in it has been decided and validated.
public struct UpstreamRequest: Sendable {
    /// Position of the provider in the list the workers were configured with.
    public var provider: Int
    /// The method as the client spelled it.
    public var method: String
    /// Path and query, sent verbatim after validation (RFC 9112 §3.2.1).
    public var target: String
    /// The fields to send; `Host` and framing are added from the provider and the body.
    public var fields: HeaderFields
    /// The body.
    public var body: UpstreamBody
    /// Whether the provider's own key is added; if so, `fields` contain no other key.
    public var substitutesKey: Bool
    /// Whether it may be sent only after its opening has been recorded.
    public var mustBeRecorded: Bool

    /// Makes a request.
    public init(
        provider: Int,
        method: String,
        target: String,
        fields: HeaderFields,
        body: UpstreamBody,
        substitutesKey: Bool = false,
        mustBeRecorded: Bool = false
    ) {
        self.provider = provider
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.substitutesKey = substitutesKey
        self.mustBeRecorded = mustBeRecorded
    }
}
