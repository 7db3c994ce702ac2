import ArgumentParser
import Glibc
import SteelyardConfiguration
import SteelyardGateway
import SteelyardLedger
import SteelyardPolicy

/// `--ledger` and `--config`: which ledger a command reads.
struct LedgerOptions: ParsableArguments {
    @Option(help: "The ledger file; default: the one that the configuration names.")
    var ledger: String?

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    /// The configuration, if something needs it.
    func configuration() throws -> Configuration { try PlainConfiguration(path: config).configuration }

    /// Where the ledger is.
    func settings() throws -> LedgerSettings {
        if let ledger { return LedgerSettings(file: ledger) }
        guard let section = try configuration().ledger else {
            let reason =
                "\(config) says ledger: off, so nothing was recorded; to read another ledger, use --ledger FILE"
            StandardError.write("steelyard: \(reason)\n")
            throw ExitCode(EX_CONFIG)
        }
        return LedgerSettings(section)
    }
}

/// Runs a part of a command that reads or repairs a ledger. An error ends the command with a message and the exit
/// status from `sysexits.h`.
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
        abstract: "Show what was spent: by whom, on what, and how certain the amounts are.",
        discussion: """
            Reads the ledger; works while a server runs. The report contains everything that was settled before the command \
            started; if something is missing, a line on standard error says so. Days and hours are in UTC. In csv and json, \
            money is exact decimal text.
            """
    )

    @OptionGroup var options: LedgerOptions

    @Option(
        help: """
            What to group by, separated by commas: \
            \(UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")); default: team,model.
            """,
        transform: UsageArguments.dimensions
    )
    var by: [UsageDimension] = [.team, .model]

    @Option(
        help:
            "When the report starts: an age such as 7d or 12h, a date, or a date and time (2026-11-01T06:00Z); default: 30d.",
        transform: UsageArguments.moment
    )
    var since: ReportMoment = .age(seconds: 30 * 86_400)

    @Option(help: "When the report ends, in the same forms; default: now.", transform: UsageArguments.moment)
    var until: ReportMoment = .age(seconds: 0)

    @Option(help: "table, csv or json; default: table.", transform: UsageArguments.format)
    var format: ReportTable.Format = .table

    @Flag(help: "Show what the same traffic would cost with today's price book; changes nothing.")
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

    /// Waits until a running server has entered everything that is settled. Returns a sentence about what the report
    /// lacks. If the journal cannot be read completely, the command still shows the report.
    private func waitForServer(_ settings: LedgerSettings) throws -> String? {
        guard LedgerReader.isKept(settings) else { return nil }
        let reader = try exitingOnLedgerError { () throws(LedgerError) in try LedgerReader(file: settings.file) }
        do throws(LedgerError) {
            let missing = try reader.caughtUp(with: settings, withinSeconds: Self.serverSeconds)
            guard missing > 0 else { return nil }
            return
                "the report lacks \(missing) settlements: they are still in the journal, because the server cannot write "
                + "its ledger; its log and /readyz say why"
        } catch {
            return "the report may lack the latest charges, because the journal cannot be read: \(error)"
        }
    }

    /// A healthy server enters settled charges within about 200 ms.
    private static let serverSeconds = 2.0

    private var bounds: WindowBounds {
        let now = Int64(time(nil))
        // Charges opened within this second belong to the report.
        return WindowBounds(startSeconds: since.seconds(now: now), endSeconds: until.seconds(now: now + 1))
    }

    private func reported(_ query: UsageQuery, _ settings: LedgerSettings) throws -> ReportTable {
        try exitingOnLedgerError { () throws(LedgerError) in
            try LedgerReader(file: settings.file).report(query).table
        }
    }

    /// Uses the price book and regions of the configuration, if there is one.
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

    /// While no server runs, nothing moves the journal's records into the ledger.
    private func warnOfJournal(_ settings: LedgerSettings) throws {
        let backlog = try exitingOnLedgerError { () throws(LedgerError) in try JournalBacklog(settings) }
        if let damage = backlog.damage {
            return StandardError.write("steelyard: the report lacks the charges in the journal: \(damage)\n")
        }
        guard backlog.records > 0, !backlog.isKept else { return }
        StandardError.write(
            "steelyard: the report lacks \(backlog.records) records that are still in the journal; the next start adds them\n"
        )
    }
}

/// Parses the arguments of `steelyard usage`.
enum UsageArguments {
    static func dimensions(_ text: String) throws -> [UsageDimension] {
        try text.split(separator: ",").map { word in
            guard let dimension = UsageDimension(rawValue: String(word)) else {
                let known = UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("cannot group by \(word); use \(known)")
            }
            return dimension
        }
    }

    static func format(_ text: String) throws -> ReportTable.Format {
        guard let format = ReportTable.Format(rawValue: text) else {
            throw ValidationError("unknown format \(text); use table, csv or json")
        }
        return format
    }

    static func moment(_ text: String) throws -> ReportMoment {
        guard let moment = ReportMoment(text) else {
            throw ValidationError("\(text) is neither an age such as 7d nor a date such as 2026-11-01")
        }
        return moment
    }
}
