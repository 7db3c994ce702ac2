extension TeamProblemTests {
    static let cases: [Golden] = [
        Golden(
            name: "team names",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  reject: {}
                  other:
                  two words: {}
                  ok-1: ~

                """#,
            expected: #"""
                proxy.yaml:3: teams.reject: is a reserved name
                  remedy: give this team another name
                proxy.yaml:4: teams.other: is a reserved name
                  remedy: give this team another name
                proxy.yaml:5: teams.two words: is not a valid name: "two words"
                  remedy: use up to 64 letters, digits, '-', '_' and '.', starting with a letter or digit

                """#
        ),
        Golden(
            name: "a team that is no section",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a: search
                  b: [x]
                organization: 5

                """#,
            expected: #"""
                proxy.yaml:3: teams.a: must be a section, got a value
                  remedy: write the keys of a below it, indented
                proxy.yaml:4: teams.b: must be a section, got a list
                  remedy: write the keys of b below it, indented
                proxy.yaml:5: organization: must be a section, got a value
                  remedy: write the keys of organization below it, indented

                """#
        ),
        Golden(
            name: "keys without parts, or with the key itself",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }
                teams:
                  search:
                    keys:
                      - { id: k7QwR2xT }
                      - { sha256: HEX }
                      - { id: sy_k7QwR2xT_secret, sha256: HEX }
                      - { id: A0000000, sha256: sy_A0000000_secret }
                      - A0000001
                    provider_keys: [sk-proj-secret, HEX, sha256:12]

                """#,
            expected: #"""
                proxy.yaml:5: teams.search.keys[0].sha256: is missing
                  remedy: write sha256: … as `steelyard keys create` prints it
                proxy.yaml:6: teams.search.keys[1].id: is missing
                  remedy: write id: … as `steelyard keys create` prints it
                proxy.yaml:7: teams.search.keys[2].id: must be the 8 letters and digits after sy_ in the key
                  remedy: copy the line that `steelyard keys create` prints
                proxy.yaml:8: teams.search.keys[3].sha256: must be the 64 hexadecimal digits of the key's SHA-256
                  remedy: write the output of: printf %s "$KEY" | sha256sum
                proxy.yaml:9: teams.search.keys[4]: must be a section, got a value
                  remedy: write the keys of keys below it, indented
                proxy.yaml:10: teams.search.provider_keys[0]: must be sha256: and the 64 hexadecimal digits of the provider key's SHA-256, not the key itself
                  remedy: write the output of: printf %s "$KEY" | sha256sum, after sha256:
                proxy.yaml:10: teams.search.provider_keys[1]: must be sha256: and the 64 hexadecimal digits of the provider key's SHA-256, not the key itself
                  remedy: write the output of: printf %s "$KEY" | sha256sum, after sha256:
                proxy.yaml:10: teams.search.provider_keys[2]: must be sha256: and the 64 hexadecimal digits of the provider key's SHA-256, not the key itself
                  remedy: write the output of: printf %s "$KEY" | sha256sum, after sha256:

                """#
        ),
        Golden(
            name: "when keys end",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }
                teams:
                  search:
                    keys:
                      - { id: k7QwR2xT, sha256: HEX, expires: 2027-02-30 }
                      - { id: k7QwR2xU, sha256: sha256:HEX, expires: 2027-01-01T09:00 }
                      - { id: k7QwR2xV, sha256: HEX, expires: tomorrow }

                """#,
            expected: #"""
                proxy.yaml:5: teams.search.keys[0].expires: must be a date, or a date and time with its zone, got "2027-02-30"
                  remedy: write expires: 2027-01-01T09:00:00Z
                proxy.yaml:6: teams.search.keys[1].expires: must be a date, or a date and time with its zone, got "2027-01-01T09:00"
                  remedy: write expires: 2027-01-01T09:00Z
                proxy.yaml:7: teams.search.keys[2].expires: must be a date, or a date and time with its zone, got "tomorrow"
                  remedy: write expires: 2027-01-01T09:00:00Z

                """#
        ),
        Golden(
            name: "one key of two teams",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }
                teams:
                  a:
                    keys:
                      - { id: k7QwR2xT, sha256: HEX }
                    provider_keys: [sha256:HEX]
                  b:
                    keys:
                      - { id: k7QwR2xT, sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad }
                      - { id: k7QwR2xU, sha256: HEX }
                    provider_keys: [sha256:HEX]

                """#,
            expected: #"""
                proxy.yaml:9: teams.b.keys[0].id: k7QwR2xT already belongs to a on line 5
                  remedy: create a new key: steelyard keys create --team b
                proxy.yaml:10: teams.b.keys[1].sha256: this key already belongs to a on line 5, under another id
                  remedy: create a new key: steelyard keys create --team b
                proxy.yaml:11: teams.b.provider_keys[0]: already belongs to a on line 6
                  remedy: remove one of the two: a key stands for one team

                """#
        ),
        Golden(
            name: "amounts",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                organization:
                  budgets:
                    - { limit_usd: $500, every: month }
                    - { limit_usd: 0, every: month }
                    - { limit_usd: "500", every: month }
                    - { limit_usd: 1e3, every: month }
                    - { limit_usd: 0.0000000000001, every: month }
                    - { limit_usd: 1000000001, every: month }
                    - { limit_usd: "1,500 USD", every: month }
                    - { limit_usd: -5, every: month }
                    - { every: month }
                    - { limit_usd: 5 }

                """#,
            expected: #"""
                proxy.yaml:4: organization.budgets[0].limit_usd: must be an amount of dollars, got "$500"
                  remedy: write limit_usd: 500
                proxy.yaml:5: organization.budgets[1].limit_usd: must be more than 0
                  remedy: write an amount above 0; to let a team send nothing, write models: { deny: ["*"] }
                proxy.yaml:6: organization.budgets[2].limit_usd: must be a number, got text in quotes
                  remedy: write limit_usd: 500
                proxy.yaml:7: organization.budgets[3].limit_usd: must be an amount of dollars, got "1e3"
                  remedy: write limit_usd: 500
                proxy.yaml:8: organization.budgets[4].limit_usd: is finer than a picodollar: 0.0000000000001
                  remedy: write at most 12 decimals
                proxy.yaml:9: organization.budgets[5].limit_usd: must be 1000000000 or less, got 1000000001
                  remedy: write limit_usd: 1000000000
                proxy.yaml:10: organization.budgets[6].limit_usd: must be an amount of dollars, got "1,500 USD"
                  remedy: write limit_usd: 500
                proxy.yaml:11: organization.budgets[7].limit_usd: must be an amount of dollars, got "-5"
                  remedy: write limit_usd: 500
                proxy.yaml:12: organization.budgets[8].limit_usd: is missing
                  remedy: write limit_usd: 500
                proxy.yaml:13: organization.budgets[9].every: is missing
                  remedy: write every: month

                """#
        ),
        Golden(
            name: "windows",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                organization:
                  budgets:
                    - { limit_usd: 5, every: monthly }
                    - { limit_usd: 5, every: month, starts_on: 32 }
                    - { limit_usd: 5, every: week, starts_on: 0 }
                    - { limit_usd: 5, every: day, starts_on: 1 }
                    - { limit_usd: 5, every: day, when_spent: stop }
                    - { limit_usd: 5, every: day, warn_at: [80%, 0.5, 1.5] }
                    - { limit_usd: 5, every: day, warn_at: [0.9, 0.7] }
                    - { limit_usd: 5, every: day, warn_at: 0.0005 }
                    - { limit_usd: 5, every: day, models: ["gpt 4", ""] }

                """#,
            expected: #"""
                proxy.yaml:4: organization.budgets[0].every: must be one of hour, day, week, month, year, got "monthly"
                  remedy: write every: month
                proxy.yaml:5: organization.budgets[1].starts_on: must be between 1 and 31, got 32
                  remedy: write starts_on: 31
                proxy.yaml:6: organization.budgets[2].starts_on: must be between 1 and 7, got 0
                  remedy: write starts_on: 1
                proxy.yaml:7: organization.budgets[3].starts_on: has no meaning with every: day
                  remedy: remove starts_on
                proxy.yaml:8: organization.budgets[4].when_spent: must be one of block, warn, got "stop"
                  remedy: write when_spent: block
                proxy.yaml:9: organization.budgets[5].warn_at[0]: must be more than 0 and at most 1, with up to 3 decimals, got "80%"
                  remedy: write warn_at: [0.8]
                proxy.yaml:9: organization.budgets[5].warn_at[2]: must be more than 0 and at most 1, with up to 3 decimals, got "1.5"
                  remedy: write warn_at: [0.8]
                proxy.yaml:10: organization.budgets[6].warn_at: must be in ascending order
                  remedy: write warn_at: [0.7, 0.9]
                proxy.yaml:11: organization.budgets[7].warn_at: must be more than 0 and at most 1, with up to 3 decimals, got "0.0005"
                  remedy: write warn_at: [0.8]
                proxy.yaml:12: organization.budgets[8].models[0]: must be a model name, in which * stands for any characters, got "gpt 4"
                  remedy: write models: ["gpt-4.1*"]
                proxy.yaml:12: organization.budgets[8].models[1]: must be a model name, in which * stands for any characters, got ""
                  remedy: write models: ["gpt-4.1*"]

                """#
        ),
        Golden(
            name: "time zones",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                organization:
                  budgets:
                    - { limit_usd: 1, every: day, time_zone: Europe/Pariss }
                    - { limit_usd: 2, every: day, time_zone: Asia/Calcuta }
                    - { limit_usd: 3, every: day, time_zone: Mars/Olympus }
                    - { limit_usd: 4, every: day, time_zone: ../../../etc/passwd }
                    - { limit_usd: 5, every: day, time_zone: right/Europe/Paris }
                    - { limit_usd: 6, every: day, time_zone: tzdata.zi }

                """#,
            expected: #"""
                proxy.yaml:4: organization.budgets[0].time_zone: is not a time zone that this system knows: "Europe/Pariss"
                  remedy: write time_zone: Europe/Paris
                proxy.yaml:5: organization.budgets[1].time_zone: is not a time zone that this system knows: "Asia/Calcuta"
                  remedy: write time_zone: Asia/Calcutta
                proxy.yaml:6: organization.budgets[2].time_zone: is not a time zone that this system knows: "Mars/Olympus"
                  remedy: write UTC or an IANA name such as Europe/Paris; on Debian, install the package tzdata
                proxy.yaml:7: organization.budgets[3].time_zone: is not a time zone that this system knows: "../../../etc/passwd"
                  remedy: write UTC or an IANA name such as Europe/Paris; on Debian, install the package tzdata
                proxy.yaml:8: organization.budgets[4].time_zone: is not a time zone that this system knows: "right/Europe/Paris"
                  remedy: write time_zone: Europe/Paris
                proxy.yaml:9: organization.budgets[5].time_zone: is not a time zone that this system knows: "tzdata.zi"
                  remedy: write UTC or an IANA name such as Europe/Paris; on Debian, install the package tzdata

                """#
        ),
        Golden(
            name: "limits",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a:
                    limits: { requests_per_minute: 0, tokens_per_minute: 1k, concurrent_requests: -1 }
                    reserve: worst
                    outgrown_hold: kill
                    unmetered: yes

                """#,
            expected: #"""
                proxy.yaml:4: teams.a.limits.concurrent_requests: must be a whole number, got "-1"
                  remedy: write concurrent_requests: 50
                proxy.yaml:4: teams.a.limits.requests_per_minute: must be between 1 and 1000000000000, got 0
                  remedy: write requests_per_minute: 1
                proxy.yaml:4: teams.a.limits.tokens_per_minute: must be a whole number, got "1k"
                  remedy: write tokens_per_minute: 200000
                proxy.yaml:5: teams.a.reserve: must be one of learned, worst_case, got "worst"
                  remedy: write reserve: worst_case
                proxy.yaml:6: teams.a.outgrown_hold: must be one of finish, cut, got "kill"
                  remedy: write outgrown_hold: finish
                proxy.yaml:7: teams.a.unmetered: must be one of refuse, allow, got "yes"
                  remedy: write unmetered: refuse

                """#
        ),
        Golden(
            name: "models that can never match",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a:
                    models: { allow: [gpt-4.1-mini, o3*], deny: ["gpt-4.1*", text-embedding-3-small] }
                    budgets:
                      - { limit_usd: 5, every: day, when_spent: warn, models: [gpt-4o] }
                      - { limit_usd: 5, every: week, when_spent: warn, models: ["o*"] }

                """#,
            expected: #"""
                proxy.yaml:4: teams.a.models.allow[0]: never allows a model: gpt-4.1* in deny excludes every model that gpt-4.1-mini allows
                  remedy: remove gpt-4.1-mini from allow, or gpt-4.1* from deny
                proxy.yaml:4: warning: teams.a.models.deny[1]: has no effect: no pattern in allow includes a model that text-embedding-3-small could exclude
                  remedy: remove text-embedding-3-small
                proxy.yaml:6: teams.a.budgets[0].models[0]: counts nothing: a may not use gpt-4o
                  remedy: remove gpt-4o, or allow it in models.allow and models.deny

                """#
        ),
        Golden(
            name: "models nobody knows",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                organization:
                  budgets: [{ limit_usd: 5, every: day, models: [gpt-4.2*, "gpt-4.1-2025-*", "ft:gpt-4o:acme:*", openai/gpt-4o, llama] }]

                """#,
            expected: #"""
                proxy.yaml:3: warning: organization.budgets[0].models[0]: gpt-4.2* matches no model in the price book
                  remedy: did you mean gpt-4.1? `steelyard prices show` lists its models; add your own in prices.file
                proxy.yaml:3: warning: organization.budgets[0].models[4]: llama matches no model in the price book
                  remedy: `steelyard prices show` lists its models; add your own in prices.file

                """#
        ),
        Golden(
            name: "budgets that are never reached",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }
                organization:
                  budgets:
                    - { limit_usd: 1000, every: month }
                teams:
                  a:
                    keys:
                      - id: k7QwR2xT
                        sha256: HEX
                        budgets: [{ limit_usd: 600, every: month }, { limit_usd: 400, every: month }]
                    budgets:
                      - { limit_usd: 500, every: month }
                      - { limit_usd: 10, every: day, models: [gpt-4o] }
                      - { limit_usd: 400, every: month, models: [gpt-4o] }
                      - { limit_usd: 400, every: month, when_spent: warn }
                      - { limit_usd: 2000, every: year, warn_at: [0.1] }
                      - { limit_usd: 500, every: month }
                default_team: reject

                """#,
            expected: #"""
                proxy.yaml:10: warning: teams.a.keys[0].budgets[0]: never takes effect: the limit of 400 USD a month for key k7QwR2xT on line 10 is always reached first
                  remedy: lower limit_usd, or remove this budget
                proxy.yaml:14: warning: teams.a.budgets[2]: never takes effect: the limit of 10 USD a day for team a on line 13 is always reached first
                  remedy: lower limit_usd, or remove this budget
                proxy.yaml:17: teams.a.budgets[5]: is already listed on line 12
                  remedy: remove one of the two

                """#
        ),
        Golden(
            name: "a budget that can be left",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a: { budgets: [{ limit_usd: 5, every: day }] }
                  b: {}

                """#,
            expected: #"""
                proxy.yaml:3: warning: teams.a.budgets[0]: can be bypassed: a has no keys, so its callers can have unassigned charged instead
                  remedy: give the team keys: steelyard keys create --team a

                """#
        ),
        Golden(
            name: "a budget that can be left by naming another",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a: { budgets: [{ limit_usd: 5, every: day }] }
                  b: {}
                default_team: a

                """#,
            expected: #"""
                proxy.yaml:3: warning: teams.a.budgets[0]: can be bypassed: a has no keys, so its callers can have b charged instead
                  remedy: give the team keys: steelyard keys create --team a

                """#
        ),
        Golden(
            name: "a budget that cannot be left",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a: { budgets: [{ limit_usd: 5, every: day }] }
                default_team: a

                """#,
            expected: ""
        ),
        Golden(
            name: "keys that nothing can replace",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  a: { keys: [{ id: k7QwR2xT, sha256: HEX }] }

                """#,
            expected: #"""
                proxy.yaml:3: teams.a.keys: cannot be used: no provider has an api_key to send in their place
                  remedy: write api_key: env:OPENAI_API_KEY in providers.openai, or api_key: none if it needs no key

                """#
        ),
        Golden(
            name: "keys that one provider refuses",
            text: #"""
                providers:
                  openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY }
                  vllm: { base_url: http://127.0.0.1:8000/v1, mount: /vllm }
                  free: { base_url: http://127.0.0.1:8001/v1, mount: /free, api_key: none }
                teams:
                  a: { keys: [{ id: k7QwR2xT, sha256: HEX }] }

                """#,
            expected: #"""
                proxy.yaml:3: warning: providers.vllm: refuses team keys: it has no api_key to send in their place
                  remedy: write api_key: env:NAME, or api_key: none if it needs no key

                """#
        ),
        Golden(
            name: "a provider key without keys",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }

                """#,
            expected: #"""
                proxy.yaml:1: warning: providers.openai.api_key: has no effect: it replaces Steelyard keys, and no team has one
                  remedy: create a key: steelyard keys create --team NAME

                """#
        ),
        Golden(
            name: "a provider key written out, or not there",
            text: #"""
                providers:
                  a: { base_url: https://a.example, mount: /a, api_key: sk-proj-secret }
                  b: { base_url: https://b.example, mount: /b, api_key: env:NOBODY }

                """#,
            expected: #"""
                proxy.yaml:2: providers.a.api_key: must say where the secret is stored (env:NAME, file:PATH or credential:NAME), not the secret itself
                  remedy: write api_key: env:OPENAI_API_KEY
                proxy.yaml:3: providers.b.api_key: the environment variable NOBODY is not set
                  remedy: set NOBODY

                """#
        ),
        Golden(
            name: "a default team that has keys",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }
                teams:
                  search: { keys: [{ id: k7QwR2xT, sha256: HEX }] }
                default_team: search

                """#,
            expected: #"""
                proxy.yaml:4: warning: default_team: search has keys, but would also be charged for requests without a key
                  remedy: write default_team: reject, or name a team without keys

                """#
        ),
        Golden(
            name: "a default team that is probably another",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                teams:
                  search: {}
                default_team: serach

                """#,
            expected: #"""
                proxy.yaml:4: warning: default_team: serach is not one of the teams, so Steelyard adds it as another team
                  remedy: did you mean search?

                """#
        ),
        Golden(
            name: "keys in the clear",
            text: #"""
                server: { listen: 0.0.0.0:8080 }
                admin: { listen: 127.0.0.1:9090 }
                providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:OPENAI_API_KEY } }
                teams:
                  search: { keys: [{ id: k7QwR2xT, sha256: HEX }] }

                """#,
            expected: #"""
                proxy.yaml:1: warning: server.listen: Steelyard keys cross the network unencrypted: 0.0.0.0:8080 has no TLS
                  remedy: write server: { tls: { certificate: …, private_key: … } }, or end TLS in front of Steelyard

                """#
        ),
        Golden(
            name: "certificates",
            text: #"""
                server:
                  tls: { certificate: key.pem, private_key: cert.pem, client_ca: nobody.pem }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: server.tls.certificate: "key.pem" contains no certificate
                  remedy: name a PEM file that contains -----BEGIN CERTIFICATE-----
                proxy.yaml:2: server.tls.client_ca: "nobody.pem" does not exist
                  remedy: create the file, or correct the path
                proxy.yaml:2: server.tls.private_key: "cert.pem" contains no private key
                  remedy: name a PEM file that contains -----BEGIN PRIVATE KEY-----

                """#
        ),
        Golden(
            name: "a key with a passphrase, and no certificate",
            text: #"""
                server:
                  tls: { private_key: locked.pem }
                providers: { openai: { base_url: https://api.openai.com/v1 } }

                """#,
            expected: #"""
                proxy.yaml:2: server.tls.certificate: is missing
                  remedy: write certificate: fullchain.pem
                proxy.yaml:2: server.tls.private_key: "locked.pem" is protected by a passphrase
                  remedy: save the key without the passphrase: openssl pkey -in locked.pem -out KEY.pem

                """#
        ),
        Golden(
            name: "settings that change nothing",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                prices: { unpriced: refuse }
                teams:
                  a: { unmetered: allow, reserve: learned, budgets: [{ limit_usd: 5, every: day, when_spent: warn }] }
                  b: { unpriced: allow, budgets: [{ limit_usd: 5, every: day }] }
                default_team: b

                """#,
            expected: #"""
                proxy.yaml:4: warning: teams.a.reserve: has no effect: no budget blocks requests of a
                  remedy: remove reserve, or add a budget with when_spent: block
                proxy.yaml:4: warning: teams.a.unmetered: has no effect: no budget blocks requests of a
                  remedy: remove unmetered, or add a budget with when_spent: block
                proxy.yaml:5: warning: teams.b.budgets[0]: can be bypassed: b has no keys, so its callers can have a charged instead
                  remedy: give the team keys: steelyard keys create --team b
                proxy.yaml:5: warning: teams.b.unpriced: has no effect: prices.unpriced refuses models without a price for every team
                  remedy: remove one of the two

                """#
        ),
        Golden(
            name: "ledgers",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                ledger: { file: ":memory:", keep: 1h, durability: disk, on_failure: refuse }

                """#,
            expected: #"""
                proxy.yaml:2: ledger.durability: must be one of process, power, got "disk"
                  remedy: write durability: process
                proxy.yaml:2: ledger.file: must be the path of a file, got ":memory:"
                  remedy: write file: data/ledger.sqlite3
                proxy.yaml:2: ledger.keep: must be between 1d and 36500d, got 1h
                  remedy: write keep: 1d
                proxy.yaml:2: ledger.on_failure: must be one of refuse_budgeted, refuse_all, allow, got "refuse"
                  remedy: write on_failure: refuse_budgeted

                """#
        ),
        Golden(
            name: "a ledger that is a word",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                ledger: no

                """#,
            expected: #"""
                proxy.yaml:2: ledger: must be a section, or off
                  remedy: write ledger: { file: data/ledger.sqlite3 }, or ledger: off

                """#
        ),
        Golden(
            name: "a ledger that is off beside a budget that blocks",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                ledger: off
                organization: { budgets: [{ limit_usd: 5, every: day }] }

                """#,
            expected: #"""
                proxy.yaml:2: ledger: is off, but there are budgets: every restart would forget what was spent
                  remedy: remove ledger: off

                """#
        ),
        Golden(
            name: "a ledger that is off beside a budget that warns",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                ledger: off
                organization: { budgets: [{ limit_usd: 5, every: day, when_spent: warn }] }

                """#,
            expected: #"""
                proxy.yaml:2: warning: ledger: is off, but there are budgets: every restart would forget what was spent
                  remedy: remove ledger: off

                """#
        ),
        Golden(
            name: "a ledger that forgets too soon",
            text: #"""
                providers: { openai: { base_url: https://api.openai.com/v1 } }
                ledger: { keep: 30d }
                organization: { budgets: [{ limit_usd: 5, every: month }] }

                """#,
            expected: #"""
                proxy.yaml:2: warning: ledger.keep: is shorter than the longest budget period (month): a restart may forget part of an hour's spending
                  remedy: write keep: 32d or more

                """#
        ),
    ]
}
