/// Collects what is wrong with the files that are read; a reference, so that every reader of a part can add to it.
final class Findings {
    /// The file, as the operator knows it.
    let file: String
    private let log: Log

    /// What was found in all files.
    private final class Log {
        var problems: [Problem] = []
    }

    /// Begins a list for a file.
    init(file: String) {
        self.file = file
        log = Log()
    }

    private init(file: String, log: Log) {
        self.file = file
        self.log = log
    }

    /// The same list, to be added to about a file that this one names.
    func of(_ other: String) -> Findings { Findings(file: other, log: log) }

    /// Everything found, in the order it was found.
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

    /// Whether nothing was found in this file on any of these keys, so that their values are what the file says.
    func hasNothing(on keys: String...) -> Bool { !problems.contains { $0.file == file && keys.contains($0.key) } }
}
