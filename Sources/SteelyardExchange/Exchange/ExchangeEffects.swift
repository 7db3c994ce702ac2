public import SteelyardPolicy

/// What the owner of an exchange must do, in this order.
///
/// The order is the exchange's to keep: a record comes before every effect that lets out bytes which it covers.
public enum ExchangeEffect: Sendable {
    /// Collect the body: read on in it with ``Exchange/readOn(in:)``, and tell ``Exchange/receivedBody`` when all of it
    /// has come.
    case gather
    /// Append the piece of the body that was just received to what is kept back.
    case keepPiece
    /// Write this to the journal now, and count the settled charge, if there is one. An opening is the last effect of
    /// its event: tell ``Exchange/recorded(_:at:into:)`` what became of it, which answers whether the request is sent.
    indirect case record(ChargeRecord, ChargeAccount?)
    /// Send head and body to the provider: the gathered body with the plan's edit, or what was kept back, or none.
    indirect case start(UpstreamPlan)
    /// Pass the piece of the body that was just received on to the provider.
    case relayPiece
    /// Pass the end of the body on to the provider.
    case relayEnd
    /// Send the answer's head to the client.
    indirect case open(ClientHead)
    /// Send the piece of the answer that was just received, as it came.
    case send
    /// Send ``ExchangeEffects/output``.
    case sendOutput
    /// The answer is complete.
    case finish
    /// Break the client's connection, so that nobody takes the answer for whole.
    case breakOff
    /// Answer this.
    indirect case refuse(Refusal)
    /// Close the provider's connection, or give up dialing, now. The exchange expects to hear no more of it.
    case stop
    /// The client has left: read the provider's answer on, until ``Exchange/deadline``.
    case drain
    /// The exchange is over. Nothing but bytes to the client comes behind it.
    indirect case conclude(ExchangeSummary)
}

/// The effects of one event. An owner keeps one for all its exchanges, so that the room in it is used again.
public struct ExchangeEffects: Sendable {
    /// What to do, in this order.
    public private(set) var steps: [ExchangeEffect] = []
    /// The bytes that ``ExchangeEffect/sendOutput`` sends.
    public var output: [UInt8] = []

    /// Has no effects.
    public init() {}

    /// Forgets the effects, and keeps the room.
    public mutating func removeAll() {
        steps.removeAll(keepingCapacity: true)
        output.removeAll(keepingCapacity: true)
    }

    mutating func add(_ effect: ExchangeEffect) { steps.append(effect) }
}
