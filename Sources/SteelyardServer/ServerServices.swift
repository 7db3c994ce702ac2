import NIOCore
public import SteelyardDialer
public import SteelyardExchange
public import SteelyardPolicy
import Synchronization

/// The active rules, and how to reach their providers.
public struct ActiveRules: Sendable {
    /// The rules that decide about requests.
    public let rules: Rules
    /// How to reach the providers of these rules.
    public let providers: ProviderTable

    /// Joins both sides of one configuration.
    public init(rules: Rules, providers: ProviderTable) {
        self.rules = rules
        self.providers = providers
    }
}

/// Records what the exchanges do: the only way from the data path to metrics, log and ledger.
///
/// A `loop` is the position of the calling event loop; each has a journal of its own.
public protocol ExchangeRecorder: AnyObject, Sendable {
    /// The rules for requests that begin now; a request keeps the value it began with.
    var active: ActiveRules { get }
    /// A request is sent to a provider; its ``ended(_:)`` follows.
    func began(provider: String)
    /// The opening of a charge, before its request leaves.
    ///
    /// - Returns: Whether it is recorded. Nil: `whenSafe` is called with that later, once, from any thread.
    func open(_ record: ChargeRecord, on loop: Int, whenSafe: @escaping @Sendable (Bool) -> Void) -> Bool?
    /// Another fact about a charge, before the client gets the bytes that it covers; `account` comes with a settlement.
    func record(_ record: ChargeRecord, _ account: ChargeAccount?, on loop: Int)
    /// An exchange is over; called exactly once for each.
    func ended(_ summary: ExchangeSummary)
    /// Steelyard refused a request that never became an exchange: broken HTTP, or no room. The answer contains `id`.
    func refused(_ refusal: Refusal, id: ChargeID)
}

/// What every connection shares.
public final class ServerServices: Sendable {
    let recorder: any ExchangeRecorder
    let dialer: Dialer
    let limits: ClientLimits
    let connectionLimits: ConnectionLimits
    let gatherBudget: GatherBudget
    let guards: ServerGuards
    let handshakes: Handshakes
    private let loops = Mutex<[ObjectIdentifier: ServerLoop]>([:])
    private let draining = Atomic<Bool>(false)
    private let openConnections = Atomic<Int>(0)
    private let openExchanges = Atomic<Int>(0)

    /// Connects the parts; `gatherBudget` limits the bodies of all connections together.
    public convenience init(
        recorder: any ExchangeRecorder,
        dialer: Dialer,
        limits: ClientLimits,
        gatherBudget: GatherBudget
    ) {
        self.init(
            recorder: recorder,
            dialer: dialer,
            limits: limits,
            gatherBudget: gatherBudget,
            guards: .all,
            connectionGuards: .all,
            linger: LingerLimits()
        )
    }

    /// The same with settings that only tests change.
    init(
        recorder: any ExchangeRecorder,
        dialer: Dialer,
        limits: ClientLimits,
        gatherBudget: GatherBudget,
        guards: ServerGuards,
        connectionGuards: ConnectionGuards,
        linger: LingerLimits
    ) {
        self.recorder = recorder
        self.dialer = dialer
        self.limits = limits
        self.gatherBudget = gatherBudget
        self.guards = guards
        connectionLimits = ConnectionLimits(limits, linger, guards: connectionGuards)
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

/// The loops.
extension ServerServices {
    /// What an event loop owns; made when its first connection comes.
    func loop(_ eventLoop: any EventLoop) -> ServerLoop {
        loops.withLock { loops in
            let id = ObjectIdentifier(eventLoop)
            if let known = loops[id] { return known }
            let new = ServerLoop(self, eventLoop, index: loops.count)
            loops[id] = new
            return new
        }
    }

    /// Closes idle connections to providers that are not configured any more.
    public func keepOnly(_ providers: ProviderTable) {
        for loop in loops.withLock({ Array($0.values) }) {
            loop.eventLoop.execute { loop.providers.keepOnly(providers) }
        }
    }

    /// Ends every exchange that is with a provider, as cancelled, and closes the connections to providers. Blocks until
    /// that is done, so never call it on an event loop.
    public func shutDown() {
        let ending = loops.withLock { loops in
            defer { loops = [:] }
            return Array(loops.values)
        }
        for loop in ending {
            // It fails only if the loop is gone; then there is nothing to end.
            try? loop.eventLoop.submit { loop.providers.shutDown() }.wait()
        }
        dialer.shutdown()
    }
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

/// What the listeners do against gaps in the libraries they use; only tests switch any of it off. Each has a test that
/// fails without it.
struct ServerGuards: OptionSet, Sendable {
    let rawValue: UInt8

    /// Few unsent bytes wait in the kernel. Its buffer would grow to megabytes, and it reports room only when a third
    /// of it is free: a client that reads slowly and steadily would seem to take nothing.
    static let unsentLimit = ServerGuards(rawValue: 1 << 0)
    /// A listener that cannot accept pauses; NIO would try again at once, without end.
    static let acceptPause = ServerGuards(rawValue: 1 << 1)

    /// Every guard: what production runs with.
    static let all: ServerGuards = [.unsentLimit, .acceptPause]
}
