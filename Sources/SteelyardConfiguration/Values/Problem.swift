/// How bad a ``Problem`` is.
public enum Severity: String, Hashable, Sendable {
    /// The configuration cannot be used.
    case error
    /// The configuration can be used, but is probably not what was meant.
    case warning
}

/// One problem of a configuration: where, what, and what to do.
public struct Problem: Hashable, Sendable {
    /// Whether it keeps the configuration from being used.
    public var severity: Severity
    /// The file, as the caller named it; or where the value was set (`--listen`).
    public var file: String
    /// The line, from 1; nil if it has no line.
    public var line: Int?
    /// The dotted path of the key (`providers.openai.base_url`); empty for the whole file.
    public var key: String
    /// What is wrong.
    public var message: String
    /// What to do; ready to be typed where possible.
    public var remedy: String

    /// Makes a problem from its parts.
    public init(
        severity: Severity = .error,
        file: String,
        line: Int?,
        key: String,
        message: String,
        remedy: String
    ) {
        self.severity = severity
        self.file = file
        self.line = line
        self.key = key
        self.message = message
        self.remedy = remedy
    }
}

extension Problem: CustomStringConvertible {
    /// Two lines. The first has the form that compilers use, so that editors and CI can jump to it:
    ///
    ///     proxy.yaml:12: providers.openai.base_url: must be an http or https URL, got "ftp://x"
    ///       remedy: write base_url: https://api.openai.com/v1
    public var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        let subject = key.isEmpty ? "" : "\(key): "
        let kind = severity == .warning ? "warning: " : ""
        return "\(place): \(kind)\(subject)\(message)\n  remedy: \(remedy)"
    }
}

extension Problem: Comparable {
    /// Orders by file, and within a file by line; problems without a line come last.
    public static func < (left: Problem, right: Problem) -> Bool {
        (left.file, left.line ?? .max, left.key, left.message)
            < (right.file, right.line ?? .max, right.key, right.message)
    }
}

extension [Problem] {
    /// Whether any of them keeps the configuration from being used.
    public var areFatal: Bool { contains { $0.severity == .error } }

    /// All of them as text, one paragraph each, in the order of the lines.
    public var rendered: String { sorted().map { "\($0)\n" }.joined() }
}
