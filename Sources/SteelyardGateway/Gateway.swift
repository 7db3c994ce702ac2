import Logging
import NIOPosix
public import ServiceLifecycle
import SteelyardClock
public import SteelyardConfiguration
import SteelyardMetrics
import SteelyardPolicy
import SteelyardServer
import SteelyardTelemetry

/// The whole gateway: builds all parts in order, serves until it is asked to end, and drains.
public final class Gateway: Service {
    let configuration: Configuration
    let source: ConfigurationSource
    let parts: GatewayParts
    let onListening: (@Sendable (GatewayAddresses) -> Void)?

    /// Builds the parts. Nothing listens before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: A checked configuration.
    ///   - source: Where a reload reads the configuration again.
    ///   - onListening: Called once, when every address is bound.
    /// - Throws: If the prices cannot be used, or the system lacks descriptors, threads or memory.
    public init(
        _ configuration: Configuration,
        source: ConfigurationSource,
        onListening: (@Sendable (GatewayAddresses) -> Void)? = nil
    ) throws(GatewayError) {
        self.configuration = configuration
        self.source = source
        self.onListening = onListening
        parts = try GatewayParts(configuration)
    }

    /// Serves until graceful shutdown starts, then drains: readiness fails at once, and answers in progress may
    /// continue for `server.timeouts.drain` or until a second signal. Then it cuts the rest.
    ///
    /// - Throws: ``GatewayError`` if an address cannot be bound.
    public func run() async throws {
        defer { parts.shutDown() }
        let listeners = try await listen()
        parts.readiness.become(.ready)
        onListening?(GatewayAddresses(data: listeners.data.port, admin: listeners.admin?.port))
        announce(listeners)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.reloadOnHangup() }
            group.addTask { await self.expireJobs() }
            group.addTask { await self.keepTime() }
            // Returns when shutdown starts; the others end with it.
            try? await gracefulShutdown()
            group.cancelAll()
        }
        await drain(listeners)
    }
}

/// The ports that were bound.
public struct GatewayAddresses: Sendable {
    /// The port of the data listener.
    public let data: Int
    /// The port of the admin listener, if it is a separate one.
    public let admin: Int?
}

/// The listeners of a running gateway.
struct Listeners: Sendable {
    let data: Listener
    let admin: Listener?
}

extension Gateway {
    private func listen() async throws(GatewayError) -> Listeners {
        let shares = configuration.adminSharesDataListener
        let surface = adminSurface()
        let data = try await bind(
            configuration.server.listen,
            ListenerDuties(servesData: true, admin: shares ? surface : nil, tls: parts.tls)
        )
        guard !shares else { return Listeners(data: data, admin: nil) }
        let admin = try await bind(configuration.admin.listen, ListenerDuties(servesData: false, admin: surface))
        return Listeners(data: data, admin: admin)
    }

    /// Logs which addresses are bound: with port 0 nobody else knows.
    private func announce(_ listeners: Listeners) {
        var (data, admin) = (configuration.server.listen, configuration.admin.listen)
        data.port = UInt16(clamping: listeners.data.port)
        admin.port = UInt16(clamping: listeners.admin?.port ?? listeners.data.port)
        parts.logger.notice("serving", metadata: ["listen": "\(data)", "admin": "\(admin)"])
    }

    private func bind(_ address: ListenAddress, _ duties: ListenerDuties) async throws(GatewayError) -> Listener {
        do {
            return try await Listener.bind(
                host: address.host,
                port: Int(address.port),
                duties: duties,
                services: parts.services,
                group: parts.group
            )
        } catch {
            throw GatewayError(binding: address, failedWith: error)
        }
    }

    private func adminSurface() -> AdminSurface {
        AdminRoutes(
            token: configuration.admin.token?.bytes,
            registry: parts.metrics.registry,
            readiness: parts.readiness,
            reports: AdminReports(
                admission: parts.learned.admission,
                records: parts.records,
                recent: parts.recorder.recent
            ),
            reload: { self.reload() }
        ).surface()
    }

    /// Does the work that is due about once a second.
    private func keepTime() async {
        while !Task.isCancelled {
            parts.passed(nowSeconds: WallClock.seconds())
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
        }
    }

    /// Estimates the charge of background jobs that nobody has read for a day.
    private func expireJobs() async {
        while !Task.isCancelled {
            parts.recorder.expireJobs(nowSeconds: WallClock.seconds())
            do { try await Task.sleep(for: .seconds(60)) } catch { return }
        }
    }
}
