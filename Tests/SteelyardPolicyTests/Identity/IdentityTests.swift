import SeededRandom
import SteelyardPolicy
import Testing

@Suite("Who pays")
struct IdentityTests {
    /// A request and who pays for it: `team`, `team/KEY` or the reason of the refusal.
    struct Case: Sendable, CustomTestStringConvertible {
        var keys: [String] = []
        var path: String?
        var header: String?
        var now: Int64 = 1_000
        var replaces = true
        var expected: String
        let testDescription: String

        init(
            _ name: String,
            _ keys: [String] = [],
            path: String? = nil,
            header: String? = nil,
            now: Int64 = 1_000,
            replaces: Bool = true,
            is expected: String
        ) {
            (testDescription, self.keys, self.path, self.header) = (name, keys, path, header)
            (self.now, self.replaces, self.expected) = (now, replaces, expected)
        }
    }

    static let cases: [Case] = [
        Case("a key", ["sy:AAAAAAAA"], is: "search/AAAAAAAA"),
        Case("a second key", ["sy:BBBBBBBB"], is: "search/BBBBBBBB"),
        Case("a key and the claim of its team", ["sy:AAAAAAAA"], path: "search", is: "search/AAAAAAAA"),
        Case("a key and both claims", ["sy:AAAAAAAA"], path: "search", header: "search", is: "search/AAAAAAAA"),
        Case("a key and another team", ["sy:AAAAAAAA"], path: "batch", is: "claim_contradicts_key"),
        Case("a key and another team's header", ["sy:AAAAAAAA"], header: "batch", is: "claim_contradicts_key"),
        Case("a key and no team", ["sy:AAAAAAAA"], path: "nobody", is: "team_unknown"),
        Case("a key, twice the same", ["sy:AAAAAAAA", "sy:AAAAAAAA"], is: "search/AAAAAAAA"),
        Case("two keys of one team", ["sy:AAAAAAAA", "sy:BBBBBBBB"], is: "keys_contradict"),
        Case("two keys of two teams", ["sy:AAAAAAAA", "sy:CCCCCCCC"], is: "keys_contradict"),
        Case("an unknown id", ["sy:ZZZZZZZZ"], is: "key_unknown"),
        Case("a known id of another key", ["forged:AAAAAAAA"], is: "key_unknown"),
        Case("an unknown key claims nothing", ["sy:ZZZZZZZZ"], path: "batch", is: "key_unknown"),
        Case("a known key does not help an unknown", ["sy:AAAAAAAA", "sy:ZZZZZZZZ"], is: "key_unknown"),
        Case("a typo", ["typo"], is: "key_mistyped"),
        Case("a typo claims nothing", ["typo"], path: "batch", is: "key_mistyped"),
        Case("a key before its end", ["sy:CCCCCCCC"], now: 4_999, is: "vault/CCCCCCCC"),
        Case("a key at its end", ["sy:CCCCCCCC"], now: 5_000, is: "key_expired"),
        Case("a forged key does not learn of the end", ["forged:CCCCCCCC"], now: 5_000, is: "key_unknown"),
        Case("a key that nothing replaces", ["sy:AAAAAAAA"], replaces: false, is: "key_not_replaceable"),
        Case("a provider's key that is listed", ["sk-listed"], is: "labs"),
        Case("a listed key needs no replacement", ["sk-listed"], replaces: false, is: "labs"),
        Case("a listed key and its team", ["sk-listed"], header: "labs", is: "labs"),
        Case("a listed key and another team", ["sk-listed"], path: "batch", is: "claim_contradicts_key"),
        Case("a listed key beside a key of another team", ["sk-listed", "sy:AAAAAAAA"], is: "keys_contradict"),
        Case("a key beside an unlisted provider's", ["sk-mine", "sy:AAAAAAAA"], is: "search/AAAAAAAA"),
        Case("a listed key of the same team as a key", ["sk-both", "sy:AAAAAAAA"], is: "search/AAAAAAAA"),
        Case("the same two, in reverse order", ["sy:AAAAAAAA", "sk-both"], is: "search/AAAAAAAA"),
        Case("a provider's key that nobody lists", ["sk-mine"], is: "unassigned"),
        Case("it may claim", ["sk-mine"], path: "batch", is: "batch"),
        Case("nothing at all", is: "unassigned"),
        Case("a path", path: "batch", is: "batch"),
        Case("a header", header: "batch", is: "batch"),
        Case("both, agreeing", path: "batch", header: "batch", is: "batch"),
        Case("both, not agreeing", path: "batch", header: "unassigned", is: "claims_contradict"),
        Case("the default team by name", path: "unassigned", is: "unassigned"),
        Case("a team that does not exist", path: "nobody", is: "team_unknown"),
        Case("a name in other letters", path: "Batch", is: "team_unknown"),
        Case("a beginning of a name", path: "bat", is: "team_unknown"),
        Case("more than a name", path: "batch2", is: "team_unknown"),
        Case("an escaped name", path: "b%61tch", is: "team_unknown"),
        Case("no name", header: "", is: "team_unknown"),
        Case("a team with keys", path: "search", is: "team_has_keys"),
        Case("a team with keys that have ended", path: "vault", now: 9_000, is: "team_has_keys"),
        Case("a team with provider keys alone", header: "labs", is: "team_has_keys"),
        Case("a team with keys, by somebody's own key", ["sk-mine"], path: "search", is: "team_has_keys"),
    ]

