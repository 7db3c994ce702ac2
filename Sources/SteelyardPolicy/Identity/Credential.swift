/// A key that a client presented, in the form in which it is looked up: the key itself is not kept.
public struct Credential: Hashable, Sendable {
    /// Whose key it is, by its form alone.
    public enum Kind: Hashable, Sendable {
        /// A Steelyard key that is spelt right; its public id.
        case steelyard(KeyID)
        /// It begins as a Steelyard key does and goes on as none can.
        case mistyped(KeyTypo)
        /// Anything else: the client's own key of a provider.
        case provider
    }

    /// Whose key it is.
    public let kind: Kind
    /// The SHA-256 of the whole key; nil where there is nothing it could be compared with.
    public let digest: KeyDigest?

    /// Takes the key's form, and its digest.
    public init(kind: Kind, digest: KeyDigest?) {
        self.kind = kind
        self.digest = digest
    }

    /// Reads a key as it was presented, without `Bearer`.
    ///
    /// - Parameters:
    ///   - knowsProviderKeys: whether any team lists the keys of providers, with which a client's own is compared then.
    ///   - sha256: makes the digest; policy has no cryptography of its own.
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

    /// Tells by its form whose a key is.
    public init(of key: Span<UInt8>) {
        guard SteelyardKey.isClaimed(by: key) else {
            self = .provider
            return
        }
        do { self = .steelyard(try SteelyardKey.id(of: key)) } catch { self = .mistyped(error) }
    }
}

/// What a request says of who pays, without proof; nil where it says nothing.
public struct TeamClaim: Hashable, Sendable {
    /// `NAME` of a path `/team/NAME/…`, as it stands there.
    public var path: Substring?
    /// The field `x-steelyard-team`.
    public var header: Substring?

    /// Makes a claim; without arguments there is none.
    public init(path: Substring? = nil, header: Substring? = nil) {
        self.path = path
        self.header = header
    }
}
