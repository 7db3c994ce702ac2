/// What came of reading a configuration.
public struct Reading: Hashable, Sendable {
    /// The configuration; nil exactly when one of ``problems`` is an error.
    public let configuration: Configuration?
    /// Everything found, errors and warnings, in the order of the lines.
    public let problems: [Problem]

    /// Joins a candidate with what was found about it.
    init(_ candidate: Configuration, problems: [Problem]) {
        configuration = problems.areFatal ? nil : candidate
        self.problems = problems.sorted()
    }

    /// A file that could not even become a candidate.
    init(problems: [Problem]) {
        configuration = nil
        self.problems = problems.sorted()
    }
}
