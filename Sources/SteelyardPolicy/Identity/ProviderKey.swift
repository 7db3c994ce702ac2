/// What takes the place of a Steelyard key on its way to a provider: `api_key` in proxy.yaml.
public enum ProviderKey: Hashable, Sendable {
    /// The provider asks for none: the Steelyard key is taken off, and nothing put on.
    case unneeded
    /// The provider's own key.
    case bound(BoundSecret)
}

/// A secret that is handed out for one scheme, host and port alone, so that no mistake elsewhere can send it to another.
public struct BoundSecret: Hashable, Sendable {
    private let secret: Secret
    private let isSecure: Bool
    private let host: String
    private let port: UInt16

    /// Binds a secret to where it may go; the path does not matter.
    public init(_ secret: Secret, to origin: ProviderOrigin) {
        self.secret = secret
        (isSecure, host, port) = (origin.isSecure, origin.host, origin.port)
    }

    /// The secret, for a request that goes where it is bound to; nil for any other.
    public func secret(for origin: ProviderOrigin) -> Secret? {
        let isThere = isSecure == origin.isSecure && port == origin.port && host == origin.host
        return isThere ? secret : nil
    }
}
