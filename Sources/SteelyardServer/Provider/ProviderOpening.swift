import Glibc
import NIOCore
import NIOPosix
import SteelyardDialer
import SteelyardExchange
import SteelyardPolicy

/// Opens one connection for one request: the dialer connects a socket, this loop adopts it, and TLS follows.
final class ProviderOpening {
    private let access: ProviderAccess
    private let loop: ServerLoop
    /// Who waits; nil once it has been told, or has given up.
    private var driver: ExchangeDriver?
    private var dial: Dial?
    private var connection: ProviderConnection?
    private var deadline: Scheduled<Void>?

    init(_ access: ProviderAccess, for driver: ExchangeDriver, loop: ServerLoop) {
        self.access = access
        self.driver = driver
        self.loop = loop
    }

    /// Starts. Name lookup, connecting and TLS together may take `timeouts.connect`.
    func begin() {
        let seconds = access.provider.settings.timeouts.connectSeconds
        let eventLoop = loop.eventLoop
        let opening = NIOLoopBound(self, eventLoop: eventLoop)
        deadline = eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { [weak self] in
            self?.failed("the connection was not ready in time")
        }
        dial = loop.services.dialer.dial(access.target, within: seconds) { result in
            eventLoop.execute { opening.value.dialed(result) }
        }
    }

    private func dialed(_ result: Result<Int32, DialFailure>) {
        dial = nil
        switch result {
        case .failure(let failure): failed(failure.detail)
        case .success(let descriptor) where driver == nil: _ = Glibc.close(descriptor)
        case .success(let descriptor): adopt(descriptor)
        }
    }

    private func adopt(_ descriptor: Int32) {
        let connection = ProviderConnection(access, descriptor: descriptor, loop: loop, opening: self)
        self.connection = connection
        let adopted = NIOLoopBound(connection, eventLoop: loop.eventLoop)
        ClientBootstrap(group: loop.eventLoop)
            .channelOption(.maxMessagesPerRead, value: 2)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try adopted.value.prepare(channel) }
            }
            .withConnectedSocket(descriptor)
            .assumeIsolated()
            .whenComplete { [weak self] result in
                switch result {
                case .success: if self?.access.tls == nil { self?.ready() }
                case .failure(let error): self?.failed("\(error)")
                }
            }
    }

    /// The connection can take a request.
    func ready() {
        guard let connection, let driver = finish(connection) else { return }
        driver.inOwnTurn { driver.connected(connection) }
    }

    /// There will be no connection.
    func failed(_ detail: String) {
        dial?.cancel()
        let unfinished = connection
        guard let driver = finish(nil) else { return }
        unfinished?.abort()
        end(driver, .unreachable, detail)
    }

    /// Nobody waits any more.
    func giveUp() {
        dial?.cancel()
        let unfinished = connection
        _ = finish(nil)
        unfinished?.abort()
    }

    /// The process is ending.
    func shutDown() {
        dial?.cancel()
        let unfinished = connection
        guard let driver = finish(nil) else { return }
        unfinished?.abort()
        end(driver, .cancelled, "shutting down")
    }

    private func end(_ driver: ExchangeDriver, _ failure: TransferFailure, _ detail: String) {
        let end = TransferEnd(failure: failure, reachedProvider: false, detail: detail)
        driver.inOwnTurn { driver.transferEnded(end) }
    }

    private func finish(_ connection: ProviderConnection?) -> ExchangeDriver? {
        deadline?.cancel()
        loop.providers.opened(self, connection)
        self.connection = nil
        defer { driver = nil }
        return driver
    }
}
