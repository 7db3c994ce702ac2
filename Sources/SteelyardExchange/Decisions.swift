public import SteelyardWire

/// The request as it is sent to the provider.
public struct UpstreamPlan: Sendable {
    /// Where it is sent.
    public var provider: Provider
    /// The method.
    public var method: String
    /// Path and query on the provider's side.
    public var target: String
    /// The fields to send.
    public var fields: HeaderFields
    /// The one edit of the body, if it is made.
    public var edit: ByteEdit?
    /// Whether the provider's key takes the place of the client's.
    public var substitutesKey: Bool
}

/// The head of the answer as the client gets it.
public struct ClientHead: Sendable {
    /// The status.
    public var status: Int
    /// The reason phrase as sent.
    public var reason: [UInt8]
    /// The fields as sent, without those that belong to one connection.
    public var fields: HeaderFields
    /// How long the body is.
    public var length: ClientBodyLength
    /// The value of `x-steelyard-request-id`; empty for none.
    public var requestID: String

    /// Makes a head of parts that have been validated.
    public init(status: Int, reason: [UInt8], fields: HeaderFields, length: ClientBodyLength, requestID: String) {
        self.status = status
        self.reason = reason
        self.fields = fields
        self.length = length
        self.requestID = requestID
    }
}

/// How long an answer's body is for the client.
public enum ClientBodyLength: Hashable, Sendable {
    /// There is none: HEAD, 204, 304.
    case none
    /// Known in advance.
    case length(Int64)
    /// Known only when the body ends.
    case delimited
}

extension AnswerHead.Framing {
    /// The length that the client is told: an edited body has a different length from the one that the provider
    /// announced.
    func forClient(isEdited: Bool) -> ClientBodyLength {
        switch self {
        case .none: .none
        case .length(let length): isEdited ? .delimited : .length(length)
        case .chunked, .untilClose: .delimited
        }
    }
}

/// The state of the copy of a gathered body that Steelyard reads.
public enum BodyCopy: Hashable, Sendable {
    /// It is whole, and decoded if the body came with a content coding.
    case whole
    /// It would be larger than the limit for bodies, or than anything sensible.
    case tooLarge
    /// The body is not coded as its head says.
    case broken
    /// Steelyard cannot decode this coding, or there are several codings.
    case unreadable
}
