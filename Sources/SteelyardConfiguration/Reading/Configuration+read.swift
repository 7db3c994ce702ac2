extension Configuration {
    /// Reads the bytes of a configuration file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file, up to 1 MiB of UTF-8.
    ///   - file: Its name, for messages; relative paths inside it start at its folder.
    ///   - surroundings: Where secrets and the files it names are looked up.
    /// - Returns: The configuration when it can be served, and everything that was found, in the order of the lines.
    public static func read(_ bytes: [UInt8], file: String, surroundings: Surroundings) -> Reading {
        let findings = Findings(file: file)
        do {
            let root = try YAMLParser.parse(YAMLText.decode(bytes), findings: findings)
            let reader = ConfigurationReader(root, file: file, surroundings: surroundings, findings: findings)
            return Reading(reader.configuration(), problems: findings.problems)
        } catch {
            findings.add("", line: error.line, error.message, remedy: error.remedy)
            return Reading(problems: findings.problems)
        }
    }

    /// The same configuration with its data listener elsewhere, as `--listen` and `STEELYARD_LISTEN` ask for.
    ///
    /// Admin paths that share the data listener move with it.
    ///
    /// - Parameters:
    ///   - text: The address, `host:port`.
    ///   - source: Who says so, for messages: `--listen` or `STEELYARD_LISTEN`.
    public func listening(on text: String, saidBy source: String) -> Reading {
        let findings = Findings(file: source)
        var moved = self
        do {
            let address = try ListenAddress(parsing: text)
            moved.server.listen = address
            if adminSharesDataListener { moved.admin.listen = address }
            ConsistencyCheck(moved, lines: KeyLines(nil), findings: findings).run()
        } catch {
            let remedy =
                switch error.remedy {
                case .write(let value): "write \(value)"
                case .act(let words): words
                }
            findings.add("", line: nil, error.message, remedy: remedy)
        }
        return Reading(moved, problems: findings.problems)
    }
}
