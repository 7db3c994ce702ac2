/// The providers of one configuration, found by path.
public struct ProviderMounts: Sendable {
    /// The providers in configured order. A request refers to one by its position here.
    public let providers: [Provider]
    /// Positions in order of the mounts' length, the longest first, so that `/v1/eu` wins over `/v1`.
    private let byMountLength: [Int]

    /// Makes a table. All mounts differ, because the configuration has been checked.
    public init(_ providers: [Provider]) {
        self.providers = providers
        byMountLength = providers.indices.sorted { providers[$0].mount.utf8.count > providers[$1].mount.utf8.count }
    }

    /// The provider whose mount is the beginning of `path`, and the length of that mount in bytes.
    public func provider(forPath path: Substring) -> (position: Int, mountLength: Int)? {
        for position in byMountLength where begins(path.utf8, with: providers[position].mount.utf8) {
            return (position, providers[position].mount.utf8.count)
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
