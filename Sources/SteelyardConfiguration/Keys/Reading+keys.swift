import SteelyardPolicy

/// Where a Steelyard key is configured.
public struct KeyPlace: Hashable, Sendable {
    /// The team that it belongs to.
    public let team: String
    /// The line on which its entry starts.
    public let line: Int
    /// Whether it is the team's only key, so that without it anybody could claim the team.
    public let isLastOfTeam: Bool
}

extension Reading {
    /// The line of a team's section; nil if the file has no such team.
    public func line(ofTeam name: String) -> Int? {
        configuration?.teams.contains { $0.name == name } == true ? lines["teams.\(name)"] : nil
    }

    /// The team that a name probably means.
    public func team(near name: String) -> String? {
        Nearest.word(to: name, among: configuration?.teams.map(\.name) ?? [])
    }

    /// The place of a key, by its public id; nil if the file does not have it.
    public func place(ofKey id: String) -> KeyPlace? {
        for team in configuration?.teams ?? [] {
            guard let index = team.keys.firstIndex(where: { $0.id == id }) else { continue }
            return KeyPlace(
                team: team.name,
                line: lines["teams.\(team.name).keys[\(index)]"] ?? 1,
                isLastOfTeam: team.keys.count == 1 && team.providerKeys.isEmpty
            )
        }
        return nil
    }

    /// This reading, with a warning for each key that has expired or expires soon.
    ///
    /// - Parameter nowSeconds: since 1970.
    public func noting(nowSeconds: Int64) -> Reading {
        guard let configuration else { return self }
        let findings = Findings(file: file)
        for problem in problems { findings.add(problem) }
        for team in configuration.teams {
            for (index, key) in team.keys.enumerated() {
                guard let end = key.expiresAtSeconds, end <= nowSeconds + Self.noticeSeconds else { continue }
                let place = "teams.\(team.name).keys[\(index)].expires"
                let message = end <= nowSeconds ? "\(key.id) has expired" : "\(key.id) expires within two weeks"
                let remedy = "remove it, or create its successor: steelyard keys create --team \(team.name)"
                findings.add(place, line: lines[place], severity: .warning, message, remedy: remedy)
            }
        }
        return Reading(configuration, lines: lines, findings: findings)
    }

    /// How long before a key expires the warning starts.
    private static let noticeSeconds: Int64 = 14 * 86_400
}
