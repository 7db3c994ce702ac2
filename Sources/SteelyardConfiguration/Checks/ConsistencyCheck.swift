import SteelyardPolicy

/// Checks that involve more than one value. If a value was already reported, its default is not reported again.
struct ConsistencyCheck {
    let configuration: Configuration
    private let lines: KeyLines
    private let findings: Findings
    /// Teams without problems so far; only for them, the indices of lists match the file.
    let soundTeams: [Team]
    /// Everything that has budgets, as far as it could be read.
    let budgetOwners: [BudgetOwner]

    /// Where the address of the data listener was overridden; nil if it was not.
    private let listenSource: String?

    init(_ configuration: Configuration, lines: KeyLines, findings: Findings, listenSource: String? = nil) {
        self.listenSource = listenSource
        self.configuration = configuration
        self.lines = lines
        self.findings = findings
        soundTeams = configuration.teams.filter { !findings.hasError(below: "teams.\($0.name)") }
        let isSound = !findings.hasError(below: "organization")
        let organization = isSound ? configuration.organization : OrganizationSettings()
        budgetOwners = BudgetOwner.all(organization, soundTeams)
    }

    /// Reports all inconsistencies.
    func run() {
        checkAddresses()
        checkToken()
        checkLimits()
        checkMounts()
        for provider in configuration.providers { checkUpstream(provider) }
        checkTeams()
        checkModels()
        checkBudgets()
    }

    private func checkAddresses() {
        let data = configuration.server.listen
        let admin = configuration.admin.listen
        guard data.collides(with: admin), isAsWritten("server.listen", "admin.listen") else { return }
        let free = ListenAddress(host: "127.0.0.1", port: admin.port == .max ? 9090 : admin.port + 1)
        report(
            "admin.listen",
            "\(admin) conflicts with server.listen \(data)\(sourceNote): both need the same port",
            remedy: "write listen: \(free), or listen: \(data) to share the address"
        )
    }

    /// Where the address of the data listener was overridden, to follow the address in a message.
    var sourceNote: String { listenSource.map { " (from \($0))" } ?? "" }

    private func checkToken() {
        let admin = configuration.admin
        guard !admin.listen.isLoopback, isAsWritten("admin.token", "admin.listen", "server.listen") else { return }
        if admin.token == nil {
            report(
                "admin.token",
                line: lines["admin"] ?? lines["server.listen"],
                "is required: \(admin.listen)\(sourceNote) can be reached from other machines",
                remedy: "write admin: { token: env:STEELYARD_ADMIN_TOKEN }, or admin: { listen: 127.0.0.1:9090 }"
            )
        } else if configuration.adminSharesDataListener {
            report(
                "admin.listen",
                severity: .warning,
                "applications can reach the admin paths: \(admin.listen) is also the address of server.listen",
                remedy: "give admin its own address, such as listen: 127.0.0.1:9090"
            )
        }
    }

    private func checkLimits() {
        let limits = configuration.server.limits
        let key = "server.limits.gather_bytes"
        guard limits.gatherBytes < limits.bodyBytes, isAsWritten(key, "server.limits.body_bytes") else { return }
        let body = Quantity.Scale.bytes.text(limits.bodyBytes)
        let gathered = Quantity.Scale.bytes.text(limits.gatherBytes)
        report(
            key,
            "must be at least as large as body_bytes (\(body)), got \(gathered)",
            remedy: "write gather_bytes: \(body) or more"
        )
    }

    private func checkUpstream(_ provider: ProviderSettings) {
        let key = "providers.\(provider.name)"
        let host = provider.origin.host
        let address = InternetAddress(host)
        if address?.isLinkLocal == true, !provider.allowsLinkLocal, isAsWritten("\(key).allow_link_local") {
            report(
                "\(key).base_url",
                "\(host) is a link-local address, where cloud platforms serve their credentials",
                remedy: "write allow_link_local: true if this provider really is at that address"
            )
        }
        guard !provider.origin.isSecure else { return }
        if !(address?.isLoopback ?? InternetAddress.isLoopbackName(host)) {
            report(
                "\(key).base_url",
                severity: .warning,
                "keys and prompts travel unencrypted to \(host)",
                remedy: "write https:// if the provider supports it"
            )
        }
        warnOfUnused(provider, key: key)
    }

    /// A TLS setting that has no effect with an http URL: settings without effect are reported.
    private func warnOfUnused(_ provider: ProviderSettings, key: String) {
        guard provider.certificateAuthorityFile != nil else { return }
        report(
            "\(key).ca_file",
            severity: .warning,
            "has no effect: base_url is plain http",
            remedy: "remove ca_file, or write https://"
        )
    }

    /// Whether these keys have the values from the file, because no problem was found with them.
    func isAsWritten(_ keys: String...) -> Bool { keys.allSatisfy { findings.hasNothing(on: $0) } }

    /// Whether a key is in the file.
    func isWritten(_ key: String) -> Bool { lines.has(key) }

    /// The line of a key, or of the section around it.
    func line(of key: String) -> Int? { lines[key] }

    /// Reports a problem of a key, by default on the key's own line.
    func report(_ key: String, line: Int? = nil, severity: Severity = .error, _ message: String, remedy: String) {
        findings.add(key, line: line ?? lines[key], severity: severity, message, remedy: remedy)
    }
}
