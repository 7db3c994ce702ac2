import SteelyardPolicy

/// Checks that concern more than one value. A value that has been reported already is not reported again for what
/// its default would have meant.
struct ConsistencyCheck {
    /// What the admin surface answers; no mount may hide it on a shared address.
    static let adminPaths = ["/metrics", "/healthz", "/readyz", "/admin", "/console"]
    /// The prefix by which a request names its team (`/team/NAME/v1/…`); no mount may hide it anywhere.
    static let teamPrefix = "/team"

    let configuration: Configuration
    let lines: KeyLines
    let findings: Findings

    init(_ configuration: Configuration, lines: KeyLines, findings: Findings) {
        self.configuration = configuration
        self.lines = lines
        self.findings = findings
    }

    /// Reports everything that does not fit together.
    func run() {
        checkAddresses()
        checkToken()
        checkLimits()
        checkMounts()
        for provider in configuration.providers { checkUpstream(provider) }
    }

    private func checkAddresses() {
        let data = configuration.server.listen
        let admin = configuration.admin.listen
        guard data.collides(with: admin), findings.hasNothing(on: "server.listen", "admin.listen") else { return }
        let free = ListenAddress(host: "127.0.0.1", port: admin.port == .max ? 9090 : admin.port + 1)
        report(
            "admin.listen",
            "\(admin) cannot be opened beside server.listen \(data): one holds the other's port",
            remedy: "write listen: \(free), or listen: \(data) to share the address"
        )
    }

    private func checkToken() {
        let admin = configuration.admin
        guard !admin.listen.isLoopback, findings.hasNothing(on: "admin.token", "admin.listen", "server.listen") else {
            return
        }
        guard admin.token != nil else {
            return report(
                "admin.token",
                "is required: \(admin.listen) can be reached from other machines",
                remedy: "write token: env:STEELYARD_ADMIN_TOKEN, or listen: 127.0.0.1:9090 for admin"
            )
        }
        guard configuration.adminSharesDataListener else { return }
        report(
            "admin.listen",
            severity: .warning,
            "applications can reach the admin paths: \(admin.listen) is the address of server.listen too",
            remedy: "give admin an address of its own, such as listen: 127.0.0.1:9090"
        )
    }

    private func checkLimits() {
        let limits = configuration.server.limits
        let keys = ("server.limits.gather_bytes", "server.limits.body_bytes")
        guard limits.gatherBytes < limits.bodyBytes, findings.hasNothing(on: keys.0, keys.1) else { return }
        let body = Quantity.Scale.bytes.text(limits.bodyBytes)
        report(
            keys.0,
            "must hold at least one body (body_bytes is \(body)), got "
                + Quantity.Scale.bytes.text(limits.gatherBytes),
            remedy: "write gather_bytes: \(body) or more"
        )
    }

    private func checkMounts() {
        let providers = configuration.providers.filter { findings.hasNothing(on: mountKey($0)) }
        for (position, provider) in providers.enumerated() {
            checkReserved(provider)
            for earlier in providers[..<position] where Mount.overlap(provider.mount, earlier.mount) {
                let line = lines[mountKey(earlier)].map { " on line \($0)" } ?? ""
                report(
                    mountKey(provider),
                    "\(provider.mount) overlaps \(earlier.mount) of \(earlier.name)\(line)",
                    remedy: "write mount: /\(provider.name)/v1"
                )
            }
        }
    }

    private func checkReserved(_ provider: Provider) {
        let adminPaths = configuration.adminSharesDataListener ? Self.adminPaths : []
        guard let path = (adminPaths + [Self.teamPrefix]).first(where: { Mount.overlap(provider.mount, $0) }) else {
            return
        }
        report(
            mountKey(provider),
            "\(provider.mount) overlaps \(path), which Steelyard answers itself",
            remedy: "write mount: /\(provider.name)/v1"
        )
    }

    private func checkUpstream(_ provider: Provider) {
        let key = "providers.\(provider.name)"
        let address = InternetAddress(provider.origin.host)
        if address?.isLinkLocal == true, !provider.allowsLinkLocal, findings.hasNothing(on: "\(key).allow_link_local") {
            report(
                "\(key).base_url",
                "\(provider.origin.host) is link-local, where clouds hand out their credentials",
                remedy: "write allow_link_local: true if this provider really is there"
            )
        }
        guard !provider.origin.isSecure else { return }
        if !(address?.isLoopback ?? InternetAddress.isLoopbackName(provider.origin.host)) {
            report(
                "\(key).base_url",
                severity: .warning,
                "keys and prompts travel in the clear to \(provider.origin.host)",
                remedy: "write https:// if the provider speaks it"
            )
        }
        warnOfUnused(provider, key: key)
    }

    /// Settings of TLS that an http URL makes void: a rule that never matches is reported, not carried along.
    private func warnOfUnused(_ provider: Provider, key: String) {
        let unused = [("ca_file", provider.certificateAuthorityFile != nil), ("http2", provider.allowsHTTP2)]
        for (name, isSet) in unused where isSet {
            report(
                "\(key).\(name)",
                severity: .warning,
                "has no effect: base_url is plain http",
                remedy: "take \(name) out, or write https://"
            )
        }
    }

    private func mountKey(_ provider: Provider) -> String { "providers.\(provider.name).mount" }

    private func report(_ key: String, severity: Severity = .error, _ message: String, remedy: String) {
        findings.add(key, line: lines[key], severity: severity, message, remedy: remedy)
    }
}
