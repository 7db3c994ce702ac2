/// Finds out who pays for a request: credentials before claims.
///
/// A Steelyard key decides; else the client's own provider key, where a team lists it; else what the request claims;
/// else the default team. Keys are found by number, names by comparison: nothing on the way hashes text.
public struct IdentityTable: Sendable {
    /// Every team that can pay, in configured order; a default team that is not among them comes last.
    public let teams: [Team]
    /// The team of requests that say nothing; nil: they are refused.
    public let defaultTeam: Int?
    /// Whether any team lists provider keys; without, their digests are of no use.
    public var knowsProviderKeys: Bool { !providerKeys.isEmpty }

    private let keys: [KeyID: ConfiguredKey]
    private let providerKeys: [KeyDigest: Int]
    /// Positions in ``teams``, by the bytes of their names.
    private let byName: [Int]

    /// A key, and where it belongs.
    private struct ConfiguredKey {
        let team: Int
        let position: Int
        let digest: KeyDigest
        let expiresAtSeconds: Int64?
    }

    /// Takes the teams of a configuration; of two that share a name or key, which the configuration's check refuses,
    /// the first has it.
    ///
    /// - Parameter defaultTeam: it need not be among the teams; nil refuses requests that say nothing.
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

    /// Who pays.
    ///
    /// - Parameters:
    ///   - credentials: every key the request carries; usually one.
    ///   - claim: what it says without proof.
    ///   - canReplaceKey: whether its provider has something to put in place of a Steelyard key.
    ///   - nowSeconds: since 1970.
    /// - Throws: why nobody does.
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

    /// The team of a request without a credential that means one.
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
    /// Whom all credentials agree on; nil when none means anybody.
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
            // The digest is compared whole, and before the expiry is told to anybody.
            guard let key = keys[id], let digest = credential.digest, key.digest == digest else { throw .keyUnknown }
            guard key.expiresAtSeconds.map({ nowSeconds < $0 }) ?? true else { throw .keyExpired }
            return Identity(team: key.team, key: key.position)
        }
    }

    /// The team that path and header agree on; nil when they name none.
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
