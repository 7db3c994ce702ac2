public import SteelyardPolicy
import SteelyardWire

/// Decides the next step of one request, from its head to its summary; does no I/O and reads no clock.
///
/// Inputs say what happened (`receivedHead`, `transferEnded`, `clientLeft`). Each adds its effects: what its owner must
/// do, in that order. So a charge is on record before the request leaves, and settled before the last piece that it
/// covers reaches the client. Whatever happens, the exchange ends with one ``ExchangeEffect/conclude(_:)``.
///
///     received ── gather ──► gathering ─ body ─► opening ─ recorded ─► asked ─── head ───► answering ─ end ─► over
///         │                      │                  │ ▲                 ▲ │                 ▲  │
///         ├── peek ──► peeking ──┼──── facts ───────┼─┤    start again, │ └─► keepingBack ──┘  │
///         ├── relay ─────────────┼──────────────────┼─┘    unedited     └───────┘              │
///         └── refuse ────────────┴─ refuse ─────────┴── not recorded ── failed, or stopped ────┴──► over
///
/// What cannot cost money is not opened: it is asked at once. After `stop`, the exchange goes on as if its transfer had
/// ended as cancelled: everything that is left to do is answered by the same event.
///
/// It is made of three rooms, each with its own state: what came from the client (``ClientRequest``), what passes
/// (``Passage``), and what it costs (``ExchangeCharge``).
///
/// An event that the phase does not allow is a mistake of the owner: an assertion in debug builds, an internal error in
/// release builds (``misplaced(_:at:into:)``).
///
/// Noncopyable, because copying it would cost more than everything that most inputs change.
public struct Exchange: ~Copyable, Sendable {
    /// Where the exchange stands.
    enum Phase: Sendable {
        /// Nothing decided; exits: `gathering`, `peeking`, `opening`, `asked`, `over`.
        case received
        /// The body is being collected; exits: `opening`, `asked`, `over`.
        case gathering
        /// A form is kept back until enough of it is known; exits: `opening`, `over`.
        case peeking
        /// It is admitted, and its opening is being recorded; exits: `asked`, `over`.
        case opening
        /// The provider has been asked; exits: `keepingBack`, `answering`, `over`.
        case asked
        /// The provider may have refused the edit: its answer is kept back until that is known; exits: `asked` once more
        /// without the edit, `answering`, `over`.
        case keepingBack(KeptAnswer)
        /// The answer is being passed on; exits: `over`.
        case answering
        /// Nothing more will happen.
        case over
    }

    /// How long a transfer may go on after its client has left.
    static let drainSeconds = 120.0

    /// Names the exchange and its charge.
    public let id: ChargeID
    var phase = Phase.received
    /// What came from the client.
    var request: ClientRequest
    /// What passes.
    var passage = Passage()
    /// What it costs.
    var charge: ExchangeCharge
    /// Why Steelyard turned the request away; nil when it did not, or did so because of its format.
    var turnedAway: TurnedAway?
    /// Whether a misplaced event stops a debug build; only the tests of such events say no.
    var assertsPlaces = true

    /// Begins an exchange; `wallSeconds` (since 1970) decides which prices are in force.
    public init(rules: Rules, id: ChargeID, receivedAt: Tick, wallSeconds: Int64) {
        let clock = ExchangeClock(start: receivedAt, startSeconds: wallSeconds)
        self.id = id
        request = ClientRequest(rules: rules, clock: clock)
        charge = ExchangeCharge(rules: rules, id: id, clock: clock)
    }

    /// The name of the provider that was chosen.
    public var providerName: String? { request.inbound == nil ? nil : request.providerName }

    /// Whether the digest of a client's own key can tell who pays.
    public var knowsProviderKeys: Bool { request.rules.identities.knowsProviderKeys }

    /// The largest size that a gathered body may have.
    public var bodyLimitBytes: Int { request.rules.bodyLimitBytes }

    /// Whether it has concluded.
    public var isOver: Bool { if case .over = phase { true } else { false } }

    /// When to call ``timePassed(at:into:)``; nil while the client's pace, or the journal's, decides.
    public var deadline: Tick? {
        guard awaitsProvider, let timeouts = request.timeouts else { return nil }
        return passage.deadline(timeouts)
    }

    /// Whether a transfer is running, whose end concludes the exchange.
    var awaitsProvider: Bool {
        switch phase {
        case .asked, .keepingBack, .answering: true
        case .received, .gathering, .peeking, .opening, .over: false
        }
    }
}
