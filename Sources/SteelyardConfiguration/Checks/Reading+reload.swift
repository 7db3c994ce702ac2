extension Reading {
    /// The keys that a running gateway can change: the rules for requests. Everything else is built once per process.
    public static let reloadableKeys = [
        "providers", "organization", "teams", "default_team", "prices", "server.limits.body_bytes",
        "server.cors",
    ]

    /// This reading as the successor of the active configuration: reports an error for every change that needs a
    /// restart. A reload is all or nothing, so that nothing in the file is silently ignored.
    ///
    /// - Parameters:
    ///   - running: The active configuration, including listener overrides.
    ///   - reloadable: The keys that can change; each includes the keys below it.
    public func succeeding(_ running: Configuration, reloadable: [String] = reloadableKeys) -> Reading {
        guard let configuration else { return self }
        let findings = Findings(file: file)
        for problem in problems { findings.add(problem) }
        // A shared address is reported once, where it is written.
        let isShared = running.adminSharesDataListener && configuration.adminSharesDataListener
        let taken = isShared ? reloadable + ["admin.listen"] : reloadable
        for change in running.changes(to: configuration) where !taken.contains(where: { change.isOf($0) }) {
            findings.add(
                change.key,
                line: lines[change.key],
                "cannot change from \(change.old ?? "nothing") to \(change.new ?? "nothing") while Steelyard runs",
                remedy: "restart Steelyard, or undo this change"
            )
        }
        return Reading(configuration, lines: lines, findings: findings)
    }
}

extension ConfigurationChange {
    /// Whether it changes this key or one below it.
    fileprivate func isOf(_ section: String) -> Bool { key == section || key.hasPrefix(section + ".") }
}
