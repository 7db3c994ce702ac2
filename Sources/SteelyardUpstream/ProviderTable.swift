import SteelyardPolicy

/// The providers that workers keep handles and connections for.
///
/// A reload makes a new table. A request that was routed by the old configuration may still come with a provider that
/// is not in it; it is sent there, and then nothing is kept.
struct ProviderTable: Sendable {
    /// A provider as the workers need it. Workers store idle handles by its object identity.
    final class Entry: Sendable {
        let provider: Provider
        /// The URL that every handle of this provider keeps; the target is set per request.
        let url: String
        /// The field with the provider's own key, in libcurl's form; nil if there is none to send.
        let authorization: [UInt8]?
        /// Requests go over HTTP/1.1 (docs/decisions/0029).
        let allowsHTTP2 = false

        init(_ provider: Provider) {
            self.provider = provider
            let origin = provider.origin
            authorization = provider.authorization
            let host = origin.host.utf8.contains(UInt8(ascii: ":")) ? "[\(origin.host)]" : origin.host
            url = "\(origin.isSecure ? "https" : "http")://\(host):\(origin.port)/"
        }
    }

    let entries: [Entry]

    /// Makes the table of `providers`. A provider that was in `previous` keeps its entry, and with it its handles and
    /// connections.
    init(_ providers: [Provider], after previous: ProviderTable? = nil) {
        entries = providers.map { previous?[$0] ?? Entry($0) }
    }

    /// The entry of this provider, by its identity.
    subscript(provider: Provider) -> Entry? { entries.first { $0.provider === provider } }
}

extension Provider {
    /// `Authorization: Bearer KEY` (platform.openai.com, "Authentication"); the key is bound to exactly this origin.
    fileprivate var authorization: [UInt8]? {
        guard case .bound(let bound) = apiKey, let secret = bound.secret(for: origin) else { return nil }
        return Array("Authorization: Bearer ".utf8) + secret.bytes
    }
}
