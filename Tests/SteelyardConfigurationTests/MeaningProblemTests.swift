import Testing

@Suite("Values that do not fit each other or the machine")
struct MeaningProblemTests {
    @Test("is reported to the letter", arguments: cases)
    func golden(_ golden: Golden) {
        #expect(golden.said() == golden.expected)
    }

    static let cases: [Golden] = [
        Golden(
            name: "overlapping mounts",
            text: #"""
                providers:
                  openai: { base_url: https://api.openai.com/v1 }
                  mistral: { base_url: https://api.mistral.ai/v1 }
                  eu: { base_url: https://eu.api.openai.com/v1, mount: /v1/eu }
                  other: { base_url: https://other.example, mount: /v10 }

                """#,
            expected: #"""
                proxy.yaml:3: providers.mistral.mount: /v1 overlaps /v1 of openai on line 2
                  remedy: write mount: /mistral/v1
                proxy.yaml:4: providers.eu.mount: /v1/eu overlaps /v1 of openai on line 2
                  remedy: write mount: /eu/v1

                """#
        ),
        Golden(
            name: "mounts over Steelyard's own paths",
            text: #"""
                providers:
                  a: { base_url: https://a.example, mount: /metrics }
                  b: { base_url: https://b.example, mount: /admin/b }
                  c: { base_url: https://c.example, mount: /team }

                """#,
            expected: #"""
                proxy.yaml:2: providers.a.mount: /metrics overlaps /metrics, which Steelyard answers itself
                  remedy: write mount: /a/v1
                proxy.yaml:3: providers.b.mount: /admin/b overlaps /admin, which Steelyard answers itself
                  remedy: write mount: /b/v1
                proxy.yaml:4: providers.c.mount: /team overlaps /team, which Steelyard answers itself
                  remedy: write mount: /c/v1

                """#
        ),
        Golden(
            name: "admin paths are free when admin is elsewhere",
            text: #"""
                admin: { listen: 127.0.0.1:9090 }
                providers:
                  a: { base_url: https://a.example, mount: /metrics }
                  c: { base_url: https://c.example, mount: /team/x }

                """#,
            expected: #"""
                proxy.yaml:4: providers.c.mount: /team/x overlaps /team, which Steelyard answers itself
                  remedy: write mount: /c/v1

                """#
        ),
        Golden(
            name: "admin open to the network without a token",
            text: #"""
                admin: { listen: 0.0.0.0:9090 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: is required: 0.0.0.0:9090 can be reached from other machines
                  remedy: write admin: { token: env:STEELYARD_ADMIN_TOKEN }, or admin: { listen: 127.0.0.1:9090 }

                """#
        ),
        Golden(
            name: "admin follows a data listener that is open to the network",
            text: #"""
                server: { listen: 0.0.0.0:8080 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: is required: 0.0.0.0:8080 can be reached from other machines
                  remedy: write admin: { token: env:STEELYARD_ADMIN_TOKEN }, or admin: { listen: 127.0.0.1:9090 }

                """#
        ),
        Golden(
            name: "admin and data on one open address",
            text: #"""
                server: { listen: 0.0.0.0:8080 }
                admin: { token: env:TOKEN }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: warning: admin.listen: applications can reach the admin paths: 0.0.0.0:8080 is also the address of server.listen
                  remedy: give admin its own address, such as listen: 127.0.0.1:9090

                """#
        ),
        Golden(
            name: "two listeners that cannot both be opened",
            text: #"""
                server: { listen: 0.0.0.0:8080 }
                admin: { listen: 127.0.0.1:8080 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: admin.listen: 127.0.0.1:8080 conflicts with server.listen 0.0.0.0:8080: both need the same port
                  remedy: write listen: 127.0.0.1:8081, or listen: 0.0.0.0:8080 to share the address

                """#
        ),
        Golden(
            name: "a secret itself",
            text: #"""
                admin: { token: hunter2 }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: must say where the secret is stored (env:NAME, file:PATH or credential:NAME), not the secret itself
                  remedy: write token: env:STEELYARD_ADMIN_TOKEN

                """#
        ),
        Golden(
            name: "a secret that is not there",
            text: #"""
                admin: { token: env:NOBODY }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: the environment variable NOBODY is not set
                  remedy: set NOBODY

                """#
        ),
        Golden(
            name: "a reference to no variable",
            text: #"""
                admin: { token: "env:1 BAD" }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: needs a valid name after env:
                  remedy: write token: env:STEELYARD_ADMIN_TOKEN

                """#
        ),
        Golden(
            name: "a secret file that is not there",
            text: #"""
                admin: { token: file:secrets/nobody }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: "secrets/nobody" does not exist
                  remedy: create the file, or correct the path

                """#
        ),
        Golden(
            name: "an empty secret file",
            text: #"""
                admin: { token: file:empty }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: "empty" is empty
                  remedy: store the secret there

                """#
        ),
        Golden(
            name: "a secret of two lines",
            text: #"""
                admin: { token: file:two-lines }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: "two-lines" contains spaces, line breaks or characters outside ASCII
                  remedy: store only the secret there, on one line

                """#
        ),
        Golden(
            name: "a credential without systemd",
            text: #"""
                admin: { token: credential:token }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: admin.token: cannot be read: systemd passed no credentials (CREDENTIALS_DIRECTORY is not set)
                  remedy: add LoadCredential=token:PATH to the systemd unit

                """#
        ),
        Golden(
            name: "a link-local provider",
            text: #"""
                providers:
                  metadata: { base_url: http://169.254.169.254/latest, mount: /m }
                  mapped: { base_url: "https://[::ffff:a9fe:a9fe]/latest", mount: /n }

                """#,
            expected: #"""
                proxy.yaml:2: providers.metadata.base_url: 169.254.169.254 is a link-local address, where cloud platforms serve their credentials
                  remedy: write allow_link_local: true if this provider really is at that address
                proxy.yaml:2: warning: providers.metadata.base_url: keys and prompts travel unencrypted to 169.254.169.254
                  remedy: write https:// if the provider supports it
                proxy.yaml:3: providers.mapped.base_url: ::ffff:a9fe:a9fe is a link-local address, where cloud platforms serve their credentials
                  remedy: write allow_link_local: true if this provider really is at that address

                """#
        ),
        Golden(
            name: "plain http to another machine",
            text: #"""
                providers:
                  vllm: { base_url: http://vllm.internal:8000/v1, ca_file: ca.pem }

                """#,
            expected: #"""
                proxy.yaml:2: warning: providers.vllm.base_url: keys and prompts travel unencrypted to vllm.internal
                  remedy: write https:// if the provider supports it
                proxy.yaml:2: warning: providers.vllm.ca_file: has no effect: base_url is plain http
                  remedy: remove ca_file, or write https://

                """#
        ),
        Golden(
            name: "certificates that are none",
            text: #"""
                providers:
                  a: { mount: /a, base_url: https://a.example, ca_file: nobody.pem }
                  b: { mount: /b, base_url: https://b.example, ca_file: two-lines }

                """#,
            expected: #"""
                proxy.yaml:2: providers.a.ca_file: "nobody.pem" does not exist
                  remedy: create the file, or correct the path
                proxy.yaml:3: providers.b.ca_file: "two-lines" contains no certificate
                  remedy: name a PEM file that contains -----BEGIN CERTIFICATE-----

                """#
        ),
        Golden(
            name: "prices that are not there",
            text: #"""
                prices: { file: nobody.yaml }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:1: prices.file: "nobody.yaml" does not exist
                  remedy: create the file, or correct the path

                """#
        ),
    ]
}
