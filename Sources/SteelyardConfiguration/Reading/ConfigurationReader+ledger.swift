extension ConfigurationReader {
    /// `ledger`; nil when it is `off`.
    func ledger() -> LedgerConfiguration? {
        if let word = root.word("ledger") {
            guard word.isWord("off") else {
                reportNoSection(word)
                return LedgerConfiguration()
            }
            return nil
        }
        let section = root.section("ledger", known: ["file", "keep", "durability", "on_failure"])
        let standard = LedgerConfiguration()
        let usual = Int(standard.keepSeconds) * 1_000
        return LedgerConfiguration(
            file: section.read("file", default: standard.file, ledgerFile),
            keepSeconds: section.read("keep", default: standard.keepSeconds) { text throws(Complaint) in
                // A day, and a hundred years.
                let range = 86_400_000...3_153_600_000_000
                return Int64(try Quantity(text, .milliseconds, in: range, usual: usual).amount / 1_000)
            },
            durability: section.choice("durability", default: standard.durability),
            onFailure: section.choice("on_failure", default: standard.onFailure)
        )
    }

    private func reportNoSection(_ value: Value) {
        let standard = LedgerConfiguration().file
        value.report(
            Complaint(
                message: "must be a section, or off",
                remedy: .act("write ledger: { file: \(standard) }, or ledger: off")
            )
        )
    }

    /// A file that Steelyard makes. Unlike the path of a file that it reads, a relative path starts at the working
    /// directory.
    private func ledgerFile(_ text: String) throws(Complaint) -> String {
        // For SQLite these are not files, and a database in memory keeps nothing (https://sqlite.org/inmemorydb.html).
        guard !text.hasPrefix(":"), !text.lowercased().hasPrefix("file:"), !text.isEmpty else {
            throw .expected("the path of a file", got: text, write: LedgerConfiguration().file)
        }
        guard !text.hasSuffix("/"), !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .expected("the path of a file", got: text, write: LedgerConfiguration().file)
        }
        return text
    }
}
