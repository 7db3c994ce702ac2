/// Finds out which team pays for a request. Credentials count before claims.
///
/// A Steelyard key decides. Without one, the client's own provider key decides if a team lists it; then what the
/// request claims; then the default team. Keys are looked up by number and names by comparison, so that no look-up has
/// to hash text.
public struct IdentityTable: Sendable {
    /// Every team that can pay, in configured order. A default team that is not among them is added at the end.
    public let teams: [Team]
    /// The team for requests that do not name one; nil: such requests are refused.
    public let defaultTeam: Int?
    /// Whether any team lists provider keys. If none does, digests of provider keys are of no use.
    public var knowsProviderKeys: Bool { !providerKeys.isEmpty }

    private let keys: [KeyID: ConfiguredKey]
    private let providerKeys: [KeyDigest: Int]
    /// Positions in ``teams``, sorted by the bytes of the names.
    private let byName: [Int]

    /// A key, and the team that it belongs to.
    private struct ConfiguredKey {
        let team: Int
        let position: Int
        let digest: KeyDigest
        let expiresAtSeconds: Int64?
    }

    /// Takes the teams of a configuration. If two share a name or a key (the check of the configuration refuses that),
    /// the first one gets it.
    ///
    /// - Parameter defaultTeam: need not be among the teams; nil refuses requests that do not name a team.
    public init(teams declared: [Team], defaultTeam: String?) {
        let isMissing = defaultTeam != nil && !declared.contains { $0.name == defaultTeam }
        let teams = declared + (isMissing ? [Team(name: defaultTeam ?? "")] : [])
        self.teams = teams
        self.defaultTeam = teams.firstIndex { $0.name == defaultTeam }
        byName = teams.indices.sorted { teams[$0].name.utf8.precedes(teams[$1].name.utf8) }
        keys = Self.keys(of: teams)
        let listed = teams.enumerated().flatMap { team in team.element.providerKeys.map { ($0, team.offset) } }
        providerKeys = Dictionary(listed) { first, _ in first }
    }

    private static func keys(of teams: [Team]) -> [KeyID: ConfiguredKey] {
        var keys: [KeyID: ConfiguredKey] = [:]
        for (team, keysOfTeam) in teams.map(\.keys).enumerated() {
            for (position, key) in keysOfTeam.enumerated() {
                guard let id = KeyID(key.id), keys[id] == nil else { continue }
                let expiry = key.expiresAtSeconds
                keys[id] = ConfiguredKey(team: team, position: position, digest: key.digest, expiresAtSeconds: expiry)
            }
        }
        return keys
    }

    /// The team that pays, and the key it was found by.
    ///
    /// - Parameters:
    ///   - credentials: every key in the request; usually one.
    ///   - claim: the team that the request names without proof.
    ///   - canReplaceKey: whether there is something to send to its provider in place of a Steelyard key.
    ///   - nowSeconds: the time in seconds since 1970.
    /// - Throws: why no team pays.
    public func identity(
        of credentials: [Credential],
        claiming claim: TeamClaim,
        canReplaceKey: Bool,
        nowSeconds: Int64
    ) throws(IdentityRefusal) -> Identity {
        let proven = try owner(of: credentials, nowSeconds: nowSeconds)
        let claimed = try team(claimed: claim)
        guard let proven else { return Identity(team: try unproven(claimed, credentials), key: nil) }
        guard claimed == nil || claimed == proven.team else { throw .claimContradictsKey }
        guard proven.key == nil || canReplaceKey else { throw .keyNotReplaceable }
        return proven
    }

    /// The team of a request that has no credential of a team.
    private func unproven(_ claimed: Int?, _ credentials: [Credential]) throws(IdentityRefusal) -> Int {
        if let claimed {
            guard teams[claimed].isClaimable else { throw .teamHasKeys }
            return claimed
        }
        guard let defaultTeam else { throw credentials.isEmpty ? .keyMissing : .providerKeyUnknown }
        return defaultTeam
    }
}

extension IdentityTable {
    /// The owner of all credentials; nil if none belongs to a team.
    private func owner(of credentials: [Credential], nowSeconds: Int64) throws(IdentityRefusal) -> Identity? {
        var owner: Identity?
        for credential in credentials {
            guard let found = try self.owner(of: credential, nowSeconds: nowSeconds) else { continue }
            guard let known = owner else {
                owner = found
                continue
            }
            let isSameKey = known.key == nil || found.key == nil || known.key == found.key
            guard known.team == found.team, isSameKey else { throw .keysContradict }
            owner = known.key == nil ? found : known
        }
        return owner
    }

    private func owner(of credential: Credential, nowSeconds: Int64) throws(IdentityRefusal) -> Identity? {
        switch credential.kind {
        case .mistyped: throw .keyMistyped
        case .provider: return credential.digest.flatMap { providerKeys[$0] }.map { Identity(team: $0, key: nil) }
        case .steelyard(let id):
            // The whole digest is compared, and before the expiry is: only the key's owner may learn that it has
            // expired.
            guard let key = keys[id], let digest = credential.digest, key.digest == digest else { throw .keyUnknown }
            guard key.expiresAtSeconds.map({ nowSeconds < $0 }) ?? true else { throw .keyExpired }
            return Identity(team: key.team, key: key.position)
        }
    }

    /// The team that the path and the header name; nil if they name none.
    private func team(claimed claim: TeamClaim) throws(IdentityRefusal) -> Int? {
        let byPath = try claim.path.map { name throws(IdentityRefusal) in try team(named: name) }
        let byHeader = try claim.header.map { name throws(IdentityRefusal) in try team(named: name) }
        guard byPath == nil || byHeader == nil || byPath == byHeader else { throw .claimsContradict }
        return byPath ?? byHeader
    }

    private func team(named name: Substring) throws(IdentityRefusal) -> Int {
        var (low, high) = (0, byName.count)
        while low < high {
            let middle = (low + high) / 2
            if teams[byName[middle]].name.utf8.precedes(name.utf8) { low = middle + 1 } else { high = middle }
        }
        guard low < byName.count, teams[byName[low]].name.utf8.elementsEqual(name.utf8) else { throw .teamUnknown }
        return byName[low]
    }
}

extension Sequence<UInt8> {
    fileprivate func precedes(_ other: some Sequence<UInt8>) -> Bool { lexicographicallyPrecedes(other) }
}
