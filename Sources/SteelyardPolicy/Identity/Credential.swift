/// A key that a client presented, in the form that is needed to look it up. The key itself is not kept.
public struct Credential: Hashable, Sendable {
    /// The kind of key, as its form shows.
    public enum Kind: Hashable, Sendable {
        /// A correctly spelt Steelyard key, with its public id.
        case steelyard(KeyID)
        /// It begins like a Steelyard key, but cannot be one.
        case mistyped(KeyTypo)
        /// Anything else: the client's own key of a provider.
        case provider
    }

    /// The kind of key.
    public let kind: Kind
    /// The SHA-256 of the whole key; nil if there is nothing to compare it with.
    public let digest: KeyDigest?

    /// Makes a credential from the kind of key and its digest.
    public init(kind: Kind, digest: KeyDigest?) {
        self.kind = kind
        self.digest = digest
    }

    /// Reads a key as the client presented it, without `Bearer`.
    ///
    /// - Parameters:
    ///   - knowsProviderKeys: whether any team lists provider keys. Only then is a client's own key compared with them.
    ///   - sha256: makes the digest, because the policy code has no cryptography of its own.
    public init(presented key: Span<UInt8>, knowsProviderKeys: Bool = true, sha256: (Span<UInt8>) -> KeyDigest) {
        let kind = Kind(of: key)
        self.init(kind: kind, digest: kind.isCompared(knowsProviderKeys) ? sha256(key) : nil)
    }
}

extension Credential.Kind {
    fileprivate func isCompared(_ knowsProviderKeys: Bool) -> Bool {
        switch self {
        case .steelyard: true
        case .mistyped: false
        case .provider: knowsProviderKeys
        }
    }

    /// Recognises the kind of a key by its form.
    public init(of key: Span<UInt8>) {
        guard SteelyardKey.isClaimed(by: key) else {
            self = .provider
            return
        }
        do { self = .steelyard(try SteelyardKey.id(of: key)) } catch { self = .mistyped(error) }
    }
}

/// What a request says, without proof, about who pays; nil where it says nothing.
public struct TeamClaim: Hashable, Sendable {
    /// The `NAME` in a path `/team/NAME/…`, exactly as written there.
    public var path: Substring?
    /// The value of the header field `x-steelyard-team`.
    public var header: Substring?

    /// Makes a claim. Without arguments it claims nothing.
    public init(path: Substring? = nil, header: Substring? = nil) {
        self.path = path
        self.header = header
    }
}
