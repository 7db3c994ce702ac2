extension PriceFileTests {
    static let cases: [Golden] = [
        Golden(
            name: "keys",
            text: """
                modles: {}
                models:
                  a:
                    alias: [b]
                    kind: chatt
                    limits: { input: 0, total: 5 }
                    prices: { standart: { input: 1 }, standard: { inptu: 1, output: 2 } }
                  b: {}
                """,
            expected: #"""
                etc/prices.yaml:1: modles: is not a known key
                  remedy: did you mean models?
                etc/prices.yaml:4: models.a.alias: is not a known key
                  remedy: the keys here are also, kind, limits, reasons_unseen, uplift, retires, prices
                etc/prices.yaml:5: models.a.kind: must be one of chat, responses, completion, embedding, moderation, image, transcription, speech, realtime, video, got "chatt"
                  remedy: write kind: chat
                etc/prices.yaml:6: models.a.limits.input: must be between 1 and 1000000000, got 0
                  remedy: write input: 1
                etc/prices.yaml:6: models.a.limits.total: is not a known key
                  remedy: the keys here are input, output
                etc/prices.yaml:7: models.a.prices.standard.inptu: is not a known price
                  remedy: did you mean input?
                etc/prices.yaml:7: models.a.prices.standart: is not a known row
                  remedy: did you mean standard?
                etc/prices.yaml:8: models.b.prices: is missing
                  remedy: write prices: { standard: { input: 2, output: 8 } }

                """#
        ),
        Golden(
            name: "values",
            text: """
                models:
                  a:
                    retires: tomorrow
                    kind: tools
                    uplift: { factor: 1.1, regions: Europe }
                    prices:
                      - from: 2026-13-01
                        standard: { input: free, output: -1, cached: 1/2 }
                        standard 272000: { input: 1, output: 1 }
                      - standard: as-standard
                        batch: half
                  b: { prices: { standard: { seconds: 0.1, images: 1/0, characters: 1/2000000 } } }
                """,
            expected: #"""
                etc/prices.yaml:3: models.a.retires: must be a day, got "tomorrow"
                  remedy: write retires: 2026-12-01
                etc/prices.yaml:4: models.a.kind: must be one of chat, responses, completion, embedding, moderation, image, transcription, speech, realtime, video, got "tools"
                  remedy: write kind: chat
                etc/prices.yaml:5: models.a.uplift.factor: must be a fraction of numbers up to 1000, got "1.1"
                  remedy: write factor: 11/10
                etc/prices.yaml:5: models.a.uplift.regions: must be two to four lower-case letters, got "Europe"
                  remedy: write regions: [eu]
                etc/prices.yaml:7: models.a.prices.from: must be a day, got "2026-13-01"
                  remedy: write from: 2026-12-01
                etc/prices.yaml:8: models.a.prices.standard.cached: must be dollars per million tokens, got "1/2"
                  remedy: write cached: 2.50
                etc/prices.yaml:8: models.a.prices.standard.input: must be a price such as 0.15, not negative and no finer than a picodollar, got "free"
                  remedy: write input: 0.15
                etc/prices.yaml:8: models.a.prices.standard.output: must be a price such as 0.15, not negative and no finer than a picodollar, got "-1"
                  remedy: write output: 0.15
                etc/prices.yaml:9: models.a.prices.standard 272000: is not a known row
                  remedy: write standard, or with a prompt length "standard >272000"
                etc/prices.yaml:11: models.a.prices.batch: must be a section, got a value
                  remedy: write the keys of batch below it, indented
                etc/prices.yaml:12: models.b.prices.standard.characters: must be dollars for a number of units, got "1/2000000"
                  remedy: write characters: 10/1000
                etc/prices.yaml:12: models.b.prices.standard.images: must be dollars for a number of units, got "1/0"
                  remedy: write images: 10/1000
                etc/prices.yaml:12: models.b.prices.standard.seconds: must be dollars for a number of units, got "0.1"
                  remedy: write seconds: 10/1000

                """#
        ),
        Golden(
            name: "as a whole",
            text: """
                models:
                  a:
                    prices:
                      standard: { input: 1, cached: 0.1, output: 2 }
                      batch: { input: 0.5, output: 1 }
                  b: { also: [a], prices: { flex: { input: 1 } } }
                """,
            expected: #"""
                etc/prices.yaml:5: this row lacks `cached`, which the `standard` row has
                  remedy: see prices in docs/configuration.md
                etc/prices.yaml:6: `a` is priced twice, here and on line 2
                  remedy: see prices in docs/configuration.md
                etc/prices.yaml:6: prices need a `standard` row without a prompt length
                  remedy: see prices in docs/configuration.md

                """#
        ),
        Golden(
            name: "not YAML",
            text: "models: [",
            expected: #"""
                etc/prices.yaml:1: a value or a closing bracket is missing
                  remedy: write the value, or close the bracket

                """#
        ),
        Golden(
            name: "a list",
            text: "- models",
            expected: #"""
                etc/prices.yaml:1: must be a section, got a list
                  remedy: write key: value

                """#
        ),
        Golden(
            name: "a name twice",
            text: "models: { a: { prices: { standard: { input: 1, input: 2 } } } }",
            expected: #"""
                etc/prices.yaml:1: models.a.prices.standard.input: is already set on line 1
                  remedy: remove one of the two

                """#
        ),
        Golden(
            name: "nothing behind the colon",
            text: "models: { a: { prices: , also: }, b: { uplift: { factor: 11/10, regions: } } }",
            expected: """
                etc/prices.yaml:1: models.a.also: is empty
                  remedy: write a value, or remove also
                etc/prices.yaml:1: models.a.prices: is empty
                  remedy: write prices: { standard: { input: 2, output: 8 } }
                etc/prices.yaml:1: models.b.prices: is missing
                  remedy: write prices: { standard: { input: 2, output: 8 } }
                etc/prices.yaml:1: models.b.uplift.regions: is empty
                  remedy: write regions: [eu, us]

                """
        ),
    ]
}
