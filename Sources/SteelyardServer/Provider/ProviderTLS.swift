import Dispatch
import NIOCore
import NIOSSL
import SteelyardClock
import SteelyardPolicy
import Synchronization

/// The TLS of the connections to one provider: its name is checked, and ALPN offers only HTTP/1.1.
///
/// BoringSSL implements the protocol (swift-nio-ssl). The authorities are read again some minutes later, on another
/// thread, so that a renewed file is noticed without a reload.
final class ProviderTLS: Sendable {
    private struct State {
        var context: NIOSSLContext
        var readAt: NIODeadline
        var isReading = false
    }

    /// How long the authorities that were read are used.
    private static let age = TimeAmount.minutes(5)
    private let file: String?
    /// The name to check; nil if the host is an address, which is checked as such.
    private let name: String?
    private let state: Mutex<State>

    /// Reads the authorities.
    init(_ settings: ProviderSettings) throws(TLSProblem) {
        file = settings.certificateAuthorityFile
        name = settings.origin.host.isAddress ? nil : settings.origin.host
        state = Mutex(State(context: try Self.context(file), readAt: .now()))
    }

    /// The first handler of a new connection.
    func handler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: current(), serverHostname: name)
    }

    private func current() -> NIOSSLContext {
        let (context, isOld) = state.withLock { state in
            let isOld = !state.isReading && state.readAt + Self.age < .now()
            if isOld { state.isReading = true }
            return (state.context, isOld)
        }
        if isOld { DispatchQueue.global().async { self.readAgain() } }
        return context
    }

    /// A file that cannot be read now leaves the old authorities in force.
    private func readAgain() {
        let new = try? Self.context(file)
        state.withLock { state in
            state.context = new ?? state.context
            (state.readAt, state.isReading) = (.now(), false)
        }
    }

    private static func context(_ file: String?) throws(TLSProblem) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        if let file { configuration.trustRoots = .file(file) }
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw TLSProblem(
                file: file ?? "the system's certificate authorities",
                message: "cannot be read as PEM certificates"
            )
        }
    }
}

extension String {
    /// Whether it is an IP address, which SNI cannot name (RFC 6066 §3).
    fileprivate var isAddress: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}
