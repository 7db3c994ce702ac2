import Testing

@Suite("A file that is not YAML, or uses unsupported YAML, is explained with its line")
struct SyntaxProblemTests {
    @Test("is reported to the letter", arguments: cases)
    func golden(_ golden: Golden) {
        #expect(golden.said() == golden.expected)
    }

    static let cases: [Golden] = [
        Golden(
            name: "a tab",
            text: #"""
                server:
                \#tlisten: 127.0.0.1:8080

                """#,
            expected: #"""
                proxy.yaml:2: a tab indents this line
                  remedy: indent with spaces

                """#
        ),
        Golden(
            name: "a tab behind spaces",
            text: #"""
                providers:
                  openai:
                  \#tbase_url: https://api.openai.com/v1

                """#,
            expected: #"""
                proxy.yaml:3: a tab indents this line
                  remedy: indent with spaces

                """#
        ),
        Golden(
            name: "a second colon",
            text: #"""
                default_team: a: b

                """#,
            expected: #"""
                proxy.yaml:1: a colon stands where no key is allowed
                  remedy: write one key: value per line, also on the line above; quote a value that contains ": "

                """#
        ),
        Golden(
            name: "a key has no colon",
            text: #"""
                default_team search
                metrics: {}

                """#,
            expected: #"""
                proxy.yaml:2: a colon stands where no key is allowed
                  remedy: write one key: value per line, also on the line above; quote a value that contains ": "

                """#
        ),
        Golden(
            name: "odd indentation",
            text: #"""
                server:
                    listen: 127.0.0.1:8080
                  limits: {}

                """#,
            expected: #"""
                proxy.yaml:3: the indentation of this line does not match the keys above it
                  remedy: indent all keys of a section equally

                """#
        ),
        Golden(
            name: "an open quote",
            text: #"""
                default_team: "search
                metrics: {}

                """#,
            expected: #"""
                proxy.yaml:1: a quote starts here and is never closed
                  remedy: close the quote

                """#
        ),
        Golden(
            name: "an open bracket",
            text: #"""
                server: { limits: { connections: 1 }
                metrics: {}

                """#,
            expected: #"""
                proxy.yaml:2: expected a comma or the } that closes line 1
                  remedy: add the comma or the }

                """#
        ),
        Golden(
            name: "a reserved character",
            text: #"""
                default_team: @search

                """#,
            expected: #"""
                proxy.yaml:1: a value starts with a character that YAML reserves (@ ` %)
                  remedy: put the value in quotes

                """#
        ),
        Golden(
            name: "an unknown escape",
            text: #"""
                default_team: "a\qb"

                """#,
            expected: #"""
                proxy.yaml:1: this backslash in double quotes starts an unknown escape
                  remedy: use single quotes, or write \\

                """#
        ),
        Golden(
            name: "two documents",
            text: #"""
                default_team: a
                ---
                default_team: b

                """#,
            expected: #"""
                proxy.yaml:2: a second document starts here (---)
                  remedy: keep one document per file

                """#
        ),
        Golden(
            name: "an unknown alias",
            text: #"""
                default_team: *nobody

                """#,
            expected: #"""
                proxy.yaml:1: anchors and aliases (&name, *name) are not supported
                  remedy: write the full value in each place

                """#
        ),
        Golden(
            name: "a lone dash",
            text: #"""
                providers: - openai

                """#,
            expected: #"""
                proxy.yaml:1: a list item stands where no list can start
                  remedy: start the list on its own line, below its key

                """#
        ),
        Golden(
            name: "a control character",
            text: #"""
                default_team: a\#u{7}b

                """#,
            expected: #"""
                proxy.yaml:1: has a control character (U+7)
                  remedy: delete the character and type it again

                """#
        ),
        Golden(
            name: "the file is a list",
            text: #"""
                - server
                - admin

                """#,
            expected: #"""
                proxy.yaml:1: must be a section, got a list
                  remedy: write key: value

                """#
        ),
        Golden(
            name: "the file is a word",
            text: #"""
                hello

                """#,
            expected: #"""
                proxy.yaml:1: must be a section, got a value
                  remedy: write key: value

                """#
        ),
        Golden(
            name: "a tab behind Windows line ends",
            text: "# one\r\nserver:\r\n\tlisten: 127.0.0.1:8080\r\n",
            expected: """
                proxy.yaml:3: a tab indents this line
                  remedy: indent with spaces

                """
        ),
        Golden(
            name: "an open bracket at the end",
            text: "providers: [\n",
            expected: """
                proxy.yaml:1: a value or a closing bracket is missing
                  remedy: write the value, or close the bracket

                """
        ),
    ]
}
