public import SteelyardPolicy

/// One list of providers that workers know; ``UpstreamRequest/provider`` is a position in it.
///
/// A reload makes a new table. A request that was routed by the old configuration keeps the old table, so its position
/// keeps its meaning however late the request is sent.
public struct ProviderTable: Sendable {
    /// A provider as the workers need it. Workers store idle handles by its object identity.
    final class Entry: Sendable {
        let provider: Provider
        /// The URL that every handle of this provider keeps; the target is set per request.
        let url: String
        /// The field with the provider's own key, in libcurl's form; nil if there is none to send.
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

    /// Makes the table of `providers`. A provider that has not changed keeps its entry from `previous`, and with it its
    /// handles and connections.
    init(_ providers: [Provider], after previous: ProviderTable? = nil) {
        entries = providers.map { provider in
            previous?.entries.first { $0.provider == provider } ?? Entry(provider)
        }
    }

    /// The providers, in the order of the positions in ``UpstreamRequest/provider``.
    public var providers: [Provider] { entries.map(\.provider) }

    subscript(position: Int) -> Entry? { entries.indices.contains(position) ? entries[position] : nil }
}

extension Provider {
    /// `Authorization: Bearer KEY` (platform.openai.com, "Authentication"); the key is bound to exactly this origin.
    fileprivate var authorization: [UInt8]? {
        guard case .bound(let bound) = apiKey, let secret = bound.secret(for: origin) else { return nil }
        return Array("Authorization: Bearer ".utf8) + secret.bytes
    }
}
