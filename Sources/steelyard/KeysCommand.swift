import ArgumentParser
import Glibc
import SteelyardConfiguration
import SteelyardCrypto
import SteelyardGateway
import SteelyardPolicy

/// `steelyard keys`.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke the keys of teams.",
        discussion:
            "proxy.yaml is the only truth about keys: these commands say what to write into it, and change nothing.",
        subcommands: [KeysCreateCommand.self, KeysListCommand.self, KeysRevokeCommand.self]
    )
}

/// `steelyard keys create`.
struct KeysCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a key: it is printed once, and the line for proxy.yaml beside it on standard error."
    )

    @Option(help: "The team the key is for.")
    var team: String

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    func run() throws {
        let file = try PlainConfiguration(path: config)
        guard let line = file.reading.line(ofTeam: team) else { throw unknownTeam(file.reading) }
        let taken = file.configuration.teams.flatMap(\.keys).compactMap { KeyID($0.id) }
        let key = try RandomKey.made(idsTaken: Set(taken))
        let entry = "- { id: \(key.id.text), sha256: \(key.digest.hex) }"
        StandardError.write(advice(entry, "\(config):\(line)", isFirst: !file.configuration.hasKeys(team)))
        if file.configuration.providers.allSatisfy({ $0.apiKey == nil }) {
            StandardError.write(
                "no provider has an api_key yet to send in its place: write one, or the line is refused\n"
            )
        }
        StandardOutput.write(String(decoding: key.revealed(), as: UTF8.self) + "\n")
    }

    /// Where the entry goes; a team's first one comes with its list.
    private func advice(_ entry: String, _ place: String, isFirst: Bool) -> String {
        guard isFirst else { return "add this line to keys of \(team), \(place), and reload:\n      \(entry)\n" }
        return "write this into \(team), \(place), in place of keys: [] if that is there, and reload:\n"
            + "    keys:\n      \(entry)\n"
    }

    private func unknownTeam(_ reading: Reading) -> ExitCode {
        let hint = reading.team(near: team).map { "did you mean \($0)?" } ?? "write teams: { \(team): {} } first"
        // A word from the command line, made fit for a terminal.
        let name = String(team.prefix(64)).debugDescription
        StandardError.write("steelyard: \(config) has no team \(name); \(hint)\n")
        return ExitCode(EX_DATAERR)
    }
}

/// `steelyard keys list`.
struct KeysListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of all teams: ids, ends and budgets."
    )

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    func run() throws {
        let teams = try PlainConfiguration(path: config).configuration.teams
        let listing = KeyListing(teams, nowSeconds: Int64(time(nil)), instantText: Self.utc)
        guard !listing.isEmpty else {
            return StandardError.write("no team has a key; steelyard keys create --team NAME makes one\n")
        }
        StandardOutput.write(listing.text)
    }

    /// RFC 3339 without a fraction.
    private static func utc(_ seconds: Int64) -> String {
        var (instant, parts) = (time_t(seconds), tm())
        gmtime_r(&instant, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// `steelyard keys revoke`.
struct KeysRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Say which entry of proxy.yaml to take out for a key to end."
    )

    @Argument(help: "The key's public id: the 8 characters behind sy_.")
    var id: String

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    func run() throws {
        guard let place = try PlainConfiguration(path: config).reading.place(ofKey: id) else {
            // Somebody may have pasted the key itself, which nothing may show.
            StandardError.write("steelyard: \(config) has no key of this id; `steelyard keys list` lists them\n")
            throw ExitCode(EX_DATAERR)
        }
        StandardOutput.write("\(config):\(place.line): take out the entry of \(id) (team \(place.team)), and reload\n")
        guard place.isLastOfTeam else { return }
        StandardError.write(
            "it is the last key of \(place.team): without one, any request may name that team and be charged to it\n"
        )
    }
}

extension Configuration {
    /// Whether a team has a Steelyard key.
    fileprivate func hasKeys(_ team: String) -> Bool { teams.contains { $0.name == team && !$0.keys.isEmpty } }
}
