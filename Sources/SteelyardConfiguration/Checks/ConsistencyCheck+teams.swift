import SteelyardPolicy

extension ConsistencyCheck {
    /// Reports keys that belong to two teams or can be used nowhere, and default teams that are probably mistakes.
    func checkTeams() {
        checkKeys()
        checkProviderKeys()
        checkDefaultTeam()
        checkReplacement()
        checkClearText()
    }

    private func checkKeys() {
        var ids: [String: (team: String, key: String)] = [:]
        var digests: [KeyDigest: (team: String, key: String)] = [:]
        for team in soundTeams {
            for (index, key) in team.keys.enumerated() {
                let place = (team: team.name, key: "teams.\(team.name).keys[\(index)]")
                let remedy = "create a new key: steelyard keys create --team \(team.name)"
                if let first = ids[key.id] {
                    report("\(place.key).id", "\(key.id) \(owned(first))", remedy: remedy)
                } else if let first = digests[key.digest] {
                    report("\(place.key).sha256", "this key \(owned(first)), under another id", remedy: remedy)
                }
                ids[key.id] = ids[key.id] ?? place
                digests[key.digest] = digests[key.digest] ?? place
            }
        }
    }

    private func owned(_ first: (team: String, key: String)) -> String {
        let place = line(of: first.key).map { " on line \($0)" } ?? ""
        return "already belongs to \(first.team)\(place)"
    }

    private func checkProviderKeys() {
        var owners: [KeyDigest: (team: String, key: String)] = [:]
        for team in soundTeams {
            for (index, digest) in team.providerKeys.enumerated() {
                let place = (team: team.name, key: "teams.\(team.name).provider_keys[\(index)]")
                if let first = owners[digest] {
                    let remedy = "remove one of the two: a key stands for one team"
                    report(place.key, owned(first), remedy: remedy)
                }
                owners[digest] = owners[digest] ?? place
            }
        }
    }

    private func checkDefaultTeam() {
        guard let name = configuration.defaultTeam, isAsWritten("default_team") else { return }
        guard let team = configuration.teams.first(where: { $0.name == name }) else {
            let names = configuration.teams.map(\.name)
            guard isWritten("default_team"), let likely = Nearest.word(to: name, among: names) else { return }
            return report(
                "default_team",
                severity: .warning,
                "\(name) is not one of the teams, so Steelyard adds it as another team",
                remedy: "did you mean \(likely)?"
            )
        }
        guard !team.isClaimable else { return }
        report(
            "default_team",
            severity: .warning,
            "\(name) has keys, but would also be charged for requests without a key",
            remedy: "write default_team: reject, or name a team without keys"
        )
    }

    /// A Steelyard key is never sent on: each provider needs a key to send instead.
    private func checkReplacement() {
        let unready = configuration.providers.filter { $0.apiKey == nil && isAsWritten("providers.\($0.name).api_key") }
        guard let team = configuration.teams.first(where: { !$0.keys.isEmpty }) else { return checkUnusedKeys() }
        let isOfNoUse = !unready.isEmpty && unready.count == configuration.providers.count
        if isOfNoUse {
            report(
                "teams.\(team.name).keys",
                "cannot be used: no provider has an api_key to send in their place",
                remedy:
                    "write api_key: env:OPENAI_API_KEY in providers.\(unready[0].name), or api_key: none if it needs no key"
            )
        }
        for provider in unready where !isOfNoUse {
            report(
                "providers.\(provider.name)",
                severity: .warning,
                "refuses team keys: it has no api_key to send in their place",
                remedy: "write api_key: env:NAME, or api_key: none if it needs no key"
            )
        }
    }

    private func checkUnusedKeys() {
        // If a key could not be read, do not report that there is none.
        guard soundTeams.count == configuration.teams.count else { return }
        for provider in configuration.providers where provider.apiKey != nil {
            report(
                "providers.\(provider.name).api_key",
                severity: .warning,
                "has no effect: it replaces Steelyard keys, and no team has one",
                remedy: "create a key: steelyard keys create --team NAME"
            )
        }
    }

    private func checkClearText() {
        let server = configuration.server
        let hasKeys = configuration.teams.contains { !$0.keys.isEmpty }
        guard hasKeys, server.tls == nil, !server.listen.isLoopback, isAsWritten("server.listen", "server.tls") else {
            return
        }
        report(
            "server.listen",
            severity: .warning,
            "Steelyard keys cross the network unencrypted: \(server.listen)\(sourceNote) has no TLS",
            remedy: "write server: { tls: { certificate: …, private_key: … } }, or end TLS in front of Steelyard"
        )
    }
}
