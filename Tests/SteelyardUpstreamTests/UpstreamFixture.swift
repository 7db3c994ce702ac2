import Glibc
import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire

/// A proxy that no test configures: the environment of the whole test process names it, as a container's might.
enum EnvironmentProxy {
    static let server: ScriptedServer = {
        let server = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")
        for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
            setenv(name, "http://127.0.0.1:\(server.port)", 1)
        }
        return server
    }()
}

/// A pool of one worker for one scripted server.
struct UpstreamFixture: ~Copyable {
    let pool: UpstreamPool
    let server: ScriptedServer

    init(
        _ server: ScriptedServer,
        guards: TransferGuards = .all,
        provider change: (inout ProviderSettings) -> Void = { _ in }
    ) throws {
        _ = EnvironmentProxy.server
        self.server = server
        var provider = ProviderSettings.loopback(server.port)
        change(&provider)
        pool = try UpstreamPool(workerCount: 1, providers: [Provider(provider)], guards: guards)
    }

    deinit {
        pool.shutdown()
        server.stop()
    }

    /// Runs one transfer to its end.
    func run(
        _ request: PlannedRequest,
        to provider: Provider? = nil,
        recorder: TransferRecorder = TransferRecorder()
    ) async throws -> Transcript {
        try await recorder.start(request, on: pool, to: provider)
        return await recorder.ended()
    }
}

extension Provider {
    /// A provider on a loopback port.
    static func loopback(_ port: UInt16) -> Provider { Provider(.loopback(port)) }
}

extension ProviderSettings {
    /// A provider on a loopback port.
    static func loopback(_ port: UInt16) -> ProviderSettings {
        ProviderSettings(
            name: "scripted",
            origin: ProviderOrigin(isSecure: false, host: "127.0.0.1", port: port, pathPrefix: "")
        )
    }
}

/// A request of a test: a plan that does not know its provider yet, and its body.
struct PlannedRequest: Sendable {
    var method: String
    var target: String
    var fields: HeaderFields
    var body: UpstreamBody
    var substitutesKey = false
    var mustBeRecorded = false

    func plan(to provider: Provider, opening: ChargeOpening? = nil) -> UpstreamPlan {
        UpstreamPlan(
            provider: provider,
            method: method,
            target: target,
            fields: fields,
            substitutesKey: substitutesKey,
            opening: opening,
            mustBeRecorded: mustBeRecorded
        )
    }
}

extension PlannedRequest {
    /// A request for this target.
    static func to(
        _ target: String = "/",
        method: String = "GET",
        fields: [(String, String)] = [],
        body: UpstreamBody = .none
    ) -> PlannedRequest {
        var list = HeaderFields()
        for (name, value) in fields { list.append(name: name, value: value) }
        return PlannedRequest(method: method, target: target, fields: list, body: body)
    }

    /// A POST whose body is at hand.
    static func post(_ body: String = "{\"model\":\"m\"}", target: String = "/v1/chat/completions") -> PlannedRequest {
        to(target, method: "POST", body: .gathered(ByteBuffer(string: body)))
    }
}
