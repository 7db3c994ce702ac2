extension Configuration {
    /// Reads the bytes of a configuration file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file, up to 1 MiB of UTF-8.
    ///   - file: Its name, for messages; relative paths inside it start at its folder.
    ///   - surroundings: Where to look up secrets and the files that it names.
    /// - Returns: The configuration, if it is valid, and all problems, in the order of the lines.
    public static func read(_ bytes: [UInt8], file: String, surroundings: Surroundings) -> Reading {
        let findings = Findings(file: file)
        do {
            let root = try YAMLParser.parse(YAMLText.decode(bytes), findings: findings)
            let lines = KeyLines(root)
            let files = Files(beside: file, surroundings)
            let candidate = ConfigurationReader(root, lines: lines, files: files, findings: findings).configuration()
            ConsistencyCheck(candidate, lines: lines, findings: findings).run()
            return Reading(candidate, lines: lines, findings: findings)
        } catch {
            findings.add("", line: error.line, error.message, remedy: error.remedy)
            return Reading(nil, lines: KeyLines(nil), findings: findings)
        }
    }
}

extension Configuration {
    /// Reads a configuration file by its name; a missing file is reported like any other problem.
    public static func read(file: String, surroundings: Surroundings) -> Reading {
        do {
            let bytes = try Files(beside: "", surroundings).content(of: file)
            return read(bytes, file: file, surroundings: surroundings)
        } catch {
            let findings = Findings(file: file)
            findings.add("", line: nil, error.message, remedy: error.remedy.text(for: file))
            return Reading(nil, lines: KeyLines(nil), findings: findings)
        }
    }
}

extension Reading {
    /// The same with another address for the data listener, as `--listen` and `STEELYARD_LISTEN` set it. Admin paths
    /// that share the data listener move with it. The rules about addresses (a token, a free port) are checked again.
    ///
    /// - Parameters:
    ///   - text: The address, `host:port`.
    ///   - source: Where the address was set, for messages: `--listen` or `STEELYARD_LISTEN`.
    public func listening(on text: String, saidBy source: String) -> Reading {
        guard var moved = configuration else { return self }
        do {
            let address = try ListenAddress(parsing: text)
            if moved.adminSharesDataListener { moved.admin.listen = address }
            moved.server.listen = address
            let findings = Findings(file: file)
            ConsistencyCheck(moved, lines: lines, findings: findings, listenSource: source).run()
            return Reading(moved, lines: lines, findings: findings)
        } catch {
            let findings = Findings(file: source)
            findings.add("", line: nil, error.message, remedy: error.remedy.text(for: source, separator: " "))
            return Reading(nil, lines: lines, findings: findings)
        }
    }
}
