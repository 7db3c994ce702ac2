/// What came of reading a configuration.
public struct Reading: Equatable, Sendable {
    /// The configuration; nil exactly when one of ``problems`` is an error.
    public let configuration: Configuration?
    /// Everything found, errors and warnings, in the order of the lines.
    public let problems: [Problem]
    /// The file that was read, as the caller named it.
    public let file: String
    /// Where in the file each key is, for what is found later.
    let lines: KeyLines

    /// Joins a candidate with what was found about it; without a candidate there is at least one error.
    init(_ candidate: Configuration?, lines: KeyLines, findings: Findings) {
        configuration = findings.problems.areFatal ? nil : candidate
        problems = findings.problems.sorted()
        file = findings.file
        self.lines = lines
    }
}
