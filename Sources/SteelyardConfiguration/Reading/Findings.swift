/// Collects the problems of the files; it is a class, so that the readers of all parts can add to it.
final class Findings {
    /// The file, as the operator named it.
    let file: String
    private let log: Log

    /// The problems of all files.
    private final class Log {
        var problems: [Problem] = []
    }

    /// Starts a list for a file.
    init(file: String) {
        self.file = file
        log = Log()
    }

    private init(file: String, log: Log) {
        self.file = file
        self.log = log
    }

    /// The same list, for problems of a file that this one names.
    func of(_ other: String) -> Findings { Findings(file: other, log: log) }

    /// All problems, in the order in which they were found.
    var problems: [Problem] { log.problems }

    /// Adds a problem found earlier.
    func add(_ problem: Problem) { log.problems.append(problem) }

    /// Adds one problem.
    func add(_ key: String, line: Int?, severity: Severity = .error, _ message: String, remedy: String) {
        add(Problem(severity: severity, file: file, line: line, key: key, message: message, remedy: remedy))
    }

    /// Whether an error was found in this file on a key or below it.
    func hasError(below key: String) -> Bool {
        problems.contains {
            $0.file == file && $0.severity == .error
                && ($0.key == key || $0.key.hasPrefix(key + ".") || $0.key.hasPrefix(key + "["))
        }
    }

    /// Whether no problem was found in this file with any of these keys, so that their values are those of the file.
    func hasNothing(on keys: String...) -> Bool { !problems.contains { $0.file == file && keys.contains($0.key) } }
}
