/// A mapping with known keys: reports all other keys at once, then returns values by key.
struct Section {
    /// A key of the schema that this version does not support, and what to do.
    struct Unavailable {
        let name: String
        let remedy: String
    }

    /// Its line; nil if the section is not in the file.
    let line: Int?
    /// Whether it was not a section, which has been reported.
    let isMalformed: Bool
    private let key: String
    private let entries: [String: YAMLEntry]
    private let findings: Findings

    /// A missing section: every key has its default.
    init(missing key: String, findings: Findings) {
        line = nil
        isMalformed = false
        self.key = key
        entries = [:]
        self.findings = findings
    }

    /// Reads a mapping and reports keys that are not in `known`.
    init(_ value: Value, known: [String], unavailable: [Unavailable] = []) {
        line = value.line
        isMalformed = !value.isSection
        key = value.key
        findings = value.findings
        let written = value.entries()
        let isKnown = { (entry: YAMLEntry) in known.contains(entry.key) }
        entries = Dictionary(written.filter(isKnown).map { ($0.key, $0) }) { first, _ in first }
        for entry in written where !isKnown(entry) {
            reportUnknown(entry, known: known, unavailable: unavailable)
        }
    }

    /// The value of a key; nil if the key is missing, or (reported) has nothing after its colon.
    subscript(name: String) -> Value? {
        value(name, ifEmpty: .act("write a value, or remove \(name)"))
    }

    /// The value of a key if it is a single value and not a section; nil if it is missing or empty.
    func word(_ name: String) -> Value? {
        guard let entry = entries[name], !entry.value.isEmpty, case .scalar = entry.value.content else { return nil }
        return Value(entry, in: key, findings: findings)
    }

    /// A section within this one; a missing or empty section has its defaults.
    func section(_ name: String, known: [String], unavailable: [Unavailable] = []) -> Section {
        guard let entry = entries[name], !entry.value.isEmpty else {
            return Section(missing: path(name), findings: findings)
        }
        return Section(Value(entry, in: key, findings: findings), known: known, unavailable: unavailable)
    }

    /// The value of a key without a default; if it is missing, the message suggests a value.
    func required(_ name: String, example: String) -> Value? {
        if entries[name] == nil, !isMalformed {
            findings.add(path(name), line: line, "is missing", remedy: "write \(name): \(example)")
        }
        return value(name, ifEmpty: .write(example))
    }

    /// The entries of a key whose own keys the operator chooses, in the order of the file; empty if it is missing or
    /// empty.
    func entries(of name: String) -> [YAMLEntry] {
        guard let entry = entries[name], !entry.value.isEmpty else { return [] }
        return Value(entry, in: key, findings: findings).entries()
    }

    private func value(_ name: String, ifEmpty remedy: Complaint.Remedy) -> Value? {
        guard let entry = entries[name] else { return nil }
        let value = Value(entry, in: key, findings: findings)
        guard entry.value.isEmpty else { return value }
        value.report(Complaint(message: "is empty", remedy: remedy))
        return nil
    }

    private func path(_ name: String) -> String { key.isEmpty ? name : "\(key).\(name)" }

    private func reportUnknown(_ entry: YAMLEntry, known: [String], unavailable: [Unavailable]) {
        let value = Value(entry, in: key, findings: findings)
        if let later = unavailable.first(where: { $0.name == entry.key }) {
            return value.report(.unavailable(entry.key, remedy: .act(later.remedy)))
        }
        if entry.isGlued {
            let remedy = "write a space after the colon: NAME: VALUE"
            return value.report(
                Complaint(message: "is not a key: the space after the colon is missing", remedy: .act(remedy))
            )
        }
        let nearest = Nearest.word(to: entry.key, among: known + unavailable.map(\.name))
        let remedy = nearest.map { "did you mean \($0)?" } ?? "the keys here are \(known.joined(separator: ", "))"
        value.report(Complaint(message: "is not a known key", remedy: .act(remedy)))
    }
}
