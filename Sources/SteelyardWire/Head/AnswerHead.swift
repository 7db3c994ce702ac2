/// The final head of a provider's answer, validated, with every byte of the reason and the fields kept as sent.
public struct AnswerHead: Sendable, Equatable {
    /// How the end of the provider's body is found (RFC 9112 §6.3).
    public enum Framing: Sendable, Equatable {
        /// No body follows: an answer to HEAD, 204 or 304.
        case none
        /// Exactly this many bytes follow.
        case length(Int64)
        /// Chunks follow, up to the last chunk.
        case chunked
        /// The body lasts until the connection (or, in HTTP/2, the stream) ends.
        case untilClose
    }

    /// The status code, 200–599.
    public var status: Int
    /// The reason phrase; may be empty.
    public var reason: [UInt8]
    /// All fields in the order they came, framing and hop-by-hop fields included.
    public var fields: HeaderFields
    /// How the body ends.
    public var framing: Framing

    /// Makes a head of validated parts.
    public init(status: Int, reason: [UInt8], fields: HeaderFields, framing: Framing) {
        self.status = status
        self.reason = reason
        self.fields = fields
        self.framing = framing
    }
}

extension AnswerHead {
    /// Whether the body is an event stream. The media type of the answer decides this, not the request's `stream` flag
    /// (errors come as JSON even when a stream was asked for).
    public var isEventStream: Bool { fields.hasMediaType("text/event-stream") }

    /// Whether the head announces a body that it cannot have (RFC 9110 §8.6, RFC 9112 §6.1): a 204 with a length or a
    /// coding. The bytes that follow may be that body, and not the next answer.
    public var announcesImpossibleBody: Bool {
        guard status == 204 else { return false }
        return fields.first("transfer-encoding") != nil || fields.first("content-length").map { $0 != "0" } ?? false
    }

    /// Whether a content coding was applied, so that the bytes cannot be read as they are.
    public var isCoded: Bool { fields.contentCoding != .identity }
}
