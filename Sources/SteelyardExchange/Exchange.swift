public import SteelyardPolicy
import SteelyardWire

/// Decides the next step of one request, from its head to its summary; does no I/O and reads no clock.
///
/// Inputs say what happened (`receivedHead`, `transferEnded`, `clientLeft`). Each adds its effects: what its owner must
/// do, in that order. So a charge is on record before the request leaves, and settled before the last piece that it
/// covers reaches the client. Whatever happens, the exchange ends with one ``ExchangeEffect/conclude(_:)``.
///
///     received ── gather ──► gathering ─ body ─► opening ─ recorded ─► asked ── head ──► answering ── end ──► over
///         │                      │                  │ ▲                 │ ▲
///         ├── peek ──► peeking ──┼──── facts ───────┼─┤                 │ └── the edit was refused: start (once)
///         ├── relay ─────────────┼──────────────────┼─┘                 │
///         └── refuse ────────────┴─ refuse ─────────┴── not recorded ───┴── failed, or stopped ──► over
///
/// What cannot cost money is not opened: it is asked at once. After `stop`, the exchange goes on as if its transfer had
/// ended as cancelled: everything that is left to do is answered by the same event.
///
/// An input that does not fit the phase is ignored, and changes nothing. So a mistake of the owner can neither stop the
/// process nor charge anything twice.
///
/// Noncopyable, because copying it would cost more than everything that most inputs change.
public struct Exchange: ~Copyable, Sendable {
    /// Where the exchange stands.
    enum Phase: Sendable {
        /// Nothing decided; exits: `gathering`, `peeking`, `opening`, `asked`, `over`.
        case received
        /// The body is being collected; exits: `opening`, `asked`, `over`.
        case gathering
        /// A form is held back until enough of it is known; exits: `opening`, `over`.
        case peeking
        /// It is admitted, and its opening is being recorded; exits: `asked`, `over`.
        case opening
        /// The provider has been asked; exits: `answering`, `asked` once more without the edit, `over`.
        case asked
        /// The answer is being passed on; exits: `over`.
        case answering
        /// Nothing more will happen.
        case over
    }

    /// How long a transfer may go on after its client has left.
    static let drainSeconds = 120.0

    let rules: Rules
    /// Names the exchange and its charge.
    public let id: ChargeID
    let receivedAt: Tick
    let wallSeconds: Int64
    var phase = Phase.received
    var inbound: Inbound?
    /// The request's method; it is known before the route is.
    var method = ""
    /// What is read of a form as it is uploaded; nil for other bodies.
    var form: MultipartPeek?
    /// Reads a gathered body.
    var reader = RequestBodyReader()
    var answer: Answer?
    var kept: KeptAnswer?
    var times = ExchangeTimes()
    var client = ClientSide()
    var charge = ChargeProgress()
    /// Who pays; nil until that is known.
    var identity: Identity?
    /// What its budgets have reserved for it; nil before that, after the reservation has ended, and when it cannot cost
    /// money.
    var reservation: Reservation?
    /// How the reservation grows with the answer; nil when it covers everything that can come.
    var growth: GrowingHold?
    var turnedAway: TurnedAway?
    var failure: ExchangeFailure?
    /// Whether the request was handed to the provider's side.
    var isForwarded = false
    /// Whether the provider's answer came to its end.
    var answerIsWhole = false

    /// Begins an exchange; `wallSeconds` (since 1970) decides which prices are in force.
    public init(rules: Rules, id: ChargeID, receivedAt: Tick, wallSeconds: Int64) {
        self.rules = rules
        self.id = id
        self.receivedAt = receivedAt
        self.wallSeconds = wallSeconds
    }

    /// The provider that was chosen.
    var provider: Provider? { inbound?.provider }

    /// The name of the provider that was chosen.
    public var providerName: String? { provider?.name }

    /// Whether the digest of a client's own key can tell who pays.
    public var knowsProviderKeys: Bool { rules.identities.knowsProviderKeys }

    /// The largest size that a gathered body may have.
    public var bodyLimitBytes: Int { rules.bodyLimitBytes }

    /// Whether it has concluded.
    public var isOver: Bool { phase == .over }

    /// When to call ``timePassed(at:into:)``; nil while the client's pace, or the journal's, decides.
    public var deadline: Tick? {
        guard awaitsProvider, let seconds = silenceLimitSeconds, let activity = times.lastActivity else { return nil }
        let limit = activity.advanced(bySeconds: seconds)
        guard let drainsUntil = times.drainsUntil else { return limit }
        return min(drainsUntil, limit)
    }

    /// How long the provider may be silent now; nil while none is chosen.
    var silenceLimitSeconds: Double? {
        guard let timeouts = provider?.timeouts else { return nil }
        return answer == nil ? timeouts.firstByteSeconds : timeouts.betweenBytesSeconds
    }

    /// Whether a transfer is running, whose end concludes the exchange.
    var awaitsProvider: Bool { phase == .asked || phase == .answering }
}

/// What the request's head and body said.
struct Inbound: Sendable {
    /// The request's head.
    var head: RequestHead
    /// What it can cost.
    var route: Route
    /// Where it goes.
    var provider: Provider
    /// The target on the provider's side.
    var target: String
    /// Whether the body is a form.
    let isForm: Bool
    /// What the body said; nil when it was not read.
    var facts: RequestFacts?
    /// Whether the request was made to ask for usage.
    var isArmed = false
    /// Whether the provider refused that.
    var injectionRefused = false
}

/// When things happened.
struct ExchangeTimes: Sendable {
    /// The request was complete, or its relaying began.
    var requestComplete: Tick?
    /// It was last handed to the provider's side: a repeated request is handed over twice.
    var handedOver: Tick?
    /// The request was sent on a connection; for a repeated request, the repetition was.
    var departed: Tick?
    /// Steelyard's own time before each departure and after each answer's first byte, in nanoseconds.
    var overheadNanoseconds: UInt64 = 0
    /// The answer's first byte was handled; for a repeated request, the second answer's.
    var answered: Tick?
    /// The provider or the client's upload last moved.
    var lastActivity: Tick?
    /// The client has left, and the transfer may go on until then.
    var drainsUntil: Tick?
}

/// What the client sent and got.
struct ClientSide: Sendable {
    /// Body bytes received.
    var requestBytes: Int64 = 0
    /// Body bytes passed on.
    var answerBytes: Int64 = 0
    /// The status it got.
    var status: Int?
    /// Whether it left before the exchange was over.
    var hasLeft = false
    /// Whether it left before the semantic end of the answer.
    var leftEarly = false
    /// Whether it has sent its request to the end.
    var requestIsWhole = false
}

/// How far the charge has come.
struct ChargeProgress: Sendable {
    /// The opening that is recorded before the request is sent; nil when it cannot cost money.
    var opening: ChargeOpening?
    /// The most it can cost, as it was shown as exposure; nil when nothing was reserved.
    var ceiling: Picodollars?
    /// Whether it has been settled, released or left to the table of open jobs.
    var isClosed = false
    /// What it was settled at, and for whom.
    var account: ChargeAccount?
    /// Waiting to be added to the effects.
    var record: ChargeRecord?
}

/// What went wrong.
struct ExchangeFailure: Sendable {
    /// Whose fault and what.
    var error: ExchangeError
    /// For the log.
    var detail: String?
}
