/// What is written for one key, and the ways to read it. A value that cannot be read is reported and becomes nil.
struct Value {
    /// Its dotted path.
    let key: String
    /// The line of its key.
    let line: Int
    /// Where problems go.
    let findings: Findings
    private let name: String
    private let node: YAMLNode

    /// The value of an entry of the section `parent`.
    init(_ entry: YAMLEntry, in parent: String, findings: Findings) {
        name = entry.key
        key = parent.isEmpty ? entry.key : "\(parent).\(entry.key)"
        line = entry.line
        self.findings = findings
        node = entry.value
    }

    /// The whole file as one value.
    init(root: YAMLNode, findings: Findings) {
        name = ""
        key = ""
        line = root.line
        self.findings = findings
        node = root
    }

    /// Reports what is wrong with it.
    func report(_ complaint: Complaint, severity: Severity = .error) {
        let remedy =
            switch complaint.remedy {
            case .write(let value): "write \(name): \(value)"
            case .act(let words): words
            }
        findings.add(key, line: line, severity: severity, complaint.message, remedy: remedy)
    }

    /// Its entries when it is a section; otherwise none, and a report.
    func entries() -> [YAMLEntry] {
        if case .mapping(let entries) = node.content { return entries }
        let form = key.isEmpty ? "key: value" : "the keys of \(name) below it, indented"
        report(Complaint(message: "must be a section, got \(node.kind)", remedy: .act("write \(form)")))
        return []
    }

    /// Reads it as a scalar with a grammar that throws what is wrong.
    func read<Result>(_ grammar: (String) throws(Complaint) -> Result) -> Result? {
        do throws(Complaint) {
            guard case .scalar(let text, _) = node.content else {
                throw Complaint(
                    message: "must be a single value, got \(node.kind)",
                    remedy: .act("write the value behind \(name):")
                )
            }
            return try grammar(text)
        } catch {
            report(error)
            return nil
        }
    }

    /// A whole number without quotes.
    func wholeNumber(in range: ClosedRange<Int>) -> Int? {
        if case .scalar(let text, isPlain: false) = node.content, WholeNumber(text[...]) != nil {
            report(Complaint(message: "must be a number, got text in quotes", remedy: .write(text)))
            return nil
        }
        return read { text throws(Complaint) in try WholeNumber(text, in: range).value }
    }

    /// A size in bytes.
    func bytes(in range: ClosedRange<Int>) -> Int? {
        read { text throws(Complaint) in try Quantity(text, .bytes, in: range).amount }
    }

    /// A duration in seconds; `range` is in milliseconds.
    func seconds(in range: ClosedRange<Int>) -> Double? {
        read { text throws(Complaint) in
            Double(try Quantity(text, .milliseconds, in: range).amount) / 1_000
        }
    }

    /// `true` or `false` without quotes. What else YAML readers take for truth (`yes`, `on`) is refused.
    func flag() -> Bool? {
        if case .scalar(let text, isPlain: true) = node.content, let flag = Bool(text) { return flag }
        return read { text throws(Complaint) in
            let isYes = ["true", "yes", "on", "y", "1"].contains(text.lowercased())
            let got = Bool(text) == nil ? Complaint.quoted(text) : "text in quotes"
            throw Complaint(message: "must be true or false, got \(got)", remedy: .write(isYes ? "true" : "false"))
        }
    }

    /// One of the words of an enumeration; `later` are words of the schema that this version does not have yet.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type = Choice.self,
        later: [String] = []
    ) -> Choice? {
        let words = Choice.allCases.map(\.rawValue)
        return read { text throws(Complaint) in
            if let choice = Choice(rawValue: text) { return choice }
            let likely = Nearest.word(to: text, among: words) ?? words[0]
            guard !later.contains(text) else { throw .unavailable(text, remedy: .write(likely)) }
            let form = words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
            throw .expected(form, got: text, write: likely)
        }
    }
}
