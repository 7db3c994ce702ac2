import Yams

/// Turns text into one tree; the only place that uses the YAML library.
///
/// The library stops at the first mapping with a repeated key and ignores the rest of the file. But a configuration's
/// problems are all reported at once. So the earlier of two equal keys is renamed in the text and the file is parsed
/// again (``DuplicateKeys``), until no key is repeated.
enum YAMLParser {
    /// A file with more repeated keys than this is probably not a configuration.
    private static let maximumDuplicates = 50

    /// The root of the only document, nil if the file is empty; problems of the tree are added to `findings`.
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
        // Without rules, every scalar stays text: the library does not guess numbers, dates or truth values.
        let parser = try Parser(yaml: duplicates.text, resolver: .basic, encoding: .utf8)
        guard let root = try parser.singleRoot() else { return nil }
        var builder = YAMLTreeBuilder(duplicates: duplicates, findings: findings)
        // Anchors are weak references into the parser: it has to exist until the tree has been searched for them.
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
