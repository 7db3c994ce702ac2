import ArgumentParser
import Glibc
import SteelyardLedger

/// `steelyard ledger`.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Check the ledger, or recover a damaged journal.",
        subcommands: [LedgerVerifyCommand.self, LedgerSalvageCommand.self]
    )
}

/// `steelyard ledger verify`.
struct LedgerVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that the ledger is consistent; works while a server runs.",
        discussion:
            "Exit status: 0 if the ledger is consistent, 65 if it is not, another sysexits code if it cannot be checked."
    )

    @OptionGroup var options: LedgerOptions

    func run() throws {
        let settings = try options.settings()
        let findings = try exitingOnLedgerError { () throws(LedgerError) in
            try LedgerReader(file: settings.file).verify { show("checking \($0.rawValue)…") }
        }
        show("")
        guard !findings.isEmpty else { return print("\(settings.file): ok") }
        for finding in findings { print("\(settings.file): \(finding.check.rawValue): \(finding.detail)") }
        throw ExitCode(EX_DATAERR)
    }

    /// Writes a progress line that the next one overwrites.
    private func show(_ text: String) {
        guard isatty(STDERR_FILENO) == 1 else { return }
        StandardError.write("\r\u{1B}[K\(text)")
    }
}

/// `steelyard ledger salvage`.
struct LedgerSalvageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Save what can be read of a damaged or incomplete journal, and repair the hourly totals.",
        discussion: """
            Use it when a server does not start because its journal is damaged or missing, and when `verify` finds a
            fault in the ledger. No server may be running. Damaged files are moved away.
            """
    )

    @OptionGroup var options: LedgerOptions

    func run() throws {
        var settings = try options.settings()
        settings.salvages = true
        let (ledger, opening) = try exitingOnLedgerError { [settings] () throws(LedgerError) in
            guard access(settings.file, F_OK) == 0 else { throw .missing(path: settings.file) }
            return try Ledger.open(settings, nowSeconds: Int64(time(nil)))
        }
        ledger.close(withinSeconds: 60)
        print("\(opening.replayedRecords) records read, \(opening.addedEntries) entries added")
        if opening.resummedHours > 0 {
            print("\(opening.resummedHours) hours: totals computed again from their entries")
        }
        for problem in opening.journalProblems { print("continued despite: \(problem)") }
        for file in opening.damagedSegments { print("moved away: \(file)") }
    }
}
