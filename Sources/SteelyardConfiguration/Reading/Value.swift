import SteelyardPolicy

/// The value of one key, and the ways to read it. A value that cannot be read is reported and becomes nil.
struct Value {
    /// Its dotted path.
    let key: String
    /// The line of its key.
    let line: Int
    /// Where to report problems.
    let findings: Findings
    private let name: String
    private let node: YAMLNode

    /// The value of an entry of the section `parent`.
    init(_ entry: YAMLEntry, in parent: String, findings: Findings) {
        name = entry.shownKey
        key = parent.isEmpty ? entry.shownKey : "\(parent).\(entry.shownKey)"
        line = entry.line
        self.findings = findings
        node = entry.value
    }

    /// An item of the list `parent`, with the list's key or its own.
    private init(item: YAMLNode, of parent: Value, key: String? = nil) {
        name = parent.name
        self.key = key ?? parent.key
        line = item.line
        findings = parent.findings
        node = item
    }

    /// The whole file as one value.
    init(root: YAMLNode, findings: Findings) {
        name = ""
        key = ""
        line = root.line
        self.findings = findings
        node = root
    }

    /// Whether it is written as a section.
    var isSection: Bool {
        if case .mapping = node.content { true } else { false }
    }

    /// Reports a problem of it.
    func report(_ complaint: Complaint, severity: Severity = .error) {
        findings.add(
            key,
            line: line,
            severity: severity,
            complaint.message,
            remedy: complaint.remedy.text(for: name)
        )
    }

    /// Its entries if it is a section; otherwise reports a problem and returns none.
    func entries() -> [YAMLEntry] {
        if case .mapping(let entries) = node.content { return entries }
        let form = key.isEmpty ? "key: value" : "the keys of \(name) below it, indented"
        report(Complaint(message: "must be a section, got \(node.kind)", remedy: .act("write \(form)")))
        return []
    }

    /// Its items if it is a list, otherwise itself.
    func items() -> [Value] {
        guard case .sequence(let nodes) = node.content else { return [self] }
        return nodes.map { Value(item: $0, of: self) }
    }

    /// Its items if it is a list, each with its own key (`budgets[0]`); otherwise itself.
    func elements() -> [Value] {
        guard case .sequence(let nodes) = node.content else { return [self] }
        return nodes.enumerated().map { Value(item: $1, of: self, key: "\(key)[\($0)]") }
    }

    /// Whether it is exactly this word.
    func isWord(_ word: String) -> Bool { node.isWord(word) }

    /// Reads it as a scalar with a grammar that throws what is wrong.
    func read<Result>(_ grammar: (String) throws(Complaint) -> Result) -> Result? {
        do throws(Complaint) {
            guard case .scalar(let text, _) = node.content else {
                throw Complaint(
                    message: "must be a single value, got \(node.kind)",
                    remedy: .act("write one value after \(name):")
                )
            }
            return try grammar(text)
        } catch {
            report(error)
            return nil
        }
    }

    /// A whole number without quotes.
    func wholeNumber(in range: ClosedRange<Int>, usual: Int) -> Int? {
        number { text throws(Complaint) in try WholeNumber(text, in: range, usual: usual).value }
    }

    /// A number without quotes, read with a grammar that throws what is wrong.
    func number<Result>(_ grammar: (String) throws(Complaint) -> Result) -> Result? {
        if case .scalar(let text, isPlain: false) = node.content, (try? ExactDecimal(parsing: text)) != nil {
            report(Complaint(message: "must be a number, got text in quotes", remedy: .write(text)))
            return nil
        }
        return read(grammar)
    }

    /// `true` or `false` without quotes. Other words that YAML readers accept (`yes`, `on`) are refused.
    func flag(usual: Bool) -> Bool? {
        if case .scalar(let text, isPlain: true) = node.content, let flag = Bool(text) { return flag }
        return read { text throws(Complaint) in
            let lowered = text.lowercased()
            let isYes = ["true", "yes", "on", "y", "1"].contains(lowered)
            let isNo = ["false", "no", "off", "n", "0"].contains(lowered)
            let got = Bool(text) == nil ? Complaint.quoted(text) : "text in quotes"
            let likely = isYes || (usual && !isNo)
            throw Complaint(message: "must be true or false, got \(got)", remedy: .write("\(likely)"))
        }
    }
}
