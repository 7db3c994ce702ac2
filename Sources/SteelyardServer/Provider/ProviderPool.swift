import NIOCore
import SteelyardClock
import SteelyardExchange
import SteelyardPolicy

/// One loop's connections to providers: the idle ones, the busy ones, and those that are being opened.
///
/// An idle connection is silent. It is closed when it becomes readable, when `timeouts.idle` is over, and when its
/// provider is no longer configured. The newest idle one is used first, so that the others can grow old.
final class ProviderPool {
    private unowned let loop: ServerLoop
    private var idle: [ObjectIdentifier: [ProviderConnection]] = [:]
    private var busy: [ObjectIdentifier: ProviderConnection] = [:]
    private var openings: [ObjectIdentifier: ProviderOpening] = [:]
    private var sweep: Scheduled<Void>?
    private var isClosed = false
    /// The providers of the newest configuration; nil before the first reload.
    private var table: ProviderTable?

    init(loop: ServerLoop) { self.loop = loop }

    /// Connections that no request uses.
    var idleCount: Int { idle.values.reduce(0) { $0 + $1.count } }

    /// The newest idle connection to a provider; it is busy from now on.
    func takeIdle(_ access: ProviderAccess) -> ProviderConnection? {
        guard let connection = idle[ObjectIdentifier(access)]?.popLast() else { return nil }
        busy[ObjectIdentifier(connection)] = connection
        return connection
    }

    /// Opens a connection for a request; ``ExchangeDriver/connected(_:)`` or ``ExchangeDriver/transferEnded(_:)``
    /// follows, unless the opening is given up.
    func open(_ access: ProviderAccess, for driver: ExchangeDriver) -> ProviderOpening {
        let opening = ProviderOpening(access, for: driver, loop: loop)
        openings[ObjectIdentifier(opening)] = opening
        opening.begin()
        return opening
    }

    /// An opening is over; `connection` is what it led to.
    func opened(_ opening: ProviderOpening, _ connection: ProviderConnection?) {
        openings[ObjectIdentifier(opening)] = nil
        if let connection { busy[ObjectIdentifier(connection)] = connection }
    }

    /// A request has ended and left its connection clean.
    func rested(_ connection: ProviderConnection) {
        busy[ObjectIdentifier(connection)] = nil
        guard !isClosed, table?.contains(connection.access) ?? true else { return connection.close() }
        idle[ObjectIdentifier(connection.access), default: []].append(connection)
        sweepLater()
    }

    /// A connection is closed, or will be soon, and takes no further request.
    func forget(_ connection: ProviderConnection) {
        busy[ObjectIdentifier(connection)] = nil
        idle[ObjectIdentifier(connection.access)]?.removeAll { $0 === connection }
    }

    /// Closes the idle connections of providers that are not in this list, and the busy ones after their request.
    func keepOnly(_ table: ProviderTable) {
        self.table = table
        for (id, connections) in idle where connections.contains(where: { !table.contains($0.access) }) {
            idle[id] = nil
            for connection in connections { connection.close() }
        }
    }

    /// Ends every request that is with a provider, and closes all connections; later ones are closed after their
    /// request.
    func shutDown() {
        isClosed = true
        sweep?.cancel()
        for opening in Array(openings.values) { opening.shutDown() }
        for connection in Array(busy.values) { connection.shutDown() }
        for connection in idle.values.joined() { connection.close() }
        idle = [:]
    }
}

/// Idle connections grow old.
extension ProviderPool {
    /// How often the idle connections are looked at while there are any.
    private static let sweepInterval = TimeAmount.seconds(1)

    private func sweepLater() {
        guard sweep == nil else { return }
        sweep = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.sweepInterval) { [weak self] in
            self?.closeOld(at: .now())
        }
    }

    private func closeOld(at now: Tick) {
        sweep = nil
        for (id, connections) in idle {
            let old = connections.prefix { $0.hasBeenIdleTooLong(at: now) }
            guard !old.isEmpty else { continue }
            idle[id] = Array(connections.dropFirst(old.count))
            for connection in old { connection.close() }
        }
        if idleCount > 0 { sweepLater() }
    }
}
