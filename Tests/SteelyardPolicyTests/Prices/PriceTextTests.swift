import SeededRandom
import Testing

@testable import SteelyardPolicy

@Suite("The text form of a price book")
struct PriceTextTests {
    @Test("a block becomes a model with all it says")
    func block() throws {
        let book = try PriceBook(
            text: """
                # prices of today
                as-of 2026-11-18

                model m retires 2027-04-01   # a name
                \talso m-2026-05-01
                  kind responses
                  limits input 272000 output 128000
                  uplift 11/10 us eu
                  from launch source here
                    standard         input 2 cached 0.5 output 8 web-search 25/1000
                    standard >=1000  input 4 cached 1   output 12
                    flex             input 1 cached -   output 4
                    flex     >=1000  as-standard
                  from 2026-08-21 source there
                    standard         input 1 cached ? output 4

                """
        )
        let model = try #require(book.prices(of: "m-2026-05-01"))
        #expect(model.names.map(\.text) == ["m", "m-2026-05-01"])
        #expect(model.names.map(\.retires?.text) == ["2027-04-01", nil])
        #expect(model.kind == .responses)
        #expect(model.maxInputTokens == 272_000)
        #expect(model.maxOutputTokens == 128_000)
        #expect(model.uplift?.factor == Ratio(11, over: 10))
        #expect(model.uplift?.regions.map(\.code) == ["us", "eu"])
        #expect(model.sheets.map(\.source) == ["here", "there"])
        #expect(model.sheets.map(\.from?.text) == [nil, "2026-08-21"])
        let rows = model.sheets[0].rows
        #expect(rows.map(\.tier) == [.standard, .standard, .flex, .flex])
        #expect(rows.map(\.threshold) == [nil, .from(1000), nil, .from(1000)])
        #expect(rows[2].prices?[.cachedInput] == .asPlain)
        #expect(rows[3].prices == nil)
        #expect(model.sheets[1].rows[0].prices?[.cachedInput] == .undisclosed)
        #expect(rows[0].line == 10)
    }

    @Test(
        "a line that cannot be read is named with its number",
        arguments: [
            ("modle x", "3: unknown word `modle`"), ("model", "3: expected NAME or NAME retires YYYY-MM-DD"),
            ("model a b", "3: expected NAME or NAME retires YYYY-MM-DD"),
            ("model a retires soon", "3: expected YYYY-MM-DD"),
            ("model a retires 2027-02-29", "3: expected YYYY-MM-DD"),
            ("as-of 2026-11", "3: expected YYYY-MM-DD"),
            ("limits input", "3: expected pairs of a name and a value"),
            ("limits input many", "3: `many` is not a token count"),
            ("limits input -1", "3: `-1` is not a token count"),
            ("limits image 5", "3: unknown limit `image`; known are input and output"),
            ("uplift 1.1 eu", "3: expected a factor such as 11/10, then regions such as eu us"),
            ("uplift 11/0 eu", "3: expected a factor such as 11/10, then regions such as eu us"),
            ("uplift 11/10", "3: regions are two to four lower-case letters, such as eu"),
            ("uplift 11/10 EU", "3: regions are two to four lower-case letters, such as eu"),
            ("from launch", "3: expected `from launch source NAME` or `from YYYY-MM-DD source NAME`"),
            ("from yesterday source x", "3: expected YYYY-MM-DD"),
            ("flex input", "3: expected pairs of a name and a value"),
            ("flex", "3: expected pairs of a name and a value"),
            ("flex inputs 1", "3: unknown column `inputs`"), ("flex input 1 input 2", "3: `input` is given twice"),
            ("flex input -1", "3: `-1` is not a price: negative"),
            ("flex input 1.2.3", "3: `1.2.3` is not a price: malformed"),
            ("flex input 1,5", "3: `1,5` is not a price: malformed"),
            ("flex input 1e30", "3: `1e30` is not a price: tooLarge"),
            ("flex input 1e-30", "3: `1e-30` is not a price: tooFine"),
            ("flex input 1/1000", "3: `1/1000`: write token prices per 1000000 tokens, without a slash"),
            ("flex seconds 1", "3: `1`: expected a price for 1 to 1000000 units, such as 0.017/60"),
            ("flex seconds 1/0", "3: `1/0`: expected a price for 1 to 1000000 units, such as 0.017/60"),
            ("flex seconds 1/7", "3: `1` is not a price: tooFine"),
            ("flex >many input 1", "3: `>many` is not a prompt length such as >272000 or >=200000"),
            ("flex >-1 input 1", "3: `>-1` is not a prompt length such as >272000 or >=200000"),
        ]
    )
    func unreadable(_ line: String, _ problem: String) {
        let text = "model m\n  from launch source x\n\(line)\n    standard input 1 output 1"
        let problems = problems(of: text)
        #expect(problems == [problem])
    }

