import SteelyardPolicy

extension ConfigurationReader {
    private static let providerKeys = [
        "dialect", "base_url", "mount", "inject_usage", "on_client_gone", "timeouts", "ca_file", "outbound_proxy",
        "allow_link_local", "api_key",
    ]

    private static let exampleURL = "https://api.openai.com/v1"

    /// `providers`, in the order of the file; those without a valid `base_url` are reported and left out.
    func providers() -> [ProviderSettings] {
        let entries = root.entries(of: "providers")
        if entries.isEmpty, findings.hasNothing(on: "providers", "") {
            findings.add(
                "providers",
                line: lines["providers"],
                "is missing: Steelyard has no provider to send requests to",
                remedy: "write providers: { openai: { base_url: \(Self.exampleURL) } }"
            )
        }
        return entries.compactMap { provider(Value($0, in: "providers", findings: findings), name: $0.key) }
    }

    private func provider(_ value: Value, name: String) -> ProviderSettings? {
        do { _ = try Name(name) } catch { value.report(error) }
        let section = Section(value, known: Self.providerKeys)
        var provider = ProviderSettings(
            name: name,
            dialect: section.choice("dialect", default: .openai, later: ["azure", "anthropic", "gemini"]),
            origin: ProviderOrigin(isSecure: true, host: "", port: 443, pathPrefix: "")
        )
        readPolicy(section, into: &provider)
        readConnection(section, into: &provider)
        let origin = section.required("base_url", example: Self.exampleURL)?.read { text throws(Complaint) in
            try BaseURL(text, example: Self.exampleURL).origin
        }
        provider.origin = origin ?? provider.origin
        provider.apiKey = apiKey(section, provider.origin)
        return origin == nil ? nil : provider
    }

    /// The key that Steelyard sends instead of Steelyard keys, bound to the provider's origin.
    private func apiKey(_ section: Section, _ origin: ProviderOrigin) -> ProviderKey? {
        guard let value = section["api_key"] else { return nil }
        if value.isWord("none") { return .unneeded }
        let secret = value.read { text throws(Complaint) in
            try SecretReference(text, example: "env:OPENAI_API_KEY").fetch(from: files)
        }
        return secret.map { .bound(BoundSecret($0, to: origin)) }
    }

    /// Reads how to treat its requests.
    private func readPolicy(_ section: Section, into provider: inout ProviderSettings) {
        provider.mount = section.read("mount", default: provider.mount) { text throws(Complaint) in
            try Mount(text).path
        }
        provider.injectsUsage = section.choice("inject_usage", default: UsageInjection.auto) == .auto
        let gone = section.section("on_client_gone", known: ["streamed", "plain"])
        provider.abandonedStream = gone.choice("streamed", default: provider.abandonedStream)
        provider.abandonedPlain = gone.choice("plain", default: provider.abandonedPlain)
    }

    /// Reads how to connect to it.
    private func readConnection(_ section: Section, into provider: inout ProviderSettings) {
        let timeouts = section.section("timeouts", known: ["connect", "first_byte", "between_bytes", "idle"])
        let standard = provider.timeouts
        provider.timeouts = ProviderTimeouts(
            connectSeconds: timeouts.seconds("connect", default: standard.connectSeconds),
            firstByteSeconds: timeouts.seconds("first_byte", default: standard.firstByteSeconds),
            betweenBytesSeconds: timeouts.seconds("between_bytes", default: standard.betweenBytesSeconds),
            idleSeconds: timeouts.seconds("idle", default: standard.idleSeconds)
        )
        provider.certificateAuthorityFile = section["ca_file"]?.read(files.requireCertificates)
        provider.outboundProxy = section["outbound_proxy"]?.read(OutboundProxy.read)
        provider.allowsLinkLocal = section.flag("allow_link_local", default: false)
    }
}

/// `inject_usage`: whether Steelyard adds a request for usage to streams that do not ask for it.
private enum UsageInjection: String, CaseIterable {
    case auto, never
}
