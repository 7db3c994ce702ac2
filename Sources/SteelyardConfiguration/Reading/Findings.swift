/// Collects what is wrong with one file while it is read; a reference, so that every reader of a part can add to it.
final class Findings {
    /// The file, as the operator knows it.
    let file: String
    private(set) var problems: [Problem] = []

    /// Begins a list for a file, named as the operator knows it.
    init(file: String) { self.file = file }

    /// Adds a problem found earlier.
    func add(_ problem: Problem) { problems.append(problem) }

    /// Adds one problem.
    func add(_ key: String, line: Int?, severity: Severity = .error, _ message: String, remedy: String) {
        problems.append(
            Problem(severity: severity, file: file, line: line, key: key, message: message, remedy: remedy)
        )
    }

    /// Whether nothing was found on any of these keys, so that their values are what the file says.
    func hasNothing(on keys: String...) -> Bool { !problems.contains { keys.contains($0.key) } }
}
