import Testing

@Suite("Keys that are unknown, repeated, empty or too early are refused")
struct StructureProblemTests {
    @Test("is reported to the letter", arguments: cases)
    func golden(_ golden: Golden) {
        #expect(golden.said() == golden.expected)
    }

    static let cases: [Golden] = [
        Golden(
            name: "anchors and aliases",
            text: #"""
                server: { timeouts: &t { header: 1s } }
                providers:
                  openai: { base_url: https://api.openai.com/v1, timeouts: *t }

                """#,
            expected: #"""
                proxy.yaml:1: providers.openai.timeouts.header: is not a known key
                  remedy: the keys here are connect, first_byte, between_bytes, idle
                proxy.yaml:1: server.timeouts: anchors and aliases (&name, *name) are not supported
                  remedy: write the full value in each place

                """#
        ),
        Golden(
            name: "a merge key",
            text: #"""
                providers:
                  openai: { base_url: https://api.openai.com/v1, <<: {} }

                """#,
            expected: #"""
                proxy.yaml:2: providers.openai: merge keys (<<) are not supported
                  remedy: write all keys here

                """#
        ),
        Golden(
            name: "a tag",
            text: #"""
                default_team: !secret x
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: default_team: tags (!name) are not supported
                  remedy: remove the tag

                """#
        ),
        Golden(
            name: "a key that is no word",
            text: #"""
                ? [a, b]
                : c
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: has a key that is not plain text
                  remedy: write key: value

                """#
        ),
        Golden(
            name: "a key written three times",
            text: #"""
                server:
                  listen: 127.0.0.1:8080
                  "listen": 127.0.0.1:8081
                  limits: { connections: 5 }
                  listen: 127.0.0.1:8082
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:3: server.listen: is already set on line 2
                  remedy: remove one of the two
                proxy.yaml:5: server.listen: is already set on line 2
                  remedy: remove one of the two

                """#
        ),
        Golden(
            name: "a provider written twice, and something else wrong",
            text: #"""
                providers:
                  openai: { base_url: https://api.openai.com/v1 }
                  openai: { base_url: https://api.openai.com/v2 }
                metrics: { max_series: many }

                """#,
            expected: #"""
                proxy.yaml:3: providers.openai: is already set on line 2
                  remedy: remove one of the two
                proxy.yaml:4: metrics.max_series: must be a whole number, got "many"
                  remedy: write max_series: 20000

                """#
        ),
        Golden(
            name: "unknown keys",
            text: #"""
                sever: {}
                server: { lisen: x, colour: red, limits: { bodyBytes: 1, body-bytes: 2 } }
                providers: { openai: { base_url: https://api.openai.com/v1, baseurl: x, timeouts: { conect: 1s } } }

                """#,
            expected: #"""
                proxy.yaml:1: sever: is not a known key
                  remedy: did you mean server?
                proxy.yaml:2: server.colour: is not a known key
                  remedy: the keys here are listen, tls, cors, limits, timeouts
                proxy.yaml:2: server.limits.body-bytes: is not a known key
                  remedy: did you mean body_bytes?
                proxy.yaml:2: server.limits.bodyBytes: is not a known key
                  remedy: did you mean body_bytes?
                proxy.yaml:2: server.lisen: is not a known key
                  remedy: did you mean listen?
                proxy.yaml:3: providers.openai.baseurl: is not a known key
                  remedy: did you mean base_url?
                proxy.yaml:3: providers.openai.timeouts.conect: is not a known key
                  remedy: did you mean connect?

                """#
        ),
        Golden(
            name: "HTTP/2, which no provider is asked over",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, http2: true } }

                """#,
            expected: #"""
                proxy.yaml:1: providers.openai.http2: is not a known key
                  remedy: the keys here are dialect, base_url, mount, inject_usage, on_client_gone, timeouts, ca_file, outbound_proxy, allow_link_local, api_key

                """#
        ),
        Golden(
            name: "parts of the schema that come later",
            text: #"""
                tracing: { sample: 1.0 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: tracing: `tracing` is not available in this version
                  remedy: remove tracing

                """#
        ),
        Golden(
            name: "a dialect that comes later",
            text: #"""
                providers: { claude: { base_url: https://api.anthropic.com/v1, dialect: anthropic } }

                """#,
            expected: #"""
                proxy.yaml:1: providers.claude.dialect: `anthropic` is not available in this version
                  remedy: write dialect: openai

                """#
        ),
        Golden(
            name: "sections that are values, values that are sections",
            text: #"""
                server: 8080
                admin: [a]
                providers: { openai: https://api.openai.com/v1 }
                default_team: { name: a }
                logging: { level: [info] }

                """#,
            expected: #"""
                proxy.yaml:1: server: must be a section, got a value
                  remedy: write the keys of server below it, indented
                proxy.yaml:2: admin: must be a section, got a list
                  remedy: write the keys of admin below it, indented
                proxy.yaml:3: providers.openai: must be a section, got a value
                  remedy: write the keys of openai below it, indented
                proxy.yaml:4: default_team: must be a single value, got a section
                  remedy: write one value after default_team:
                proxy.yaml:5: logging.level: must be a single value, got a list
                  remedy: write one value after level:

                """#
        ),
        Golden(
            name: "keys with nothing behind the colon",
            text: #"""
                server: { listen: , limits: { connections: ~ } }
                default_team:
                providers: { openai: { base_url: null } }

                """#,
            expected: #"""
                proxy.yaml:1: server.limits.connections: is empty
                  remedy: write a value, or remove connections
                proxy.yaml:1: server.listen: is empty
                  remedy: write a value, or remove listen
                proxy.yaml:2: default_team: is empty
                  remedy: write a value, or remove default_team
                proxy.yaml:3: providers.openai.base_url: is empty
                  remedy: write base_url: https://api.openai.com/v1

                """#
        ),
        Golden(
            name: "an empty file",
            text: "",
            expected: #"""
                proxy.yaml: providers: is missing: Steelyard has no provider to send requests to
                  remedy: write providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#
        ),
        Golden(
            name: "providers without providers",
            text: #"""
                providers: {}

                """#,
            expected: #"""
                proxy.yaml:1: providers: is missing: Steelyard has no provider to send requests to
                  remedy: write providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#
        ),
        Golden(
            name: "providers without a value",
            text: #"""
                providers:

                """#,
            expected: #"""
                proxy.yaml:1: providers: is missing: Steelyard has no provider to send requests to
                  remedy: write providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#
        ),
        Golden(
            name: "providers as a list",
            text: #"""
                providers: [openai]

                """#,
            expected: #"""
                proxy.yaml:1: providers: must be a section, got a list
                  remedy: write the keys of providers below it, indented

                """#
        ),
        Golden(
            name: "a provider without an address",
            text: #"""
                providers:
                  openai:
                    mount: /v1

                """#,
            expected: #"""
                proxy.yaml:2: providers.openai.base_url: is missing
                  remedy: write base_url: https://api.openai.com/v1

                """#
        ),
        Golden(
            name: "a key that forges a message",
            text: #"{ "a\nproxy.yaml: fine": 1, providers: { openai: { base_url: https://api.openai.com/v1 } } }"#,
            expected: """
                proxy.yaml:1: has a key that is not plain text
                  remedy: write key: value

                """
        ),
    ]
}
