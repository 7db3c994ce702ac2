import NIOCore
import NIOSSL
import Synchronization

/// Where a listener's certificates are: `server.tls` in proxy.yaml.
public struct TLSFiles: Hashable, Sendable {
    /// PEM: the listener's own certificate first, then the chain to a root.
    public var certificateChain: String
    /// PEM, without a passphrase.
    public var privateKey: String
    /// PEM: the authorities that sign clients' certificates; nil: clients show none.
    public var clientAuthorities: String?

    /// Names the files; nothing is read.
    public init(certificateChain: String, privateKey: String, clientAuthorities: String? = nil) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientAuthorities = clientAuthorities
    }
}

/// The TLS of a listener: new connections use the newest certificates, open connections keep theirs.
///
/// BoringSSL implements the protocol (swift-nio-ssl). The listener offers only TLS 1.3, and TLS 1.2 with forward
/// secrecy and authenticated ciphers (RFC 9325 §4.2).
public final class ListenerTLS: Sendable {
    private let files: TLSFiles
    private let current: Mutex<NIOSSLContext>

    /// Reads the files.
    ///
    /// - Throws: Which file cannot be used, and why.
    public init(_ files: TLSFiles) throws(TLSProblem) {
        self.files = files
        current = Mutex(try files.context())
    }

    /// Certificates that were read and can be used.
    public struct Certificates: Sendable {
        fileprivate let context: NIOSSLContext
    }

    /// Reads the files again, without using them yet.
    ///
    /// - Throws: Which file cannot be used, and why.
    public func read() throws(TLSProblem) -> Certificates { Certificates(context: try files.context()) }

    /// Uses these certificates for new connections.
    public func use(_ certificates: Certificates) { current.withLock { $0 = certificates.context } }

    /// Comes before a new connection's other handlers.
    func handler() -> NIOSSLServerHandler { NIOSSLServerHandler(context: current.withLock { $0 }) }
}

/// A file that cannot be used for TLS.
public struct TLSProblem: Error, Hashable, CustomStringConvertible {
    /// Its path.
    public let file: String
    /// What is wrong; never any of its content.
    public let message: String

    /// A sentence for the log.
    public var description: String { "\(file) \(message)" }
}

extension TLSFiles {
    fileprivate func context() throws(TLSProblem) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try chain().map { .certificate($0) },
            privateKey: .privateKey(try key())
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = Self.ciphers
        configuration.applicationProtocols = ["http/1.1"]
        if let clientAuthorities {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try certificates(clientAuthorities))
            configuration.sendCANameList = true
        }
        // The only error that is left here: the key does not belong to the certificate.
        do { return try NIOSSLContext(configuration: configuration) } catch {
            throw TLSProblem(file: privateKey, message: "does not belong to the certificate \(certificateChain)")
        }
    }

    /// The suites of TLS 1.2 that RFC 9325 §4.2 recommends; those of 1.3 cannot be chosen.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ]

    private func chain() throws(TLSProblem) -> [NIOSSLCertificate] { try certificates(certificateChain) }

    private func certificates(_ path: String) throws(TLSProblem) -> [NIOSSLCertificate] {
        let certificates: [NIOSSLCertificate]
        do { certificates = try NIOSSLCertificate.fromPEMFile(path) } catch {
            throw TLSProblem(file: path, message: "is not a readable PEM certificate file")
        }
        guard !certificates.isEmpty else { throw TLSProblem(file: path, message: "contains no certificate") }
        return certificates
    }

    private func key() throws(TLSProblem) -> NIOSSLPrivateKey {
        do { return try NIOSSLPrivateKey(file: privateKey, format: .pem) } catch {
            throw TLSProblem(file: privateKey, message: "is not a readable PEM private key without a passphrase")
        }
    }
}
