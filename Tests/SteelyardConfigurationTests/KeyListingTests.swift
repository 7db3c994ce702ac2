import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("Keys, as their commands show them")
struct KeyListingTests {
    private static let text = """
        providers: { openai: { base_url: https://api.openai.com/v1, api_key: none } }
        teams:
          search:
            keys:
              - { id: k7QwR2xT, sha256: \(TeamProblemTests.hex), expires: 2027-01-01 }
              - id: A0000000
                sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad
                budgets: [{ limit_usd: 5, every: day, warn_at: 0.5 }]
          labs: { keys: [{ id: B0000000, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 }] }
          batch:
        """

    @Test("the table lines up, marks what has ended, and holds no digest")
    func table() throws {
        let teams = try #require(read(Self.text).configuration?.teams)
        let listing = KeyListing(teams, nowSeconds: 1_798_761_600) { "@\($0)" }
        #expect(
            listing.text == """
                TEAM    ID        EXPIRES                BUDGETS
                search  k7QwR2xT  @1798761600 (expired)  -
                search  A0000000  never                  5 USD a day, warn at 0.5
                labs    B0000000  never                  -

                """
        )
        #expect(!listing.isEmpty && KeyListing([Team(name: "a")], nowSeconds: 0) { "\($0)" }.isEmpty)
    }

    @Test("a key is found on the line of its entry, whether or not others mean its team")
    func places() {
        let reading = read(Self.text)
        #expect(reading.place(ofKey: "k7QwR2xT")?.line == 5)
        #expect(reading.place(ofKey: "A0000000")?.line == 6)
        #expect(reading.place(ofKey: "A0000000")?.isLastOfTeam == false)
        #expect(reading.place(ofKey: "B0000000")?.line == 9)
        #expect(reading.place(ofKey: "B0000000")?.team == "labs")
        #expect(reading.place(ofKey: "B0000000")?.isLastOfTeam == true)
        #expect(reading.place(ofKey: "nobody") == nil)
    }

    @Test("a team is found on its line, or the team that a misspelt name means")
    func teams() {
        let reading = read(Self.text)
        #expect(reading.line(ofTeam: "search") == 3 && reading.line(ofTeam: "batch") == 10)
        #expect(reading.line(ofTeam: "serach") == nil && reading.team(near: "serach") == "search")
        #expect(reading.line(ofTeam: "unassigned") == nil)
    }

    /// Seconds before the end of the key, and the message.
    static let ends: [(Int64, String?)] = [
        (14 * 86_400 + 1, nil), (14 * 86_400, "k7QwR2xT expires within two weeks"),
        (1, "k7QwR2xT expires within two weeks"), (0, "k7QwR2xT has expired"), (-1, "k7QwR2xT has expired"),
    ]

    @Test("a key that expires soon gets a warning on its line", arguments: ends)
    func expiry(before: Int64, message: String?) {
        let noted = read(Self.text).noting(nowSeconds: 1_798_761_600 - before)
        #expect(noted.problems.map(\.message) == (message.map { [$0] } ?? []))
        #expect(noted.problems.allSatisfy { $0.line == 5 && $0.severity == .warning })
        #expect(noted.configuration != nil)
    }
}
