public import SteelyardPolicy

/// One list of providers that workers know; ``UpstreamRequest/provider`` is a position in it.
///
/// A reload makes a new table. A request that was routed by the old configuration brings the old table along, so its
/// position keeps its meaning however late it is sent.
public struct ProviderTable: Sendable {
    /// A provider as the workers need it. Its identity is the key of their pools of handles.
    final class Entry: Sendable {
        let provider: Provider
        /// The URL every handle of this provider keeps: the target is set per request.
        let url: String
        /// The field with the provider's own key, as libcurl takes it; nil when there is none to send.
        let authorization: [UInt8]?

        init(_ provider: Provider) {
            self.provider = provider
            let origin = provider.origin
            authorization = provider.authorization
            let host = origin.host.utf8.contains(UInt8(ascii: ":")) ? "[\(origin.host)]" : origin.host
            url = "\(origin.isSecure ? "https" : "http")://\(host):\(origin.port)/"
        }
    }

    let entries: [Entry]

    /// Makes the table of `providers`; a provider that has not changed keeps its entry of `previous`, and with it its
    /// handles and connections.
    init(_ providers: [Provider], after previous: ProviderTable? = nil) {
        entries = providers.map { provider in
            previous?.entries.first { $0.provider == provider } ?? Entry(provider)
        }
    }

    /// The providers, in the order that ``UpstreamRequest/provider`` counts.
    public var providers: [Provider] { entries.map(\.provider) }

    subscript(position: Int) -> Entry? { entries.indices.contains(position) ? entries[position] : nil }
}

extension Provider {
    /// `Authorization: Bearer KEY` (platform.openai.com, "Authentication"); the key is bound to this very origin.
    fileprivate var authorization: [UInt8]? {
        guard case .bound(let bound) = apiKey, let secret = bound.secret(for: origin) else { return nil }
        return Array("Authorization: Bearer ".utf8) + secret.bytes
    }
}
