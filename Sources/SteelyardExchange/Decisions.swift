public import SteelyardPolicy
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
    /// What must be recorded before the request is sent; nil when the request cannot cost money.
    public var opening: ChargeOpening?
    /// Whether the request must not be sent if the recording fails.
    public var mustBeRecorded: Bool

    /// Makes a plan.
    public init(
        provider: Provider,
        method: String,
        target: String,
        fields: HeaderFields,
        edit: ByteEdit? = nil,
        substitutesKey: Bool = false,
        opening: ChargeOpening? = nil,
        mustBeRecorded: Bool = false
    ) {
        self.provider = provider
        self.method = method
        self.target = target
        self.fields = fields
        self.edit = edit
        self.substitutesKey = substitutesKey
        self.opening = opening
        self.mustBeRecorded = mustBeRecorded
    }
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

/// What to do with a request's head.
public enum HeadDecision: Sendable {
    /// Answer this.
    case refuse(Refusal)
    /// Collect the body first; `expectedBytes` is its announced length (0 when unknown).
    case gather(expectedBytes: Int)
    /// Keep the body back, piece by piece, until it is known what it asks for.
    case peek
    /// Send it on and let the body stream through.
    case relay(UpstreamPlan)
}

/// What to do with a form that is kept back.
public enum PeekDecision: Sendable {
    /// Keep back more.
    case more
    /// Answer this.
    case refuse(Refusal)
    /// Send what was kept back, and let the rest stream through.
    case relay(UpstreamPlan)
}

/// What to do with a piece of a body that streams through, or with its end.
public enum RelayDecision: Sendable {
    /// Send it on.
    case pass
    /// Answer this instead, and stop the transfer: the provider must not get the whole body.
    case refuse(Refusal)
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

/// What to do with a gathered request.
public enum BodyDecision: Sendable {
    /// Answer this.
    case refuse(Refusal)
    /// Send it.
    case forward(UpstreamPlan)
}

/// What to do with the head of the provider's answer.
public enum AnswerDecision: Sendable {
    /// Pass it on.
    case relay(ClientHead)
    /// Keep it until the body shows whether the provider refused the edit.
    case keepBack
    /// Answer this instead, and stop the transfer.
    case refuse(Refusal)
}

/// What to do with a piece of the answer.
public enum PieceDecision: Sendable {
    /// Pass it on as it is.
    case unchanged
    /// Pass on what was put into the output instead, which may be nothing.
    case replaced
    /// Nothing yet: the answer is kept back.
    case keepBack
    /// First this head, then the kept bytes that were put into the output.
    case release(ClientHead)
    /// Stop the transfer: the client may get no more of the answer. When the transfer has ended, its connection is
    /// broken.
    case cutOff
}

/// What to do when the transfer has ended.
public enum EndDecision: Sendable {
    /// Output first (it may be empty), then the answer is whole.
    case finish
    /// First this head, then output, then the answer is whole.
    case releaseAndFinish(ClientHead)
    /// Output first, then break the connection: the provider broke off.
    case breakOff
    /// Nothing was sent yet: answer this.
    case refuse(Refusal)
    /// The edit was refused: send the original bytes with this plan.
    case repeatUnedited(UpstreamPlan)
}

/// What to do when the client has left.
public enum ClientLeftDecision: Sendable {
    /// Stop the transfer; its end concludes the exchange.
    case cancel
    /// Read on until ``Exchange/deadline``.
    case drain
    /// There is no transfer: conclude the exchange.
    case conclude
}

/// What to do when the deadline has passed.
public enum TimeDecision: Sendable {
    /// Nothing: the deadline has moved and has not passed yet.
    case wait
    /// Stop the transfer; its end concludes the exchange.
    case cancel
}
