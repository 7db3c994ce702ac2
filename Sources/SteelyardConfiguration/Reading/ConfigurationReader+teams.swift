import SteelyardPolicy

extension ConfigurationReader {
    /// The word for "no team", where a team could be named.
    static let rejectWord = "reject"

    private static let teamKeys = [
        "keys", "provider_keys", "budgets", "reserve", "outgrown_hold", "limits", "models", "unmetered", "unpriced",
    ]

    /// `teams`, in the order of the file.
    func teams() -> [Team] {
        root.entries(of: "teams").map { team(Value($0, in: "teams", findings: findings), $0) }
    }

    private func team(_ value: Value, _ entry: YAMLEntry) -> Team {
        var team = Team(name: entry.key)
        do { try checkTeamName(entry.key) } catch { value.report(error) }
        // A name without a section is a team with all defaults.
        guard !entry.value.isEmpty else { return team }
        let section = Section(value, known: Self.teamKeys)
        team.keys = section["keys"]?.elements().compactMap(key) ?? []
        team.providerKeys = section["provider_keys"]?.elements().compactMap { $0.read(KeyDigest.readPrefixed) } ?? []
        team.budgets = budgets(section)
        team.reserve = section.choice("reserve", default: team.reserve)
        team.outgrownHold = section.choice("outgrown_hold", default: team.outgrownHold)
        team.limits = limits(section)
        let models = section.section("models", known: ["allow", "deny"])
        team.allowedModels = patterns(models, "allow")
        team.deniedModels = patterns(models, "deny")
        team.unmetered = section.choice("unmetered", default: team.unmetered)
        team.unpriced = section.choice("unpriced", default: team.unpriced)
        return team
    }

    private func checkTeamName(_ text: String) throws(Complaint) {
        _ = try Name(text)
        // `default_team: reject` would be ambiguous, and `other` is the label for what exceeds a metric's limit.
        guard text != Self.rejectWord, text != "other" else {
            throw Complaint(message: "is a reserved name", remedy: .act("give this team another name"))
        }
    }

    private func limits(_ team: Section) -> TeamLimits {
        let section = team.section(
            "limits",
            known: ["requests_per_minute", "tokens_per_minute", "concurrent_requests"]
        )
        let most = 1...1_000_000_000_000
        return TeamLimits(
            requestsPerMinute: section["requests_per_minute"]?.wholeNumber(in: most, usual: 600).map(Int64.init),
            tokensPerMinute: section["tokens_per_minute"]?.wholeNumber(in: most, usual: 200_000).map(Int64.init),
            concurrentRequests: section["concurrent_requests"]?.wholeNumber(in: 1...1_000_000, usual: 50)
        )
    }

    /// One of a team's keys; nil, and reported, if it lacks its id or digest.
    private func key(_ value: Value) -> TeamKey? {
        let section = Section(value, known: ["id", "sha256", "budgets", "expires"])
        let hint = "… as `steelyard keys create` prints it"
        let id = section.required("id", example: hint)?.read(KeyID.read)
        let digest = section.required("sha256", example: hint)?.read(KeyDigest.readPlain)
        let budgets = budgets(section)
        let expiry = section["expires"]?.read(Expiry.read)
        guard let id, let digest else { return nil }
        var key = TeamKey(id: id.text, digest: digest)
        key.budgets = budgets
        key.expiresAtSeconds = expiry
        return key
    }
}
