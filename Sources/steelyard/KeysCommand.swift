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
        abstract: "Create, list and revoke team keys.",
        discussion:
            "Keys are defined in proxy.yaml only. These commands print what to change there; they change nothing themselves.",
        subcommands: [KeysCreateCommand.self, KeysListCommand.self, KeysRevokeCommand.self]
    )
}

/// `steelyard keys create`.
struct KeysCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract:
            "Create a key. It is printed once, on standard output; the line for proxy.yaml goes to standard error."
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
                "no provider has an api_key yet, which Steelyard sends instead of this key: add one, or the line is refused\n"
            )
        }
        StandardOutput.write(String(decoding: key.revealed(), as: UTF8.self) + "\n")
    }

    /// Says where the entry goes. The first key of a team also needs its list.
    private func advice(_ entry: String, _ place: String, isFirst: Bool) -> String {
        guard isFirst else { return "add this line to keys of team \(team) (\(place)), then reload:\n      \(entry)\n" }
        return "write this into team \(team) (\(place)), replacing keys: [] if present, then reload:\n"
            + "    keys:\n      \(entry)\n"
    }

    private func unknownTeam(_ reading: Reading) -> ExitCode {
        let hint = reading.team(near: team).map { "did you mean \($0)?" } ?? "add teams: { \(team): {} } first"
        // A word from the command line, escaped for a terminal.
        let name = String(team.prefix(64)).debugDescription
        StandardError.write("steelyard: \(config) has no team \(name); \(hint)\n")
        return ExitCode(EX_DATAERR)
    }
}

/// `steelyard keys list`.
struct KeysListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the keys of all teams: ids, expiry dates and budgets."
    )

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    func run() throws {
        let teams = try PlainConfiguration(path: config).configuration.teams
        let listing = KeyListing(teams, nowSeconds: Int64(time(nil)), instantText: Self.utc)
        guard !listing.isEmpty else {
            return StandardError.write("no team has a key; create one with: steelyard keys create --team NAME\n")
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
        abstract: "Print which entry to remove from proxy.yaml to revoke a key."
    )

    @Argument(help: "The key's public id: the 8 characters after sy_.")
    var id: String

    @Option(help: "The configuration file.")
    var config = "proxy.yaml"

    func run() throws {
        guard let place = try PlainConfiguration(path: config).reading.place(ofKey: id) else {
            // The user may have pasted the key itself, so the message does not show it.
            StandardError.write("steelyard: \(config) has no key with this id; `steelyard keys list` shows all ids\n")
            throw ExitCode(EX_DATAERR)
        }
        StandardOutput.write("\(config):\(place.line): remove the entry of \(id) (team \(place.team)), then reload\n")
        guard place.isLastOfTeam else { return }
        StandardError.write(
            "it is the last key of \(place.team): without keys, any request can name this team and be charged to it\n"
        )
    }
}

extension Configuration {
    /// Whether a team has a Steelyard key.
    fileprivate func hasKeys(_ team: String) -> Bool { teams.contains { $0.name == team && !$0.keys.isEmpty } }
}
