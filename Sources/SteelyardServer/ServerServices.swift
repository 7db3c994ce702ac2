public import NIOCore
public import SteelyardExchange
public import SteelyardPolicy
public import SteelyardUpstream
import Synchronization

/// The rules in force, and the upstream side's list of the same providers.
public struct ActiveRules: Sendable {
    /// What requests are decided by.
    public let rules: Rules
    /// The list that ``UpstreamPlan/provider`` counts in.
    public let providers: ProviderTable

    /// Joins the two sides of one configuration.
    public init(rules: Rules, providers: ProviderTable) {
        self.rules = rules
        self.providers = providers
    }
}

/// Who takes note of what the exchanges do: the one way from the data path to metrics, log and ledger.
public protocol ExchangeRecorder: AnyObject, Sendable {
    /// The rules for requests that begin now; a request keeps the value it began with.
    var active: ActiveRules { get }
    /// A request goes to a provider; its ``ended(_:)`` follows.
    func began(provider: String)
    /// A fact about a charge, before the bytes it covers reach the client; `account` beside a settlement.
    func record(_ record: ChargeRecord, _ account: ChargeAccount?)
    /// An exchange is over; called exactly once for each.
    func ended(_ summary: ExchangeSummary)
    /// Steelyard refused a request that never became an exchange: broken HTTP, or no room. The answer names `id`.
    func refused(_ refusal: Refusal, id: ExchangeID)
}

/// How long and how large a client may be; from `server.limits` and `server.timeouts`.
public struct ClientLimits: Sendable {
    /// Open client connections.
    public var connections = 10_000
    /// So many clients beyond ``connections`` are told that there are too many, before the rest is only closed.
    public var surplusConnections = 256
    /// TLS handshakes under way; they count apart from ``connections``.
    public var handshakes = 1024
    /// Request line and fields.
    public var headerBytes = 32 * 1024
    /// From a request's first byte to the end of its head; and from a connection's begin to the end of its TLS handshake.
    public var headerTimeout = TimeAmount.seconds(10)
    /// The longest silence within a request body; ``BodyPace`` derives from it how long a whole one may take.
    public var bodyTimeout = TimeAmount.seconds(60)
    /// Between requests.
    public var idleTimeout = TimeAmount.seconds(75)
    /// The longest time a client takes none of the bytes waiting for it.
    public var writeStallTimeout = TimeAmount.seconds(60)

    /// The defaults of proxy.yaml.
    public init() {}
}

/// What every connection shares.
public final class ServerServices: Sendable {
    let recorder: any ExchangeRecorder
    let upstream: UpstreamPool
    let limits: ClientLimits
    let gatherBudget: GatherBudget
    let guards: ServerGuards
    let linger: LingerLimits
    let handshakes: Handshakes
    private let draining = Atomic<Bool>(false)
    private let openConnections = Atomic<Int>(0)
    private let openExchanges = Atomic<Int>(0)

    /// Ties the parts together; `gatherBudget` bounds the bodies of all connections.
    public convenience init(
        recorder: any ExchangeRecorder,
        upstream: UpstreamPool,
        limits: ClientLimits,
        gatherBudget: GatherBudget
    ) {
        self.init(
            recorder: recorder,
            upstream: upstream,
            limits: limits,
            gatherBudget: gatherBudget,
            guards: .all,
            linger: LingerLimits()
        )
    }

    /// The same, with what only tests change.
    init(
        recorder: any ExchangeRecorder,
        upstream: UpstreamPool,
        limits: ClientLimits,
        gatherBudget: GatherBudget,
        guards: ServerGuards,
        linger: LingerLimits
    ) {
        self.recorder = recorder
        self.upstream = upstream
        self.limits = limits
        self.gatherBudget = gatherBudget
        self.guards = guards
        self.linger = linger
        handshakes = Handshakes(limit: limits.handshakes)
    }

    /// Whether new requests are refused because the process is about to end.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// Refuses requests from now on and closes connections after their current answer.
    public func beginDraining() { draining.store(true, ordering: .relaxed) }

    /// Exchanges that are not over, those whose client has left included.
    public var exchangeCount: Int { openExchanges.load(ordering: .relaxed) }

    /// Client connections that are open.
    public var connectionCount: Int { openConnections.load(ordering: .relaxed) }

    func exchangeBegan() { openExchanges.add(1, ordering: .relaxed) }

    func exchangeEnded() { openExchanges.subtract(1, ordering: .relaxed) }

    /// Counts a connection in, unless it is closed at once.
    func admitConnection() -> ConnectionAdmission {
        let (_, count) = openConnections.add(1, ordering: .relaxed)
        if count <= limits.connections { return .served }
        if count <= limits.connections + limits.surplusConnections { return .surplus }
        openConnections.subtract(1, ordering: .relaxed)
        return .closed
    }

    /// Counts a connection out.
    func releaseConnection() { openConnections.subtract(1, ordering: .relaxed) }
}

/// What becomes of a new connection.
enum ConnectionAdmission {
    /// Its requests are served.
    case served
    /// Its first request is told that there are too many connections.
    case surplus
    /// It is closed, and not counted.
    case closed
}
