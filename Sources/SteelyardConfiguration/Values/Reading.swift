/// The result of reading a configuration.
public struct Reading: Equatable, Sendable {
    /// The configuration; nil exactly when one of ``problems`` is an error.
    public let configuration: Configuration?
    /// All errors and warnings, in the order of the lines.
    public let problems: [Problem]
    /// The file that was read, as the caller named it.
    public let file: String
    /// The line of each key, for problems that are found later.
    let lines: KeyLines

    /// Combines a candidate with its problems; without a candidate there is at least one error.
    init(_ candidate: Configuration?, lines: KeyLines, findings: Findings) {
        configuration = findings.problems.areFatal ? nil : candidate
        problems = findings.problems.sorted()
        file = findings.file
        self.lines = lines
    }
}
