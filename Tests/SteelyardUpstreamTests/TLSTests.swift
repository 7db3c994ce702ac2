import Glibc
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Testing

/// A TLS server of the `openssl` command line, with a certificate of its own for localhost.
private final class OpenSSLServer {
    static let isInstalled = access("/usr/bin/openssl", X_OK) == 0

    let port: UInt16
    let authorityFile: String
    private let processID: pid_t
    private let output: UnsafeMutablePointer<FILE>
    private let folder: String

    init(_ arguments: String) throws {
        var template = Array("/tmp/steelyard-tls-XXXXXX".utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        authorityFile = "\(folder)/certificate.pem"
        let key = "\(folder)/key.pem"
        let creation = """
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
            -addext subjectAltName=DNS:localhost -keyout \(key) -out \(authorityFile) 2>/dev/null
            """
        try #require(system(creation) == 0)
        let server = """
            echo $$; exec openssl s_server -accept 127.0.0.1:0 -www -key \(key) -cert \(authorityFile) \(arguments) \
            </dev/null 2>/dev/null
            """
        output = try #require(popen(server, "r"))
        processID = try #require(Self.line(of: output, after: "").flatMap { pid_t($0) })
        port = try #require(Self.line(of: output, after: "ACCEPT 127.0.0.1:").flatMap { UInt16($0) })
    }

    deinit {
        // Not SIGTERM: a child inherits the signal mask of its thread, and Dispatch blocks everything on its own.
        kill(processID, SIGKILL)
        pclose(output)
        for file in [authorityFile, "\(folder)/key.pem", folder] { remove(file) }
    }

    /// What follows `prefix` in the first line that has it.
    private static func line(of output: UnsafeMutablePointer<FILE>, after prefix: String) -> Substring? {
        var buffer = [CChar](repeating: 0, count: 256)
        while let text = fgets(&buffer, Int32(buffer.count), output) {
            let line = String(cString: text)
            if line.hasPrefix(prefix) { return line.dropFirst(prefix.count).dropLast() }
        }
        return nil
    }
}

@Suite("TLS to a provider", .enabled(if: OpenSSLServer.isInstalled), .timeLimit(.minutes(1)))
struct TLSTests {
    private func run(
        serverArguments: String = "",
        host: String = "localhost",
        trustsAuthority: Bool = true
    ) async throws -> Transcript {
        let tls = try OpenSSLServer(serverArguments)
        defer { withExtendedLifetime(tls) {} }
        let upstream = try UpstreamFixture(.answering("")) { provider in
            provider.origin = ProviderOrigin(isSecure: true, host: host, port: tls.port, pathPrefix: "")
            if trustsAuthority { provider.certificateAuthorityFile = tls.authorityFile }
        }
        return try await upstream.run(.to("/"))
    }

    @Test("works with the provider's own authority", arguments: ["-tls1_3", "-tls1_2"])
    func trusted(arguments: String) async throws {
        let transcript = try await run(serverArguments: arguments)
        #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
        #expect(transcript.head?.status == 200)
    }

    @Test("is refused when the system does not know the authority, and nothing is sent")
    func untrusted() async throws {
        let transcript = try await run(trustsAuthority: false)
        #expect(transcript.end?.failure == .unreachable)
        #expect(transcript.end?.reachedProvider == false)
    }

    @Test("is refused for another name")
    func wrongName() async throws {
        #expect(try await run(host: "127.0.0.1").end?.failure == .unreachable)
    }

    @Test("is refused below TLS 1.2")
    func oldVersion() async throws {
        let transcript = try await run(serverArguments: "-tls1_1 -cipher DEFAULT@SECLEVEL=0")
        #expect(transcript.end?.failure == .unreachable)
    }
}
