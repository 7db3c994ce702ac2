import SteelyardDialer
public import SteelyardPolicy

/// How to reach one provider: what every connection and request to it has in common.
final class ProviderAccess: Sendable {
    let provider: Provider
    /// Where its connections go.
    let target: DialTarget
    /// Its encryption; nil for plain HTTP.
    let tls: ProviderTLS?
    /// The line `Host: …` with its line end.
    let host: [UInt8]
    /// The line with the provider's own key and its line end; empty if there is none to send, nil if the key has bytes
    /// that would end the line.
    let authorization: [UInt8]?

    /// Reads the provider's certificate authorities.
    init(_ provider: Provider) throws(TLSProblem) {
        self.provider = provider
        let settings = provider.settings
        let origin = settings.origin
        tls = origin.isSecure ? try ProviderTLS(settings) : nil
        target = DialTarget(
            host: origin.host,
            port: origin.port,
            proxy: settings.outboundProxy,
            allowsLinkLocal: settings.allowsLinkLocal
        )
        host = Array("Host: \(origin.authority)\r\n".utf8)
        authorization = settings.authorizationLine
    }
}

/// The providers of one configuration. A request keeps the table with which it began.
public struct ProviderTable: Sendable {
    let entries: [ProviderAccess]

    /// Makes the table. A provider that a reload has not changed keeps its entry from `previous`, and with it its
    /// connections.
    ///
    /// - Throws: A file of certificate authorities that cannot be read.
    public init(_ providers: [Provider], after previous: ProviderTable? = nil) throws(TLSProblem) {
        var entries: [ProviderAccess] = []
        for provider in providers {
            if let kept = previous?.entries.first(where: { $0.provider === provider }) {
                entries.append(kept)
            } else {
                entries.append(try ProviderAccess(provider))
            }
        }
        self.entries = entries
    }

    /// How to reach a provider; nil for one of another configuration.
    subscript(provider: Provider) -> ProviderAccess? { entries.first { $0.provider === provider } }

    /// Whether this way is one of the table's.
    func contains(_ access: ProviderAccess) -> Bool { entries.contains { $0 === access } }
}

extension ProviderOrigin {
    /// Host and port as a `Host` field states them: without the scheme's default port (RFC 9110 §7.2).
    fileprivate var authority: String {
        let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? host : "\(host):\(port)"
    }
}

extension ProviderSettings {
    /// `Authorization: Bearer KEY` (platform.openai.com, "Authentication"); the key is bound to exactly this origin. Nil
    /// for a key that is no field value (RFC 9110 §5.5): what follows its line end would be fields of its own.
    fileprivate var authorizationLine: [UInt8]? {
        guard case .bound(let bound) = apiKey, let secret = bound.secret(for: origin) else { return [] }
        guard secret.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        return Array("Authorization: Bearer ".utf8) + secret.bytes + Array("\r\n".utf8)
    }
}