    @Test("credentials decide before claims", arguments: cases)
    func identity(of request: Case) {
        #expect(Self.outcome(of: request, default: "unassigned") == request.expected)
    }

    static let rejecting: [Case] = [
        Case("nothing at all", is: "key_missing"),
        Case("a provider's key that nobody lists", ["sk-mine"], is: "provider_key_unknown"),
        Case("a claim", path: "batch", is: "batch"),
        Case("the name that would be the default's", path: "unassigned", is: "team_unknown"),
        Case("a key", ["sy:AAAAAAAA"], is: "search/AAAAAAAA"),
        Case("an unknown key", ["sy:ZZZZZZZZ"], is: "key_unknown"),
    ]

    @Test("without a default team, a request that names nobody is refused", arguments: rejecting)
    func rejected(request: Case) {
        #expect(Self.outcome(of: request, default: nil) == request.expected)
    }

    @Test("a key in our form is refused or replaced, never passed on, whatever comes with it")
    func neverPassedOn() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        let keys = ["sy:AAAAAAAA", "sy:ZZZZZZZZ", "forged:AAAAAAAA", "typo", "sy:CCCCCCCC", "sk-mine", "sk-listed"]
        let names: [String?] = [nil, "batch", "search", "labs", "nobody", "unassigned"]
        for _ in 0..<5_000 {
            let presented = (0..<3).compactMap { _ in
                Bool.random(using: &random) ? keys.randomElement(using: &random) : nil
            }
            let credentials = presented.map(Self.credential)
            let claim = TeamClaim(
                path: names.randomElement(using: &random)?.map { $0[...] },
                header: names.randomElement(using: &random)?.map { $0[...] }
            )
            let found = try? Self.table(default: "unassigned").identity(
                of: credentials,
                claiming: claim,
                canReplaceKey: Bool.random(using: &random),
                nowSeconds: Int64.random(in: 0...9_000, using: &random)
            )
            let isOurs = credentials.contains { $0.kind != .provider }
            #expect(found == nil || found?.substitutesKey == isOurs, "seed \(seed): \(presented) \(claim)")
        }
    }

    @Test("positions are those of the teams, the default team last when it is not declared")
    func positions() {
        #expect(Self.table(default: "unassigned").teams.map(\.name).suffix(2) == ["batch", "unassigned"])
        #expect(Self.table(default: "batch").teams.map(\.name).last == "batch")
        #expect(Self.table(default: "batch").defaultTeam == 3)
        #expect(Self.table(default: nil).teams.count == 4 && Self.table(default: nil).defaultTeam == nil)
        #expect(Self.table(default: nil).knowsProviderKeys)
        #expect(!IdentityTable(teams: [], defaultTeam: nil).knowsProviderKeys)
    }

    @Test(
        "a digest is made where it can be compared with another",
        arguments: [
            (SteelyardKeyTests.key, false, true), (SteelyardKeyTests.key, true, true), ("sk-proj-abc", false, false),
            ("sk-proj-abc", true, true), ("sy_k7QwR2xT", true, false),
        ]
    )
    func digests(key: String, knowsProviderKeys: Bool, hasDigest: Bool) {
        let digest = KeyDigest(bigEndianWords: [1, 2, 3, 4])
        let credential = Credential(presented: key.utf8Span.span, knowsProviderKeys: knowsProviderKeys) { _ in digest }
        #expect(credential.digest == (hasDigest ? digest : nil))
    }

    @Test("every name of many is found", arguments: [1, 2, 3, 7, 64, 1_000])
    func names(count: Int) throws {
        let teams = (0..<count).map { Team(name: "team-\($0 * 7919 % 100_003)") }
        let table = IdentityTable(teams: teams, defaultTeam: nil)
        for (position, team) in teams.enumerated() {
            let claim = TeamClaim(path: team.name[...])
            let found = try table.identity(of: [], claiming: claim, canReplaceKey: true, nowSeconds: 0)
            #expect(found.team == position && found.key == nil)
        }
    }

    @Test("a refusal has the status, code and reason of its kind", arguments: IdentityRefusal.allCases)
    func refusals(refusal: IdentityRefusal) {
        let isKey = refusal.rawValue.hasPrefix("key_") || refusal == .providerKeyUnknown
        #expect(refusal.status == (isKey ? 401 : 403))
        #expect(refusal.code == (isKey ? "invalid_api_key" : "team_mismatch"))
        #expect(!refusal.message.isEmpty && refusal.rawValue.allSatisfy { $0.isLowercase || $0 == "_" })
    }

    @Test("a provider's key is handed out for its own scheme, host and port alone")
    func bound() {
        let home = ProviderOrigin(isSecure: true, host: "api.openai.com", port: 443, pathPrefix: "/v1")
        let secret = BoundSecret(Secret([0x6b]), to: home)
        var elsewhere = Array(repeating: home, count: 4)
        elsewhere[0].isSecure = false
        elsewhere[1].host = "api.openai.com.evil.example"
        elsewhere[2].port = 8443
        elsewhere[3].host = "API.openai.com"
        for origin in elsewhere { #expect(secret.secret(for: origin) == nil) }
        var otherPath = home
        otherPath.pathPrefix = ""
        #expect(secret.secret(for: home) == Secret([0x6b]) && secret.secret(for: otherPath) != nil)
    }
}

