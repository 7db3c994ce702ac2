public import SteelyardWire

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
