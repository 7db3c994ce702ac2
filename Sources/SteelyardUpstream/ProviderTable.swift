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

        init(_ provider: Provider) {
            self.provider = provider
            let origin = provider.origin
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