extension IdentityTests {
    private static func outcome(of request: Case, default name: String?) -> String {
        let table = table(default: name)
        do throws(IdentityRefusal) {
            let found = try table.identity(
                of: request.keys.map(credential),
                claiming: TeamClaim(path: request.path?[...], header: request.header?[...]),
                canReplaceKey: request.replaces,
                nowSeconds: request.now
            )
            let team = table.teams[found.team]
            return team.name + (found.key.map { "/\(team.keys[$0].id)" } ?? "")
        } catch {
            return error.rawValue
        }
    }

    /// `sy:ID` is the key of that id, `forged:ID` another of the same id, `typo` none; all else is a provider's.
    private static func credential(_ text: String) -> Credential {
        let parts = text.split(separator: ":").map(String.init)
        let kind: Credential.Kind =
            switch (parts[0], parts.count > 1 ? KeyID(parts[1]) : nil) {
            case ("typo", _): .mistyped(.checksum)
            case (_, let id?): .steelyard(id)
            default: .provider
            }
        return Credential(kind: kind, digest: digest(text))
    }

    /// Any digest will do, as long as it tells texts apart.
    private static func digest(_ text: String) -> KeyDigest {
        let folded = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return KeyDigest(bigEndianWords: [1, 2, 3, folded])
    }

    private static func table(default name: String?) -> IdentityTable {
        var search = Team(name: "search")
        search.keys = ["AAAAAAAA", "BBBBBBBB"].map { TeamKey(id: $0, digest: digest("sy:\($0)")) }
        search.providerKeys = [digest("sk-both")]
        var vault = Team(name: "vault")
        vault.keys = [TeamKey(id: "CCCCCCCC", digest: digest("sy:CCCCCCCC"))]
        vault.keys[0].expiresAtSeconds = 5_000
        var labs = Team(name: "labs")
        labs.providerKeys = [digest("sk-listed")]
        return IdentityTable(teams: [search, vault, labs, Team(name: "batch")], defaultTeam: name)
    }
}
