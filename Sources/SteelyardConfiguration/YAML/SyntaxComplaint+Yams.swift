import Yams

extension SyntaxComplaint {
    /// The library's error in words that say what to do; `text` is what it was parsing.
    init(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            self.init(problem: problem, mark: mark, openedOn: context?.mark.line, in: text)
        case .composer(_, let problem, let mark, _) where problem == "but found another document":
            self.init(line: mark.line, message: "a second document begins (---)", remedy: "keep one document per file")
        case .composer(_, _, let mark, _):
            self.init(
                line: mark.line,
                message: "anchors and aliases (&name, *name) are not supported",
                remedy: "write the value out in each place"
            )
        default:
            self.init(line: nil, message: "is not YAML", remedy: "check it with another YAML tool")
        }
    }

    private init(problem: String, mark: Mark, openedOn opened: Int?, in text: String) {
        // Scalars, not characters: to Swift "\r\n" is one character that is no "\n".
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        // What a file lacks at its end is reported on the line behind its last.
        let line = min(mark.line, lines.count - (lines.last?.isEmpty == true && lines.count > 1 ? 1 : 0))
        let isTab = line == mark.line && lines[line - 1].dropFirst(mark.column - 1).first == "\t"
        if isTab || problem.contains("tab character") {
            self.init(line: line, message: "a tab indents this line", remedy: "indent with spaces")
        } else if problem == "found unexpected end of stream", let opened {
            self.init(line: opened, message: "a quote opens here and is never closed", remedy: "close the quote")
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
                "a colon where no key can be",
                "write one key: value per line, also on the line above; quote a value that contains \": \""
            )
        case "could not find expected ':'":
            ("a key without a colon", "write key: value")
        case "did not find expected node content":
            ("a value or a closing bracket is missing", "write the value, or close the bracket")
        case "did not find expected key":
            ("this line is indented unlike the keys above it", "give the keys of one section the same indentation")
        case "block sequence entries are not allowed in this context":
            ("a list item where no list can begin", "begin the list on its own line, below its key")
        case "found character that cannot start any token":
            ("a value begins with a character that YAML reserves (@ ` %)", "put the value in quotes")
        case "found unknown escape character":
            ("a backslash in double quotes begins an escape", "use single quotes, or write \\\\")
        case "Maximum nesting level reached, set with yaml_set_max_nest_level())":
            ("is nested too deeply", "no key of a configuration is deeper than four levels")
        default:
            ("is not YAML here: \(problem)", "check the indentation and quotes of this line and the one above")
        }
    }
}
