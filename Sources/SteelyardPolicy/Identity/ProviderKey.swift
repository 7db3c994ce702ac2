/// What is sent to a provider in place of a Steelyard key: `api_key` in proxy.yaml.
public enum ProviderKey: Hashable, Sendable {
    /// The provider needs no key: the Steelyard key is removed, and nothing is sent instead.
    case unneeded
    /// The provider's own key.
    case bound(BoundSecret)
}

/// A secret that can be read for one scheme, host and port only, so that no mistake elsewhere can send it to another.
public struct BoundSecret: Hashable, Sendable {
    private let secret: Secret
    private let isSecure: Bool
    private let host: String
    private let port: UInt16

    /// Binds a secret to the origin that it may be sent to. The path does not matter.
    public init(_ secret: Secret, to origin: ProviderOrigin) {
        self.secret = secret
        (isSecure, host, port) = (origin.isSecure, origin.host, origin.port)
    }

    /// The secret, if the request goes to the bound origin; nil for any other.
    public func secret(for origin: ProviderOrigin) -> Secret? {
        let isThere = isSecure == origin.isSecure && port == origin.port && host == origin.host
        return isThere ? secret : nil
    }
}
