import SteelyardPolicy

/// Reads the sections of one file. A value that cannot be read gets its default, so that reading continues and finds
/// all problems at once; the result is used only if there was no problem.
struct ConfigurationReader {
    private static let sections = [
        "server", "admin", "providers", "organization", "teams", "default_team", "prices", "ledger", "metrics",
        "logging",
    ]

    private static let unavailable: [Section.Unavailable] = [
        .init(name: "tracing", remedy: "remove tracing")
    ]

    let findings: Findings
    let root: Section
    let files: Files
    let lines: KeyLines

    /// Starts with the root of a file; nil means an empty file.
    init(_ node: YAMLNode?, lines: KeyLines, files: Files, findings: Findings) {
        self.findings = findings
        self.files = files
        self.lines = lines
        if let node, !node.isEmpty {
            let value = Value(root: node, findings: findings)
            root = Section(value, known: Self.sections, unavailable: Self.unavailable)
        } else {
            root = Section(missing: "", findings: findings)
        }
    }

    /// The configuration, read section by section; it is valid only if no problem was found.
    func configuration() -> Configuration {
        let server = server()
        return Configuration(
            server: server,
            admin: admin(sharing: server.listen),
            providers: providers(),
            organization: organization(),
            teams: teams(),
            defaultTeam: defaultTeam(),
            prices: prices(),
            ledger: ledger(),
            metrics: metrics(),
            logging: logging()
        )
    }

    private func admin(sharing data: ListenAddress) -> AdminSettings {
        let section = root.section("admin", known: ["listen", "token"])
        let token = section["token"]?.read { text throws(Complaint) in
            try SecretReference(text, example: "env:STEELYARD_ADMIN_TOKEN").fetch(from: files)
        }
        return AdminSettings(
            listen: section.read("listen", default: data, ListenAddress.init(parsing:)),
            token: token
        )
    }

    private func defaultTeam() -> String? {
        root.read("default_team", default: "unassigned") { text throws(Complaint) in
            text == Self.rejectWord ? nil : try Name(text).text
        }
    }

    private func prices() -> PriceSettings {
        let section = root.section("prices", known: ["file", "unpriced"])
        var settings = PriceSettings(
            unpriced: section.choice("unpriced", default: .allow)
        )
        guard let (path, bytes) = section["file"]?.read(files.named) else { return settings }
        settings.file = path
        settings.models = PriceFile.read(bytes, findings: findings.of(path))
        settings.version = PriceFile.version(of: bytes)
        return settings
    }

    private func metrics() -> MetricsSettings {
        let section = root.section("metrics", known: ["max_series", "tools"])
        let standard = MetricsSettings()
        return MetricsSettings(
            maximumSeries: section.wholeNumber("max_series", in: 1_000...1_000_000, default: standard.maximumSeries),
            countsTools: section.flag("tools", default: standard.countsTools)
        )
    }

    private func logging() -> LoggingSettings {
        let section = root.section("logging", known: ["level", "format", "access"])
        let standard = LoggingSettings()
        return LoggingSettings(
            level: section.choice("level", default: standard.level),
            format: section.choice("format", default: standard.format),
            writesAccessLines: section.flag("access", default: standard.writesAccessLines)
        )
    }
}
