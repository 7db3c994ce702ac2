public import NIOCore
public import SteelyardExchange
public import SteelyardPolicy
public import SteelyardUpstream
import Synchronization

/// Records what the exchanges do: the only way from the data path to metrics, log and ledger.
public protocol ExchangeRecorder: AnyObject, Sendable {
    /// The rules for requests that begin now; a request keeps the value it began with.
    var rules: Rules { get }
    /// A request is sent to a provider; its ``ended(_:)`` follows.
    func began(provider: String)
    /// A fact about a charge, before the client gets the bytes that it covers; `account` comes with a settlement.
    func record(_ record: ChargeRecord, _ account: ChargeAccount?)
    /// An exchange is over; called exactly once for each.
    func ended(_ summary: ExchangeSummary)
    /// Steelyard refused a request that never became an exchange: broken HTTP, or no room. The answer contains `id`.
    func refused(_ refusal: Refusal, id: ChargeID)
}

/// Limits on time and size for clients; from `server.limits` and `server.timeouts`.
public struct ClientLimits: Sendable {
    /// Client connections open at once.
    public var connections = 10_000
    /// This many clients beyond ``connections`` get an answer that says that there are too many; further ones are only
    /// closed.
    public var surplusConnections = 256
    /// TLS handshakes in progress; they count separately from ``connections``.
    public var handshakes = 1024
    /// Request line and fields.
    public var headerBytes = 32 * 1024
    /// From the first byte of a request to the end of its head; and from the start of a connection to the end of its
    /// TLS handshake.
    public var headerTimeout = TimeAmount.seconds(10)
    /// The longest silence within a request body; ``BodyPace`` derives from it the limit for the whole body.
    public var bodyTimeout = TimeAmount.seconds(60)
    /// Between requests.
    public var idleTimeout = TimeAmount.seconds(75)
    /// The longest time in which a client takes none of the bytes that wait for it.
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

    /// Connects the parts; `gatherBudget` limits the bodies of all connections together.
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

    /// The same with settings that only tests change.
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

    /// Exchanges that have not ended, including those whose client has left.
    public var exchangeCount: Int { openExchanges.load(ordering: .relaxed) }

    /// Client connections that are open.
    public var connectionCount: Int { openConnections.load(ordering: .relaxed) }

    func exchangeBegan() { openExchanges.add(1, ordering: .relaxed) }

    func exchangeEnded() { openExchanges.subtract(1, ordering: .relaxed) }

    /// Counts a new connection, unless it is closed at once.
    func admitConnection() -> ConnectionAdmission {
        let (_, count) = openConnections.add(1, ordering: .relaxed)
        if count <= limits.connections { return .served }
        if count <= limits.connections + limits.surplusConnections { return .surplus }
        openConnections.subtract(1, ordering: .relaxed)
        return .closed
    }

    /// Stops counting a connection.
    func releaseConnection() { openConnections.subtract(1, ordering: .relaxed) }
}

/// What happens to a new connection.
enum ConnectionAdmission {
    /// Its requests are served.
    case served
    /// Its first request gets an answer that says that there are too many connections.
    case surplus
    /// It is closed, and not counted.
    case closed
}
