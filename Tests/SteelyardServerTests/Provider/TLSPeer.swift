import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// A provider that speaks TLS, with a certificate that openssl(1) makes for it.
final class TLSPeer: Sendable {
    /// How a connection goes on behind the answer.
    enum Ending: Sendable {
        case stays
        /// A regular end: close_notify, then FIN.
        case closes
        /// Only a FIN, as anybody on the way could send it.
        case breaksOff
    }

    static let isPossible = access("/usr/bin/openssl", X_OK) == 0

    /// Its own authority, as a PEM file.
    let authorityFile: String
    private let folder: String
    private let channel: any Channel
    private let seen: Seen

    /// Listens on a loopback port.
    ///
    /// - Parameters:
    ///   - name: What the certificate is for, as a `subjectAltName`.
    ///   - version: The only version of TLS that it speaks.
    ///   - answer: What it answers to each request.
    init(
        for name: String = "DNS:localhost",
        version: TLSVersion = .tlsv13,
        answer: String = Answers.ok,
        then ending: Ending = .stays
    ) async throws {
        var template = Array("/tmp/steelyard-tls-XXXXXX".utf8CString)
        let folder = String(cString: try #require(mkdtemp(&template)))
        (self.folder, authorityFile) = (folder, "\(folder)/certificate.pem")
        try #require(system(Self.creation(of: folder, name)) == 0)
        let context = try Self.context(folder, version)
        let seen = Seen()
        self.seen = seen
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLServerHandler(context: context), Answering(seen, answer, ending),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    deinit {
        channel.close(promise: nil)
        for file in [authorityFile, "\(folder)/key.pem", folder] { remove(file) }
    }

    /// The port that it listens on.
    var port: UInt16 { UInt16(channel.localAddress?.port ?? 0) }
    /// How many connections were accepted.
    var connectionCount: Int { seen.connections.load(ordering: .relaxed) }
    /// How many requests have come.
    var requestCount: Int { seen.requests.load(ordering: .relaxed) }

    private static func creation(of folder: String, _ name: String) -> String {
        """
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=\(name) -keyout \(folder)/key.pem -out \(folder)/certificate.pem 2>/dev/null
        """
    }

    private static func context(_ folder: String, _ version: TLSVersion) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile("\(folder)/certificate.pem").map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: "\(folder)/key.pem", format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = version
        configuration.maximumTLSVersion = version
        return try NIOSSLContext(configuration: configuration)
    }

    /// What has come to a peer.
    private final class Seen: Sendable {
        let connections = Atomic<Int>(0)
        let requests = Atomic<Int>(0)
    }

    /// Answers each read: a head without a body comes in one record.
    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let seen: Seen
        private let answer: String
        private let ending: Ending

        init(_ seen: Seen, _ answer: String, _ ending: Ending) {
            (self.seen, self.answer, self.ending) = (seen, answer, ending)
        }

        func channelActive(context: ChannelHandlerContext) { seen.connections.add(1, ordering: .relaxed) }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            seen.requests.add(1, ordering: .relaxed)
            let sent = context.eventLoop.makePromise(of: Void.self)
            sent.futureResult.assumeIsolated().whenSuccess { self.end(context) }
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: sent)
        }

        private func end(_ context: ChannelHandlerContext) {
            switch ending {
            case .stays: break
            case .closes: context.close(promise: nil)
            case .breaksOff:
                let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
                tls?.close(promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
