/// The providers of one configuration, found by path.
public struct ProviderMounts: Sendable {
    /// The providers in configured order.
    public let providers: [Provider]
    /// In order of the mounts' length, the longest first, so that `/v1/eu` wins over `/v1`.
    private let byMountLength: [Provider]

    /// Makes a table. All mounts differ, because the configuration has been checked.
    public init(_ providers: [Provider]) {
        self.providers = providers
        byMountLength = providers.sorted { $0.settings.mount.utf8.count > $1.settings.mount.utf8.count }
    }

    /// Makes the table of a configuration. A provider whose settings have not changed keeps its object from
    /// `previous`, and with it its connections.
    public init(_ settings: [ProviderSettings], after previous: ProviderMounts? = nil) {
        self.init(
            settings.map { settings in
                previous?.providers.first { $0.settings == settings } ?? Provider(settings)
            }
        )
    }

    /// The provider whose mount is the beginning of `path`, and the length of that mount in bytes.
    public func provider(forPath path: Substring) -> (provider: Provider, mountLength: Int)? {
        for provider in byMountLength where begins(path.utf8, with: provider.settings.mount.utf8) {
            return (provider, provider.settings.mount.utf8.count)
        }
        return nil
    }

    /// Whether a path is below a mount. A mount matches whole segments only: `/v1` is not a mount of `/v10/models`.
    private func begins(_ path: Substring.UTF8View, with mount: String.UTF8View) -> Bool {
        guard path.starts(with: mount) else { return false }
        let rest = path.dropFirst(mount.count)
        return rest.isEmpty || rest.first == UInt8(ascii: "/")
    }
}
