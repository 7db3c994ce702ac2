import SteelyardPolicy

extension ConfigurationReader {
    private static let providerKeys = [
        "dialect", "base_url", "mount", "inject_usage", "on_client_gone", "timeouts", "ca_file", "outbound_proxy",
        "http2", "allow_link_local",
    ]

    private static let exampleURL = "https://api.openai.com/v1"

    /// `providers`, in the order of the file; those without a usable `base_url` are left out, and reported.
    func providers() -> [Provider] {
        let remedy = "write providers: { openai: { base_url: \(Self.exampleURL) } }"
        guard let value = root["providers"] else {
            if !root.has("providers") {
                findings.add("providers", line: nil, "is missing: there is nowhere to send requests", remedy: remedy)
            }
            return []
        }
        let entries = value.entries()
        if entries.isEmpty, findings.hasNothing(on: "providers") {
            findings.add("providers", line: value.line, "is empty: there is nowhere to send requests", remedy: remedy)
        }
        return entries.compactMap { provider(Value($0, in: "providers", findings: findings), name: $0.key) }
    }

    private func provider(_ value: Value, name: String) -> Provider? {
        do { _ = try Name(name) } catch { value.report(error) }
        let apiKey = Section.Unavailable(
            name: "api_key",
            remedy: "take api_key out; the client's own key passes through"
        )
        let section = Section(value, known: Self.providerKeys, unavailable: [apiKey])
        let dialect: Dialect? = section["dialect"]?.choice(later: ["azure", "anthropic", "gemini"])
        var provider = Provider(
            name: name,
            dialect: dialect ?? .openai,
            origin: ProviderOrigin(isSecure: true, host: "", port: 443, pathPrefix: "")
        )
        readPolicy(section, into: &provider)
        readConnection(section, into: &provider)
        guard
            let origin = section.required("base_url", example: Self.exampleURL)?.read({ text throws(Complaint) in
                try BaseURL(text, example: Self.exampleURL).origin
            })
        else { return nil }
        provider.origin = origin
        return provider
    }

    /// What is done with its requests.
    private func readPolicy(_ section: Section, into provider: inout Provider) {
        if let mount = section["mount"]?.read({ text throws(Complaint) in try Mount(text).path }) {
            provider.mount = mount
        }
        if let injection: UsageInjection = section["inject_usage"]?.choice() {
            provider.injectsUsage = injection == .auto
        }
        let gone = section.section("on_client_gone", known: ["streamed", "plain"])
        provider.abandonedStream = gone["streamed"]?.choice() ?? provider.abandonedStream
        provider.abandonedPlain = gone["plain"]?.choice() ?? provider.abandonedPlain
    }

    /// How it is reached.
    private func readConnection(_ section: Section, into provider: inout Provider) {
        let timeouts = section.section("timeouts", known: ["connect", "first_byte", "between_bytes"])
        let range = 1...86_400_000
        let standard = provider.timeouts
        provider.timeouts = ProviderTimeouts(
            connectSeconds: timeouts["connect"]?.seconds(in: range) ?? standard.connectSeconds,
            firstByteSeconds: timeouts["first_byte"]?.seconds(in: range) ?? standard.firstByteSeconds,
            betweenBytesSeconds: timeouts["between_bytes"]?.seconds(in: range) ?? standard.betweenBytesSeconds
        )
        provider.certificateAuthorityFile = section["ca_file"]?.read(files.requireCertificates)
        provider.outboundProxy = section["outbound_proxy"]?.read(OutboundProxy.read)
        provider.allowsHTTP2 = section["http2"]?.flag() ?? provider.allowsHTTP2
        provider.allowsLinkLocal = section["allow_link_local"]?.flag() ?? provider.allowsLinkLocal
    }
}

/// `inject_usage`: whether streams that do not ask for usage are made to ask.
private enum UsageInjection: String, CaseIterable {
    case auto, never
}
