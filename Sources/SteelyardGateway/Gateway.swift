import Logging
import NIOCore
import NIOPosix
public import ServiceLifecycle
public import SteelyardConfiguration
import SteelyardMetrics
import SteelyardPolicy
import SteelyardServer
import SteelyardTelemetry
import SteelyardUpstream

/// The whole gateway: builds every part in order, serves until it is asked to end, and drains.
public final class Gateway: Service {
    let configuration: Configuration
    let source: ConfigurationSource
    let parts: GatewayParts
    let onListening: (@Sendable (GatewayAddresses) -> Void)?

    /// Builds the parts; nothing listens before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: A checked configuration.
    ///   - source: Where a reload reads it anew.
    ///   - onListening: Called once when every address is bound.
    /// - Throws: When the price book, the upstream threads or a price file cannot be had.
    public init(
        _ configuration: Configuration,
        source: ConfigurationSource,
        onListening: (@Sendable (GatewayAddresses) -> Void)? = nil
    ) throws {
        self.configuration = configuration
        self.source = source
        self.onListening = onListening
        parts = try GatewayParts(configuration)
    }

    /// Serves until graceful shutdown begins, then drains: readiness fails at once, running answers get
    /// `server.timeouts.drain`, and what is left is cut.
    public func run() async throws {
        let listeners = try await listen()
        parts.readiness.become(.ready)
        onListening?(GatewayAddresses(data: listeners.data.port, admin: listeners.admin?.port))
        announce(listeners)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.reloadOnHangup() }
            group.addTask { await self.expireJobs() }
            // Returns when shutdown begins; the two others end with it.
            try? await gracefulShutdown()
            group.cancelAll()
        }
        await drain(listeners)
        parts.shutDown()
    }
}

/// The ports that were bound.
public struct GatewayAddresses: Sendable {
    /// Of the data listener.
    public let data: Int
    /// Of the admin listener, where it is another one.
    public let admin: Int?
}

/// The listeners of a running gateway.
struct Listeners: Sendable {
    let data: Listener
    let admin: Listener?
}

extension Gateway {
    private func listen() async throws -> Listeners {
        let shares = configuration.adminSharesDataListener
        let surface = adminSurface()
        let data = try await bind(
            configuration.server.listen,
            ListenerDuties(servesData: true, admin: shares ? surface : nil)
        )
        guard !shares else { return Listeners(data: data, admin: nil) }
        let admin = try await bind(configuration.admin.listen, ListenerDuties(servesData: false, admin: surface))
        return Listeners(data: data, admin: admin)
    }

    /// Says which addresses are bound: with port 0 nobody else knows.
    private func announce(_ listeners: Listeners) {
        var (data, admin) = (configuration.server.listen, configuration.admin.listen)
        data.port = UInt16(clamping: listeners.data.port)
        admin.port = UInt16(clamping: listeners.admin?.port ?? listeners.data.port)
        parts.logger.notice("serving", metadata: ["listen": "\(data)", "admin": "\(admin)"])
    }

    private func bind(_ address: ListenAddress, _ duties: ListenerDuties) async throws -> Listener {
        do {
            return try await Listener.bind(
                host: address.host,
                port: Int(address.port),
                duties: duties,
                services: parts.services,
                group: parts.group
            )
        } catch {
            throw GatewayError.cannotListen(address, "\(error)")
        }
    }

    private func adminSurface() -> AdminSurface {
        AdminRoutes(
            token: configuration.admin.token?.bytes,
            registry: parts.metrics.registry,
            readiness: parts.readiness,
            reload: { self.reload() }
        ).surface()
    }

    /// Streams finish; new requests are told to go elsewhere; idle connections end at their next request.
    private func drain(_ listeners: Listeners) async {
        parts.readiness.become(.draining)
        parts.services.beginDraining()
        parts.logger.notice("draining", metadata: ["exchanges": "\(parts.services.exchangeCount)"])
        let deadline = ContinuousClock.now + .seconds(configuration.server.timeouts.drainSeconds)
        while parts.services.exchangeCount > 0, ContinuousClock.now < deadline {
            // The count falls to zero with the last exchange; nothing else depends on how often one looks.
            try? await Task.sleep(for: .milliseconds(20))
        }
        let cut = parts.services.exchangeCount
        if cut > 0 { parts.logger.warning("drain time is over", metadata: ["cut": "\(cut)"]) }
        await listeners.data.end(within: .seconds(cut > 0 ? 0 : 2))
        await listeners.admin?.end(within: .seconds(1))
    }

    /// Background jobs nobody asks about are estimated after a day.
    private func expireJobs() async {
        while !Task.isCancelled {
            parts.recorder.expireJobs(now: LogClock.milliseconds() / 1000)
            do { try await Task.sleep(for: .seconds(60)) } catch { return }
        }
    }
}

/// Why a gateway could not start.
public enum GatewayError: Error, CustomStringConvertible {
    /// An address could not be bound.
    case cannotListen(ListenAddress, String)

    /// A sentence for the shell.
    public var description: String {
        switch self {
        case .cannotListen(let address, let reason): "cannot listen on \(address): \(reason)"
        }
    }
}
