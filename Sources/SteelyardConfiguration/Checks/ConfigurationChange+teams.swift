import SteelyardPolicy

extension Team {
    /// Every key of a team with its value as text; of a digest, only the start.
    var settings: [String: String] {
        var settings = [
            "reserve": reserve.rawValue, "outgrown_hold": outgrownHold.rawValue, "unmetered": unmetered.rawValue,
            "unpriced": unpriced.rawValue, "keys": keys.map(\.text).joined(separator: ", "),
            "provider_keys": providerKeys.map(\.fingerprint).joined(separator: ", "), "budgets": budgets.text,
            "models.allow": allowedModels.map(\.text).joined(separator: ", "),
            "models.deny": deniedModels.map(\.text).joined(separator: ", "),
        ]
        settings["limits.requests_per_minute"] = limits.requestsPerMinute.map { "\($0)" }
        settings["limits.tokens_per_minute"] = limits.tokensPerMinute.map { "\($0)" }
        settings["limits.concurrent_requests"] = limits.concurrentRequests.map { "\($0)" }
        return Dictionary(uniqueKeysWithValues: settings.map { ("teams.\(name).\($0)", $1) })
    }
}

extension TeamKey {
    fileprivate var text: String {
        let expiry = expiresAtSeconds.map { " until \($0)" } ?? ""
        return "\(id) \(digest.fingerprint)\(expiry)\(budgets.isEmpty ? "" : " (\(budgets.text))")"
    }
}

extension KeyDigest {
    /// The first half, which is enough to distinguish any two keys.
    fileprivate var fingerprint: String { "sha256:\(hex.prefix(32))…" }
}

extension [BudgetRule] {
    /// All rules, in the order of the file.
    var text: String { map(\.text).joined(separator: "; ") }
}

extension BudgetRule {
    /// The rule in words: `500 USD a month from day 5 (Europe/Paris), warn at 0.7`.
    var text: String {
        var words = "\(limit.usdText) USD a \(period.rawValue)"
        if startsOn != 1 { words += " from day \(startsOn)" }
        if timeZone != "UTC" { words += " (\(timeZone))" }
        if !models.isEmpty { words += " of \(models.map(\.text).joined(separator: ", "))" }
        if !warnAtPermille.isEmpty { words += ", warn at " + warnAtPermille.map(Permille.text).joined(separator: ", ") }
        return whenSpent == .warn ? words + ", never blocks" : words
    }
}

extension LedgerConfiguration {
    /// Every key of the section with its value as text.
    var settings: [String: String] {
        [
            "ledger": "on", "ledger.file": file, "ledger.durability": durability.rawValue,
            "ledger.keep": Quantity.Scale.milliseconds.text(Int(keepSeconds) * 1_000),
            "ledger.on_failure": onFailure.rawValue,
        ]
    }
}
