import ArgumentParser
import Glibc
import SteelyardConfiguration
import SteelyardGateway
import SteelyardLedger
import SteelyardPolicy

/// `--ledger` and `--config`: which ledger a command reads.
struct LedgerOptions: ParsableArguments {
    @Option(help: "The ledger's file; without it, the one that the configuration names.")
    var ledger: String?

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    /// The configuration, when it is needed for something.
    func configuration() throws -> Configuration { try PlainConfiguration(path: config).configuration }

    /// Where the ledger is.
    func settings() throws -> LedgerSettings {
        if let ledger { return LedgerSettings(file: ledger) }
        guard let section = try configuration().ledger else {
            let reason = "\(config) says ledger: off, so nothing is on record; --ledger names a file"
            StandardError.write("steelyard: \(reason)\n")
            throw ExitCode(EX_CONFIG)
        }
        return LedgerSettings(section)
    }
}

/// Runs a part of a command that reads or mends a ledger: an error ends it with a sentence and the status that
/// `sysexits.h` has for it.
func exitingOnLedgerError<Result>(_ body: () throws(LedgerError) -> Result) throws -> Result {
    do throws(LedgerError) { return try body() } catch {
        StandardError.write("steelyard: \(error)\n")
        throw ExitCode(error.exitStatus)
    }
}

/// `steelyard usage`.
struct UsageCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what was spent: by whom, on what, and how sure that is.",
        discussion: """
            Reads the ledger, also while a server keeps it: what was settled before the command began is in the report, \
            or a line on standard error says that some is not. Days and hours are those of UTC. With csv and json, money is exact decimal text.
            """
    )

    @OptionGroup var options: LedgerOptions

    @Option(
        help: """
            What a line stands for, separated by commas: \
            \(UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")); team,model if left out.
            """,
        transform: UsageArguments.dimensions
    )
    var by: [UsageDimension] = [.team, .model]

    @Option(
        help:
            "The first moment: an age such as 7d or 12h, a date, or a date and time (2026-11-01T06:00Z); 30d if left out.",
        transform: UsageArguments.moment
    )
    var since: ReportMoment = .age(seconds: 30 * 86_400)

    @Option(help: "The moment at which it ends, in the same forms; now if left out.", transform: UsageArguments.moment)
    var until: ReportMoment = .age(seconds: 0)

    @Option(help: "table (if left out), csv or json.", transform: UsageArguments.format)
    var format: ReportTable.Format = .table

    @Flag(help: "Show what the same traffic would have cost with today's price book; nothing is changed.")
    var reprice = false

    func run() throws {
        let settings = try options.settings()
        let query = UsageQuery(by: by, within: bounds)
        let missing = try waitForServer(settings)
        let table = try reprice ? repriced(query, settings) : reported(query, settings)
        StandardOutput.write(table.text(format))
        missing.map { StandardError.write("steelyard: \($0)\n") }
        try warnOfJournal(settings)
    }

    /// Waits until a server that keeps the ledger has entered what is settled; gives what is missing in the report, in
    /// words. A journal that may not be read, or not be read to its end, is no reason to show nothing.
    private func waitForServer(_ settings: LedgerSettings) throws -> String? {
        guard LedgerReader.isKept(settings) else { return nil }
        let reader = try exitingOnLedgerError { () throws(LedgerError) in try LedgerReader(file: settings.file) }
        do throws(LedgerError) {
            let missing = try reader.caughtUp(with: settings, withinSeconds: Self.serverSeconds)
            guard missing > 0 else { return nil }
            return "\(missing) settlements are in the journal and not in the report: the server cannot enter them, and "
                + "its log and /readyz say why"
        } catch {
            return "the last moments may be missing in the report, for the journal cannot be read: \(error)"
        }
    }

    /// A server enters what is settled within some 200 ms when it is well.
    private static let serverSeconds = 2.0

    private var bounds: WindowBounds {
        let now = Int64(time(nil))
        // What was opened within this second belongs to now.
        return WindowBounds(startSeconds: since.seconds(now: now), endSeconds: until.seconds(now: now + 1))
    }

    private func reported(_ query: UsageQuery, _ settings: LedgerSettings) throws -> ReportTable {
        try exitingOnLedgerError { () throws(LedgerError) in
            try LedgerReader(file: settings.file).report(query).table
        }
    }

    /// The price book and the regions are those of the configuration, if there is one.
    private func repriced(_ query: UsageQuery, _ settings: LedgerSettings) throws -> ReportTable {
        let isConfigured = options.ledger == nil || access(options.config, R_OK) == 0
        let configuration = try isConfigured ? options.configuration() : nil
        let book = try configuration.map { try PriceBook.inForce($0.prices) } ?? PriceBook.builtIn()
        let hosts = Dictionary(uniqueKeysWithValues: configuration?.providers.map { ($0.name, $0.origin.host) } ?? [])
        return try exitingOnLedgerError { () throws(LedgerError) in
            try LedgerReader(file: settings.file)
                .reprice(query, with: book) { hosts[$0].flatMap(Region.init(openAIHost:)) }.table
        }
    }

    /// While no server runs, nobody takes the journal's records into the ledger.
    private func warnOfJournal(_ settings: LedgerSettings) throws {
        let backlog = try exitingOnLedgerError { () throws(LedgerError) in try JournalBacklog(settings) }
        if let damage = backlog.damage {
            return StandardError.write("steelyard: what the journal holds is not in the report: \(damage)\n")
        }
        guard backlog.records > 0, !backlog.isKept else { return }
        StandardError.write(
            "steelyard: \(backlog.records) records of the journal are not in the ledger yet; the next start enters them\n"
        )
    }
}

/// The forms of arguments of `steelyard usage`.
enum UsageArguments {
    static func dimensions(_ text: String) throws -> [UsageDimension] {
        try text.split(separator: ",").map { word in
            guard let dimension = UsageDimension(rawValue: String(word)) else {
                let known = UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("there is no \(word) to group by; there are \(known)")
            }
            return dimension
        }
    }

    static func format(_ text: String) throws -> ReportTable.Format {
        guard let format = ReportTable.Format(rawValue: text) else {
            throw ValidationError("there is no format \(text); there are table, csv and json")
        }
        return format
    }

    static func moment(_ text: String) throws -> ReportMoment {
        guard let moment = ReportMoment(text) else {
            throw ValidationError("\(text) is no age such as 7d, and no date such as 2026-11-01")
        }
        return moment
    }
}
