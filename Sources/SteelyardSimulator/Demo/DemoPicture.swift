/// The demo at one moment: teams and their budgets, the message to the blocked team, and all calls. 23 lines, for a
/// terminal of 24 rows and 80 columns.
public struct DemoPicture: Sendable {
    private let address: String
    private let state: String

    /// A picture of the gateway on a port of this machine; `state` briefly says how far the demo is.
    public init(port: Int, state: String) {
        address = "http://127.0.0.1:\(port)"
        self.state = state
    }

    /// The lines, none wider than 79 columns.
    ///
    /// - Parameters:
    ///   - exposition: The text of `/metrics`.
    ///   - nowSeconds: When it was scraped, in seconds since 1970.
    ///   - refusal: What a team with a spent budget was told last.
    public func lines(exposition: String, nowSeconds: Int64, refusal: DemoRefusal?) -> [String] {
        ["Steelyard, simulated provider, \(address)/metrics, \(state)"]
            + DemoTeamTable(exposition: exposition, nowSeconds: nowSeconds).lines
            + DemoRefusal.lines(refusal, count: 4)
            + DemoTable(exposition: exposition).lines
            + ["your own  OPENAI_BASE_URL=\(address)/v1 OPENAI_API_KEY=any"]
    }
}
