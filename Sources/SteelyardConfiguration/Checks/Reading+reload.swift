extension Reading {
    /// What a running gateway takes over from a new configuration: the rules that requests are decided by. All else is
    /// built once per process.
    public static let reloadableKeys = [
        "providers", "organization", "teams", "default_team", "prices", "server.limits.body_bytes",
    ]

    /// This reading as a successor of the configuration that is being served: an error for every change that only a
    /// restart can bring about. A reload is all or nothing, so that nothing in the file is silently without effect.
    ///
    /// - Parameters:
    ///   - running: What is being served, listener overrides included.
    ///   - reloadable: The keys that can change; each stands for all below it.
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
    /// Whether it concerns a key or one below it.
    fileprivate func isOf(_ section: String) -> Bool { key == section || key.hasPrefix(section + ".") }
}
