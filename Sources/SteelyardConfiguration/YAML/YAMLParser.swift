import Yams

/// Turns text into one tree; the only place that sees the YAML library.
///
/// The library stops at the first mapping with a repeated key and forgets the rest of the file. A configuration is
/// reported on as a whole, so the earlier of two equal keys is renamed in the text and the file parsed again
/// (``DuplicateKeys``) until none is left.
enum YAMLParser {
    /// More repeated keys than this are a sign that the file is something else.
    private static let maximumDuplicates = 50

    /// The root of the only document, nil when the file says nothing; complaints of the tree go to `findings`.
    static func parse(_ original: String, findings: Findings) throws(SyntaxComplaint) -> YAMLNode? {
        var duplicates = DuplicateKeys(original)
        for _ in 0...maximumDuplicates {
            do {
                return try tree(duplicates, findings: findings)
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                guard let key = keys.first, duplicates.rename(key, line: context.mark.line, column: context.mark.column)
                else { throw repeated(keys, line: context.mark.line) }
            } catch let error as YamlError {
                throw SyntaxComplaint(error, in: duplicates.text)
            } catch {
                throw SyntaxComplaint(
                    line: nil,
                    message: "is not valid YAML",
                    remedy: "check the file with a YAML linter"
                )
            }
        }
        throw SyntaxComplaint(line: nil, message: "has too many repeated keys", remedy: "write each key once")
    }

    private static func tree(_ duplicates: DuplicateKeys, findings: Findings) throws -> YAMLNode? {
        // Without rules every scalar stays text: nothing is guessed to be a number, a date or a truth value.
        let parser = try Parser(yaml: duplicates.text, resolver: .basic, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        var builder = YAMLTreeBuilder(duplicates: duplicates, findings: findings)
        // Anchors are weak references into the parser: it has to outlive the walk that looks for them.
        return withExtendedLifetime(parser) { builder.build(root, key: "") }
    }

    private static func repeated(_ keys: [String], line: Int) -> SyntaxComplaint {
        SyntaxComplaint(
            line: line,
            message: "\(keys.joined(separator: ", ")) is set more than once",
            remedy: "remove one of the two"
        )
    }
}
