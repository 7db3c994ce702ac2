import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("The operator's own prices")
struct PriceFileTests {
    @Test("a file with every key says what the same text of a price book says")
    func everyKey() throws {
        let book = try PriceBook(
            text: """
                model gpt-x retires 2027-04-01
                  also gpt-x-2026-05-01
                  also gpt-x-2026-08-01
                  kind responses
                  limits input 272000 output 128000
                  uplift 11/10 us eu
                  from launch source contract
                    standard          input 2 cached 0.5 write 2.5 write-long ? output 8
                    standard >272000  input 4 cached - write 2.5 write-long ? output 12
                    priority          as-standard
                    priority >272000  as-standard
                  from 2026-12-01 source operator
                    standard          input 1.5 output 1e-7
                model tts
                  kind speech
                  from launch source operator
                    standard  characters 15/1000000
                model whisper
                  kind transcription
                  from launch source operator
                    standard  seconds 0.017/60
                tools
                  from launch source operator
                    standard  web-search 10/1000 container 0.03/1
                """
        )
        let reading = Self.read(Self.full)
        #expect(reading.rendered == "")
        let models = try #require(reading.configuration?.prices.models)
        #expect(models.map(Self.withoutLines) == book.models.map(Self.withoutLines))
        #expect(models.map(\.line) == [2, 17, 20, 21])
    }

    @Test("prices are exact however they are written", arguments: ["0.1", "1e-1", "0.10", "\"0.1\"", "1E-1"])
    func exact(text: String) throws {
        let reading = Self.read("models: { m: { prices: { standard: { input: \(text) } } } }")
        let row = try #require(reading.configuration?.prices.models.first?.sheets.first?.rows.first)
        #expect(row.prices?[.input] == .rate(try Rate(usd: ExactDecimal(parsing: "0.1"), per: 1_000_000)))
    }

    @Test("an empty file changes nothing", arguments: ["", "# none yet\n", "models: {}\n", "models:\n"])
    func empty(text: String) {
        let reading = Self.read(text)
        #expect(reading.configuration?.prices.models == [], "\(reading.rendered)")
    }

    @Test("the same file has the same version, another has another")
    func version() {
        let versions = ["models: {}", "models: {}", "models: {} "].map { Self.read($0).configuration?.prices.version }
        #expect(versions[0] == versions[1] && versions[0] != versions[2] && versions[0]?.isEmpty == false)
    }

    @Test("what is wrong with the prices is reported in their own file, to the letter", arguments: cases)
    func golden(_ golden: Golden) {
        #expect(Self.read(golden.text).rendered == golden.expected)
    }

    /// Every key of the schema.
    static let full = """
        models:
          gpt-x:
            retires: 2027-04-01
            also: [gpt-x-2026-05-01, gpt-x-2026-08-01]
            kind: responses
            limits: { input: 272000, output: 128000 }
            uplift: { factor: 11/10, regions: [us, eu] }
            prices:
              - from: launch
                source: contract
                standard: { input: 2, cached: 0.5, write: 2.5, write-long: unknown, output: 8 }
                standard >272000: { input: 4, cached: as-plain, write: 2.5, write-long: "?", output: 12 }
                priority: as-standard
                priority >272000: as-standard
              - from: 2026-12-01
                standard: { input: 1.5, output: 1e-7 }
          tts:
            kind: speech
            prices: { standard: { characters: 15/1000000 } }
          whisper: { kind: transcription, prices: { standard: { seconds: 0.017/60 } } }
        tools:
          prices: { standard: { web-search: 10/1000, container: 0.03/1 } }
        """

    private static func read(_ prices: String) -> Reading {
        let machine = Machine(files: ["etc/prices.yaml": prices])
        return SteelyardConfigurationTests.read(
            "prices: { file: prices.yaml }\n" + openAI,
            on: machine,
            file: "etc/proxy.yaml"
        )
    }

    private static func withoutLines(_ model: ModelPrices) -> ModelPrices {
        var model = model
        model.line = 0
        for sheet in model.sheets.indices {
            model.sheets[sheet].line = 0
            for row in model.sheets[sheet].rows.indices { model.sheets[sheet].rows[row].line = 0 }
        }
        return model
    }
}