    @Test(
        "a book that is wrong as a whole is named with its line",
        arguments: [
            ("model m\nmodel n\nfrom launch source x\nstandard input 1", "1: a model needs a `from` line and prices"),
            ("model m\nfrom launch source x", "2: prices need a `standard` row without a prompt length"),
            ("model m\nfrom launch source x\nflex input 1", "2: prices need a `standard` row without a prompt length"),
            ("model m\nalso m\nfrom launch source x\nstandard input 1", "1: `m` is priced twice, here and on line 1"),
            (
                "model m\nfrom launch source x\nstandard input 1\nmodel n\nalso m\nfrom launch source x\nstandard input 1",
                "4: `m` is priced twice, here and on line 1"
            ),
            ("model é\nfrom launch source x\nstandard input 1", "1: `é` has characters that no model name may have"),
            (
                "model m\nfrom 2026-01-02 source x\nstandard input 1\nfrom 2026-01-02 source x\nstandard input 1",
                "4: price lists must go from oldest to newest; `launch` can only be first"
            ),
            (
                "model m\nfrom 2026-01-02 source x\nstandard input 1\nfrom launch source x\nstandard input 1",
                "4: price lists must go from oldest to newest; `launch` can only be first"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1 cached 1 output 2\nflex input 1 output 1",
                "4: this row lacks `cached`, which the `standard` row has"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1\nflex input 1 output 1",
                "4: this row has `output`, which the `standard` row lacks"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1\nstandard >5 input 2\nflex input 1",
                "5: `flex` must have the same prompt lengths as `standard`"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1\nflex input 1\nflex >5 input 1",
                "5: `flex` must have the same prompt lengths as `standard`"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1\nflex input 1\nflex input 2",
                "5: two `flex` rows are for the same prompt length"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1\nstandard >5 as-standard",
                "4: `as-standard` is only for the other tiers"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1 output -",
                "3: `output -`: there is no plain price to use instead"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1 write 2 output 1",
                "3: `write` has a price, so `write-long` needs one; write `?` if it is not known"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1 write 2 write-long - output 1",
                "3: `write` has a price, so `write-long` needs one; write `?` if it is not known"
            ),
            (
                "model m\nfrom launch source x\nstandard input 1\nflex input 1 web-search 1/1",
                "4: write fees only on the first `standard` row"
            ),
            ("tools\nfrom launch source x\nstandard input 1", "3: `tools` can contain only fees"),
        ]
    )
    func incomplete(_ text: String, _ problem: String) {
        #expect(problems(of: text).contains(problem), "\(problems(of: text))")
    }

    @Test("a kind that does not exist is answered with those that do", arguments: ["chatty", "tools", ""])
    func kinds(_ kind: String) {
        let known = "chat, responses, completion, embedding, moderation, image, transcription, speech, realtime, video"
        #expect(problems(of: "model m\nkind \(kind)") == ["2: expected one of: \(known)"])
    }

    @Test("prices and rows need a model and a sheet above them")
    func order() {
        #expect(problems(of: "also x") == ["1: this line needs a `model` line above it"])
        #expect(problems(of: "standard input 1") == ["1: this line needs a `model` line above it"])
        #expect(problems(of: "model m\nstandard input 1").contains("2: prices need a `from` line above them"))
    }

    @Test("every problem is told, not only the first")
    func allProblems() {
        #expect(problems(of: "nonsense\nmodel a b\nflex ?").count == 3)
    }

    @Test("a changed text is another version, the same text the same one")
    func version() throws {
        let text = "model m\nfrom launch source x\nstandard input 1"
        #expect(try PriceBook(text: text).version == PriceBook(text: text).version)
        #expect(try PriceBook(text: text).version != PriceBook(text: text + "0").version)
    }

    @Test("an override takes the names it gives, and leaves the others their prices")
    func override() throws {
        let base = try PriceBook(text: "model m\nalso n\nfrom launch source x\nstandard input 1")
        let own = try PriceBook(text: "model n\nfrom launch source mine\nstandard input 5")
        let book = try base.overridden(by: own.models, version: "mine")
        #expect(book.cost(of: .plain(1_000_000, 0), model: "m", at: now).usd == "1")
        #expect(book.cost(of: .plain(1_000_000, 0), model: "n", at: now).usd == "5")
        #expect(book.version == "mine")
    }

    @Test("no text makes the reader fail other than by naming its problems")
    func anyText() throws {
        var random = SeededRandom(seed: 0xB00C)
        let words = [
            "model", "m", "from", "launch", "source", "standard", "flex", ">5", "input", "1", "-", "?", "#", "/",
            "as-standard", "tools", "uplift", "11/10", "eu", "retires", "2026-01-01", "é", "1e999", "limits", "kind",
        ]
        for round in 0..<2000 {
            let text = (0..<random.below(30)).map { _ in
                words[Int(random.below(Int64(words.count)))] + (random.below(4) == 0 ? "\n" : " ")
            }.joined()
            let isRead = (try? PriceBook(text: text)) != nil
            #expect(isRead || !problems(of: text).isEmpty, "seed 0xB00C, round \(round)")
        }
    }

    @Test(
        "dates are civil days that exist",
        arguments: [
            ("1970-01-01", 0), ("2000-02-29", 951_782_400), ("2026-08-21", 1_787_270_400),
            ("9999-12-31", 253_402_214_400),
            ("2024-03-01", 1_709_251_200), ("2100-03-01", 4_107_542_400), ("2026-02-29", nil), ("2100-02-29", nil),
            ("2026-00-10", nil), ("2026-13-10", nil), ("2026-04-31", nil), ("1969-12-31", nil), ("2026-1-1", nil),
            ("20260101", nil), ("2026-01-01T00:00:00Z", nil), ("+026-01-01", nil), ("", nil), ("2026--1-01", nil),
        ] as [(String, Int64?)]
    )
    func dates(_ text: String, _ unixSeconds: Int64?) {
        #expect(EffectiveDate(text)?.unixSeconds == unixSeconds)
    }

    /// The problems of a text, one per line; empty if there are none.
    private func problems(of text: String) -> [String] {
        do throws(PriceProblems) {
            _ = try PriceBook(text: text)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }
}
