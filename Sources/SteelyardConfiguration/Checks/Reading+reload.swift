extension Reading {
    /// What is built once per process: sockets, and the families and the bound of `/metrics`.
    private static let fixedKeys: Set<String> = [
        "server.listen", "admin.listen", "metrics.max_series", "metrics.tools",
    ]

    /// This reading as a successor of the configuration that is being served: an error for every change that only a
    /// restart can bring about. A reload is all or nothing, or a new token might guard an old address.
    public func succeeding(_ running: Configuration) -> Reading {
        guard let configuration else { return self }
        let findings = Findings(file: file)
        for problem in problems { findings.add(problem) }
        // A shared address is reported once, where it is written.
        let isShared = running.adminSharesDataListener && configuration.adminSharesDataListener
        let fixedKeys = isShared ? Self.fixedKeys.subtracting(["admin.listen"]) : Self.fixedKeys
        for change in running.changes(to: configuration) where fixedKeys.contains(change.key) {
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
