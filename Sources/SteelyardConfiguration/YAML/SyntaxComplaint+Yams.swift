import Yams

extension SyntaxComplaint {
    /// The library's error in words that say what to do; `text` is the text that it parsed.
    init(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            self.init(problem: problem, mark: mark, openedOn: context?.mark.line, in: text)
        case .composer(_, let problem, let mark, _) where problem == "but found another document":
            self.init(
                line: mark.line,
                message: "a second document starts here (---)",
                remedy: "keep one document per file"
            )
        case .composer(_, _, let mark, _):
            self.init(
                line: mark.line,
                message: "anchors and aliases (&name, *name) are not supported",
                remedy: "write the full value in each place"
            )
        default:
            self.init(line: nil, message: "is not valid YAML", remedy: "check the file with a YAML linter")
        }
    }

    private init(problem: String, mark: Mark, openedOn opened: Int?, in text: String) {
        // Scalars, not characters: for Swift, "\r\n" is one character, which is different from "\n".
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        // If something is missing at the end of a file, the library reports it on the line after the last.
        let line = min(mark.line, lines.count - (lines.last?.isEmpty == true && lines.count > 1 ? 1 : 0))
        let isTab = line == mark.line && lines[line - 1].dropFirst(mark.column - 1).first == "\t"
        if isTab || problem.contains("tab character") {
            self.init(line: line, message: "a tab indents this line", remedy: "indent with spaces")
        } else if problem == "found unexpected end of stream", let opened {
            self.init(line: opened, message: "a quote starts here and is never closed", remedy: "close the quote")
        } else if problem.hasPrefix("did not find expected ','"), let opened {
            let bracket = problem.last == "]" ? "]" : "}"
            self.init(
                line: line,
                message: "expected a comma or the \(bracket) that closes line \(opened)",
                remedy: "add the comma or the \(bracket)"
            )
        } else {
            let (message, remedy) = Self.explanation(of: problem)
            self.init(line: line, message: message, remedy: remedy)
        }
    }

    private static func explanation(of problem: String) -> (message: String, remedy: String) {
        switch problem {
        case "mapping values are not allowed in this context":
            (
                "a colon stands where no key is allowed",
                "write one key: value per line, also on the line above; quote a value that contains \": \""
            )
        case "could not find expected ':'":
            ("a key has no colon", "write key: value")
        case "did not find expected node content":
            ("a value or a closing bracket is missing", "write the value, or close the bracket")
        case "did not find expected key":
            ("the indentation of this line does not match the keys above it", "indent all keys of a section equally")
        case "block sequence entries are not allowed in this context":
            ("a list item stands where no list can start", "start the list on its own line, below its key")
        case "found character that cannot start any token":
            ("a value starts with a character that YAML reserves (@ ` %)", "put the value in quotes")
        case "found unknown escape character":
            ("this backslash in double quotes starts an unknown escape", "use single quotes, or write \\\\")
        case "Maximum nesting level reached, set with yaml_set_max_nest_level())":
            ("is nested too deeply", "use at most four levels: no configuration key is deeper")
        default:
            ("is not valid YAML here: \(problem)", "check the indentation and quotes of this line and the one above")
        }
    }
}
