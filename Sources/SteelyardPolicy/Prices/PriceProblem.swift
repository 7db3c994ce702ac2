/// One thing wrong with a price book.
public struct PriceProblem: Hashable, Sendable, CustomStringConvertible {
    /// The line of the source; 0 if there is none.
    public let line: Int
    /// What is wrong, and what would be right.
    public let message: String

    /// Makes a problem.
    public init(line: Int, _ message: String) {
        (self.line, self.message) = (line, message)
    }

    /// The problem as `12: what is wrong`.
    public var description: String { "\(line): \(message)" }
}

/// All problems of a price book; a book with a problem is not used.
public struct PriceProblems: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problems in the order of their lines; at least one.
    public let problems: [PriceProblem]

    /// Every problem on its own line.
    public var description: String { problems.map(\.description).joined(separator: "\n") }
}
