/// Who pays for a request: positions in the ``IdentityTable`` that found it.
public struct Identity: Hashable, Sendable {
    /// The team, by its position in ``IdentityTable/teams``.
    public let team: Int
    /// The Steelyard key, by its position in ``Team/keys``; nil when something else identified the team.
    public let key: Int?

    /// Whether the client's credentials stay here and the provider's key is sent instead. This is the case exactly when
    /// a Steelyard key was presented: a claim alone never gives a client the use of a provider's key.
    public var substitutesKey: Bool { key != nil }
}

/// Why no team can be charged for a request. The raw value is the `reason` of `ai_auth_failures_total`.
public enum IdentityRefusal: String, Error, Hashable, Sendable, CaseIterable {
    case keyMissing = "key_missing"
    /// A Steelyard key is in a place from which it would be sent on to the provider.
    case keyMisplaced = "key_misplaced"
    case keyMistyped = "key_mistyped"
    /// No key with this id is configured, at least not now. Or the id belongs to a different key.
    case keyUnknown = "key_unknown"
    case keyExpired = "key_expired"
    /// A Steelyard key was used for a provider, and there is no provider key to send instead.
    case keyNotReplaceable = "key_not_replaceable"
    /// `default_team: reject`, and no team lists the client's own provider key.
    case providerKeyUnknown = "provider_key_unknown"
    case keysContradict = "keys_contradict"
    case claimContradictsKey = "claim_contradicts_key"
    case claimsContradict = "claims_contradict"
    case teamUnknown = "team_unknown"
    case teamHasKeys = "team_has_keys"
}

extension IdentityRefusal {
    /// The HTTP status: 401 for a key that does not work, 403 for a team that the client may not use.
    public var status: Int {
        switch self {
        case .keyMissing, .keyMisplaced, .keyMistyped, .keyUnknown, .keyExpired, .keyNotReplaceable,
            .providerKeyUnknown:
            401
        case .keysContradict, .claimContradictsKey, .claimsContradict, .teamUnknown, .teamHasKeys: 403
        }
    }

    /// `error.code`.
    public var code: String { status == 401 ? "invalid_api_key" : "team_mismatch" }

    /// `error.message`: what happened and what to do. It contains nothing from the request.
    public var message: String {
        switch self {
        case .keyMissing: "This gateway requires a key; send a Steelyard key as Authorization: Bearer sy_…"
        case .keyMisplaced:
            "The request contains a Steelyard key in a wrong place, such as a cookie, the URL or another header; "
                + "send it only as Authorization: Bearer sy_…"
        case .keyMistyped: "The Steelyard key is mistyped or incomplete: its checksum is wrong; copy it again"
        case .keyUnknown: "This gateway does not know this Steelyard key, or the key was revoked"
        case .keyExpired: "The Steelyard key has expired"
        case .keyNotReplaceable:
            "Steelyard keys do not work for this provider: the gateway has no provider key to send instead"
        case .providerKeyUnknown: "This key belongs to no team of this gateway; send a Steelyard key"
        case .keysContradict: "The request contains keys of two owners; send one key"
        case .claimContradictsKey: "The request names a team that its key does not belong to"
        case .claimsContradict: "The path and the header x-steelyard-team name different teams"
        case .teamUnknown: "The request names a team that this gateway does not have"
        case .teamHasKeys: "The team that the request names has keys; send one of them"
        }
    }
}
