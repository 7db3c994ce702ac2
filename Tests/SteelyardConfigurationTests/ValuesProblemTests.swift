import Testing

@Suite("Each kind of value says what it must be, and gives an example")
struct ValuesProblemTests {
    @Test("is reported to the letter", arguments: cases)
    func golden(_ golden: Golden) {
        #expect(golden.said() == golden.expected)
    }

    static let cases: [Golden] = [
        Golden(
            name: "numbers",
            text: #"""
                server: { limits: { connections: 010 } }
                metrics: { max_series: 1_000 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.limits.connections: must be a whole number, got "010"
                  remedy: write connections: 10
                proxy.yaml:2: metrics.max_series: must be a whole number, got "1_000"
                  remedy: write max_series: 1000

                """#
        ),
        Golden(
            name: "more numbers",
            text: #"""
                server: { limits: { connections: .inf } }
                metrics: { max_series: "5000" }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.limits.connections: must be a whole number, got ".inf"
                  remedy: write connections: 10000
                proxy.yaml:2: metrics.max_series: must be a number, got text in quotes
                  remedy: write max_series: 5000

                """#
        ),
        Golden(
            name: "numbers out of range",
            text: #"""
                server: { limits: { connections: 0 } }
                metrics: { max_series: 99999999999999999999 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.limits.connections: must be between 1 and 1000000, got 0
                  remedy: write connections: 1
                proxy.yaml:2: metrics.max_series: must be between 1000 and 1000000, got 99999999999999999999
                  remedy: write max_series: 1000000

                """#
        ),
        Golden(
            name: "numbers of other kinds",
            text: #"""
                server: { limits: { connections: -5 } }
                metrics: { max_series: 1e4 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.limits.connections: must be a whole number, got "-5"
                  remedy: write connections: 10000
                proxy.yaml:2: metrics.max_series: must be a whole number, got "1e4"
                  remedy: write max_series: 20000

                """#
        ),
        Golden(
            name: "sizes",
            text: #"""
                server:
                  limits: { header_bytes: 32KB, body_bytes: 1.5MiB, gather_bytes: lots }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: server.limits.body_bytes: must be a size in bytes, KiB, MiB or GiB, got "1.5MiB"
                  remedy: write body_bytes: 1536KiB
                proxy.yaml:2: server.limits.gather_bytes: must be a size in bytes, KiB, MiB or GiB, got "lots"
                  remedy: write gather_bytes: 1GiB
                proxy.yaml:2: server.limits.header_bytes: must be a size in bytes, KiB, MiB or GiB, got "32KB"
                  remedy: write header_bytes: 32KiB

                """#
        ),
        Golden(
            name: "sizes out of range",
            text: #"""
                server:
                  limits: { header_bytes: 2MiB, body_bytes: 1, gather_bytes: 99999999999GiB }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: server.limits.body_bytes: must be between 1KiB and 4GiB, got 1
                  remedy: write body_bytes: 1KiB
                proxy.yaml:2: server.limits.gather_bytes: must be between 1KiB and 1024GiB, got 99999999999GiB
                  remedy: write gather_bytes: 1024GiB
                proxy.yaml:2: server.limits.header_bytes: must be between 1KiB and 1MiB, got 2MiB
                  remedy: write header_bytes: 1MiB

                """#
        ),
        Golden(
            name: "a gather budget below one body",
            text: #"""
                server:
                  limits: { body_bytes: 64MiB, gather_bytes: 32MiB }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: server.limits.gather_bytes: must be at least as large as body_bytes (64MiB), got 32MiB
                  remedy: write gather_bytes: 64MiB or more

                """#
        ),
        Golden(
            name: "durations",
            text: #"""
                server:
                  timeouts:
                    header: 10
                    body: 1m30s
                    idle: 75 sec
                    write_stall: 1.5s
                    drain: soon
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:3: server.timeouts.header: must be a duration with its unit (ms, s, m, h or d), got "10"
                  remedy: write header: 10s
                proxy.yaml:4: server.timeouts.body: must be a duration with its unit (ms, s, m, h or d), got "1m30s"
                  remedy: write body: 90s
                proxy.yaml:5: server.timeouts.idle: must be a duration with its unit (ms, s, m, h or d), got "75 sec"
                  remedy: write idle: 75s
                proxy.yaml:6: server.timeouts.write_stall: must be a duration with its unit (ms, s, m, h or d), got "1.5s"
                  remedy: write write_stall: 1500ms
                proxy.yaml:7: server.timeouts.drain: must be a duration with its unit (ms, s, m, h or d), got "soon"
                  remedy: write drain: 30s

                """#
        ),
        Golden(
            name: "durations out of range",
            text: #"""
                server:
                  timeouts: { header: 0s, body: 400d, idle: 99999999999999999999s, write_stall: -1s, drain: 25h }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: server.timeouts.body: must be between 1ms and 1d, got 400d
                  remedy: write body: 1d
                proxy.yaml:2: server.timeouts.drain: must be between 0s and 1d, got 25h
                  remedy: write drain: 1d
                proxy.yaml:2: server.timeouts.header: must be between 1ms and 1d, got 0s
                  remedy: write header: 1ms
                proxy.yaml:2: server.timeouts.idle: must be between 1ms and 1d, got 99999999999999999999s
                  remedy: write idle: 1d
                proxy.yaml:2: server.timeouts.write_stall: must be a duration with its unit (ms, s, m, h or d), got "-1s"
                  remedy: write write_stall: 1m

                """#
        ),
        Golden(
            name: "truth values",
            text: #"""
                metrics: { tools: yes }
                logging: { access: "true" }
                providers: { openai: { base_url: https://api.openai.com/v1, allow_link_local: maybe } }

                """#,
            expected: #"""
                proxy.yaml:1: metrics.tools: must be true or false, got "yes"
                  remedy: write tools: true
                proxy.yaml:2: logging.access: must be true or false, got text in quotes
                  remedy: write access: true
                proxy.yaml:3: providers.openai.allow_link_local: must be true or false, got "maybe"
                  remedy: write allow_link_local: false

                """#
        ),
        Golden(
            name: "words",
            text: #"""
                logging: { level: warn, format: xml }
                providers:
                  openai: { base_url: https://api.openai.com/v1, dialect: open-ai, inject_usage: always, on_client_gone: { streamed: stop, plain: Drain } }

                """#,
            expected: #"""
                proxy.yaml:1: logging.format: must be one of json, text, got "xml"
                  remedy: write format: json
                proxy.yaml:1: logging.level: must be one of trace, debug, info, notice, warning, error, critical, got "warn"
                  remedy: write level: warning
                proxy.yaml:3: providers.openai.dialect: must be openai, got "open-ai"
                  remedy: write dialect: openai
                proxy.yaml:3: providers.openai.inject_usage: must be one of auto, never, got "always"
                  remedy: write inject_usage: auto
                proxy.yaml:3: providers.openai.on_client_gone.plain: must be one of cancel, drain, got "Drain"
                  remedy: write plain: drain
                proxy.yaml:3: providers.openai.on_client_gone.streamed: must be one of cancel, drain, got "stop"
                  remedy: write streamed: cancel

                """#
        ),
        Golden(
            name: "names",
            text: #"""
                default_team: "two words"
                providers: { "open/ai": { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: default_team: is not a valid name: "two words"
                  remedy: use up to 64 letters, digits, '-', '_' and '.', starting with a letter or digit
                proxy.yaml:2: providers.open/ai: is not a valid name: "open/ai"
                  remedy: use up to 64 letters, digits, '-', '_' and '.', starting with a letter or digit

                """#
        ),
        Golden(
            name: "listen addresses",
            text: #"""
                server: { listen: 8080 }
                admin: { listen: ":9090" }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.listen: must be an address and a port, got "8080"
                  remedy: write listen: 127.0.0.1:8080
                proxy.yaml:2: admin.listen: must be an address and a port, got ":9090"
                  remedy: write listen: 0.0.0.0:9090

                """#
        ),
        Golden(
            name: "more listen addresses",
            text: #"""
                server: { listen: "::1" }
                admin: { listen: "127.0.0.1:99999" }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.listen: must be an address and a port, got "::1"
                  remedy: write listen: "[::1]:8080"
                proxy.yaml:2: admin.listen: must end in a port from 0 to 65535, got "127.0.0.1:99999"
                  remedy: write listen: 127.0.0.1:8080

                """#
        ),
        Golden(
            name: "yet more listen addresses",
            text: #"""
                server: { listen: 127.0.0.1 }
                admin: { listen: "127.1:80" }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: server.listen: must be an address and a port, got "127.0.0.1"
                  remedy: write listen: 127.0.0.1:8080
                proxy.yaml:2: admin.listen: must be an address and a port, got "127.1:80"
                  remedy: write listen: 127.0.0.1:80

                """#
        ),
        Golden(
            name: "URLs",
            text: #"""
                providers:
                  a: { mount: /a, base_url: ftp://x }
                  b: { mount: /b, base_url: api.openai.com/v1 }
                  c: { mount: /c, base_url: "https://user:hunter2@api.openai.com/v1" }
                  d: { mount: /d, base_url: "https://api.openai.com/v1?key=hunter2" }
                  e: { mount: /e, base_url: "https://api.openai.com/v1#top" }
                  f: { mount: /f, base_url: "https:///v1" }
                  g: { mount: /g, base_url: "https://api.openai.com:0/v1" }
                  h: { mount: /h, base_url: "https://api openai.com/v1" }
                  i: { mount: /i, base_url: "https://api.openai.com/a/../v1" }
                  j: { mount: /j, base_url: "https://[fe80::1%25eth0]/v1" }
                  k: { mount: /k, base_url: "user:hunter2@api.openai.com" }
                  l: { mount: /l, base_url: "http://2130706433/v1" }

                """#,
            expected: #"""
                proxy.yaml:2: providers.a.base_url: must be an http or https URL, got "ftp://x"
                  remedy: write base_url: https://api.openai.com/v1
                proxy.yaml:3: providers.b.base_url: must be an http or https URL, got "api.openai.com/v1"
                  remedy: write base_url: https://api.openai.com/v1
                proxy.yaml:4: providers.c.base_url: must not contain a user name or password
                  remedy: remove everything up to the @
                proxy.yaml:5: providers.d.base_url: must not have a query or fragment
                  remedy: remove everything from the first ? or #
                proxy.yaml:6: providers.e.base_url: must not have a query or fragment
                  remedy: remove everything from the first ? or #
                proxy.yaml:7: providers.f.base_url: has no host
                  remedy: write base_url: https://api.openai.com/v1
                proxy.yaml:8: providers.g.base_url: must have a port from 1 to 65535
                  remedy: write the port as digits, or leave it out
                proxy.yaml:9: providers.h.base_url: has an invalid host: "api openai.com"
                  remedy: write a host name, an IPv4 address or an IPv6 address in brackets
                proxy.yaml:10: providers.i.base_url: has a path that Steelyard cannot forward unchanged: "/a/../v1"
                  remedy: write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e
                proxy.yaml:11: providers.j.base_url: has an invalid host: "[fe80::1%25eth0]"
                  remedy: write a host name, an IPv4 address or an IPv6 address in brackets
                proxy.yaml:12: providers.k.base_url: must be an http or https URL, got something else
                  remedy: write base_url: https://api.openai.com/v1
                proxy.yaml:13: providers.l.base_url: has an invalid host: "2130706433"
                  remedy: write a host name, an IPv4 address or an IPv6 address in brackets

                """#
        ),
        Golden(
            name: "mounts",
            text: #"""
                providers:
                  a: { mount: /, base_url: https://a.example }
                  b: { mount: b, base_url: https://b.example }
                  c: { mount: /c/, base_url: https://c.example }
                  d: { mount: /d//e, base_url: https://d.example }
                  e: { mount: /e/../f, base_url: https://e.example }
                  f: { mount: "/f%2fg", base_url: https://f.example }
                  g: { mount: "/g h", base_url: https://g.example }
                  h: { mount: "/h?i", base_url: https://h.example }

                """#,
            expected: #"""
                proxy.yaml:2: providers.a.mount: must have at least one segment
                  remedy: write mount: /v1
                proxy.yaml:3: providers.b.mount: does not start with /: "b"
                  remedy: write mount: /b
                proxy.yaml:4: providers.c.mount: has an empty segment: "/c/"
                  remedy: write mount: /c
                proxy.yaml:5: providers.d.mount: has an empty segment: "/d//e"
                  remedy: write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e
                proxy.yaml:6: providers.e.mount: has a segment . or ..: "/e/../f"
                  remedy: write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e
                proxy.yaml:7: providers.f.mount: has a character that a path must not contain: "/f%2fg"
                  remedy: write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e
                proxy.yaml:8: providers.g.mount: has a character that a path must not contain: "/g h"
                  remedy: write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e
                proxy.yaml:9: providers.h.mount: has a character that a path must not contain: "/h?i"
                  remedy: write /segments of letters, digits and -._~!$&'()*+,;=:@, without //, /./, /../, %2f, %5c or %2e

                """#
        ),
        Golden(
            name: "outbound proxies",
            text: #"""
                providers:
                  a: { mount: /a, base_url: https://a.example, outbound_proxy: "https://proxy:3128" }
                  b: { mount: /b, base_url: https://a.example, outbound_proxy: "http://proxy" }
                  c: { mount: /c, base_url: https://a.example, outbound_proxy: "http://proxy:3128/x" }
                  d: { mount: /d, base_url: https://a.example, outbound_proxy: "http://u:hunter2@proxy:3128" }
                  e: { mount: /e, base_url: https://a.example, outbound_proxy: "socks5://proxy:1080" }

                """#,
            expected: #"""
                proxy.yaml:2: providers.a.outbound_proxy: must be a URL that starts with http://
                  remedy: write outbound_proxy: http://proxy.internal:3128
                proxy.yaml:3: providers.b.outbound_proxy: must be http://host:port, got "http://proxy"
                  remedy: write outbound_proxy: http://proxy:3128
                proxy.yaml:4: providers.c.outbound_proxy: must be http://host:port, got "http://proxy:3128/x"
                  remedy: write outbound_proxy: http://proxy:3128
                proxy.yaml:5: providers.d.outbound_proxy: must not contain a user name or password
                  remedy: remove everything up to the @
                proxy.yaml:6: providers.e.outbound_proxy: must be a URL that starts with http://
                  remedy: write outbound_proxy: http://proxy.internal:3128

                """#
        ),
    ]
}
