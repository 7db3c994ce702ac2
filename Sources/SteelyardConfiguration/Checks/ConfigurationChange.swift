import SteelyardPolicy

/// One key whose value differs between two configurations.
public struct ConfigurationChange: Hashable, Sendable {
    /// The dotted path of the key (`providers.openai.base_url`).
    public let key: String
    /// The old value as text; nil if its provider is new. A secret is `<secret>`.
    public let old: String?
    /// The new value as text; nil if its provider was removed. A secret is `<secret>`.
    public let new: String?
}

extension Configuration {
    /// The differences to `next`, sorted by key; empty if both behave the same.
    public func changes(to next: Configuration) -> [ConfigurationChange] {
        let (before, after) = (settings, next.settings)
        // Switching a section on or off is one change, whatever the section contains.
        let switched = ["ledger", "server.tls"].filter { before[$0] != after[$0] }
        let keys = Set(before.keys).union(after.keys).filter { key in
            before[key] != after[key] && !switched.contains { key.hasPrefix($0 + ".") }
        }
        var changes = keys.sorted().map { ConfigurationChange(key: $0, old: before[$0], new: after[$0]) }
        changes += changedSecrets(next).map { ConfigurationChange(key: $0, old: "<secret>", new: "<secret>") }
        if prices.version != next.prices.version || prices.models != next.prices.models {
            changes.append(ConfigurationChange(key: "prices", old: prices.version, new: next.prices.version))
        }
        if Set(providers) == Set(next.providers), providers != next.providers {
            changes.append(ConfigurationChange(key: "providers", old: names, new: next.names))
        }
        if Set(teams) == Set(next.teams), teams != next.teams {
            changes.append(ConfigurationChange(key: "teams", old: teamNames, new: next.teamNames))
        }
        return changes.sorted { $0.key < $1.key }
    }

    private var names: String { providers.map(\.name).joined(separator: ", ") }
    private var teamNames: String { teams.map(\.name).joined(separator: ", ") }

    /// The keys of secrets that both have, with different values. Secrets are compared directly, because their text is
    /// always the same.
    private func changedSecrets(_ next: Configuration) -> [String] {
        let after = next.secrets
        return secrets.compactMap { key, secret in after[key].map { $0 != secret } ?? false ? key : nil }
    }

    private var secrets: [String: Secret] {
        var secrets: [String: Secret] = [:]
        secrets["admin.token"] = admin.token
        for provider in providers {
            guard case .bound(let secret) = provider.apiKey else { continue }
            secrets["providers.\(provider.name).api_key"] = secret.secret(for: provider.origin)
        }
        return secrets
    }

    /// Every key with its value as text.
    private var settings: [String: String] {
        var settings = ["prices.unpriced": prices.unpriced.rawValue]
        settings["default_team"] = defaultTeam ?? ConfigurationReader.rejectWord
        settings["prices.file"] = prices.file
        settings["admin.listen"] = "\(admin.listen)"
        settings["admin.token"] = admin.token.map { "\($0)" }
        settings["metrics.max_series"] = "\(metrics.maximumSeries)"
        settings["metrics.tools"] = "\(metrics.countsTools)"
        settings["logging.level"] = logging.level.rawValue
        settings["logging.format"] = logging.format.rawValue
        settings["logging.access"] = "\(logging.writesAccessLines)"
        settings.merge(server.settings) { $1 }
        for provider in providers { settings.merge(provider.settings) { $1 } }
        settings["organization.budgets"] = organization.budgets.text
        for team in teams { settings.merge(team.settings) { $1 } }
        settings.merge(ledger?.settings ?? ["ledger": "off"]) { $1 }
        return settings
    }
}

extension ServerSettings {
    fileprivate var settings: [String: String] {
        var settings = [
            "server.listen": "\(listen)",
            "server.limits.connections": "\(limits.connections)",
            "server.limits.header_bytes": size(limits.headerBytes),
            "server.limits.body_bytes": size(limits.bodyBytes),
            "server.limits.gather_bytes": size(limits.gatherBytes),
            "server.timeouts.header": duration(timeouts.headerSeconds),
            "server.timeouts.body": duration(timeouts.bodySeconds),
            "server.timeouts.idle": duration(timeouts.idleSeconds),
            "server.timeouts.write_stall": duration(timeouts.writeStallSeconds),
            "server.timeouts.drain": duration(timeouts.drainSeconds),
        ]
        settings["server.cors.origins"] = origins.text
        settings["server.tls"] = tls == nil ? "off" : "on"
        settings["server.tls.certificate"] = tls?.certificateFile
        settings["server.tls.private_key"] = tls?.privateKeyFile
        settings["server.tls.client_ca"] = tls?.clientAuthorityFile
        return settings
    }
}

extension ProviderSettings {
    fileprivate var settings: [String: String] {
        let scheme = origin.isSecure ? "https" : "http"
        let address = ListenAddress(host: origin.host, port: origin.port)
        var settings = [
            "dialect": dialect.rawValue,
            "base_url": "\(scheme)://\(address)\(origin.pathPrefix)",
            "mount": mount,
            "inject_usage": injectsUsage ? "auto" : "never",
            "on_client_gone.streamed": abandonedStream.rawValue,
            "on_client_gone.plain": abandonedPlain.rawValue,
            "timeouts.connect": duration(timeouts.connectSeconds),
            "timeouts.first_byte": duration(timeouts.firstByteSeconds),
            "timeouts.between_bytes": duration(timeouts.betweenBytesSeconds),
            "timeouts.idle": duration(timeouts.idleSeconds),
            "allow_link_local": "\(allowsLinkLocal)",
        ]
        settings["ca_file"] = certificateAuthorityFile
        settings["outbound_proxy"] = outboundProxy
        settings["api_key"] = apiKey.map { $0 == .unneeded ? "none" : "<secret>" }
        return Dictionary(uniqueKeysWithValues: settings.map { ("providers.\(name).\($0)", $1) })
    }
}

extension AllowedOrigins {
    fileprivate var text: String {
        switch self {
        case .any: "*"
        case .listed(let origins): origins.isEmpty ? "none" : origins.joined(separator: ", ")
        }
    }
}

private func size(_ bytes: Int) -> String { Quantity.Scale.bytes.text(bytes) }

private func duration(_ seconds: Double) -> String {
    let milliseconds = Int(exactly: (seconds * 1_000).rounded()) ?? .max
    return Quantity.Scale.milliseconds.text(milliseconds)
}
