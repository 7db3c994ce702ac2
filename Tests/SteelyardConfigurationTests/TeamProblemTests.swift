import SteelyardConfiguration
import Testing

@Suite("What is wrong with teams, keys, budgets and the ledger")
struct TeamProblemTests {
    @Test("is said with its line and a remedy", arguments: cases)
    func said(golden: Golden) {
        #expect(Self.said(of: golden.text) == golden.expected)
    }

    static let hex = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

    static func said(of text: String) -> String {
        let machine = Machine(
            variables: ["OPENAI_API_KEY": "k"],
            files: [
                "/usr/share/zoneinfo/Europe/Paris": "TZif2", "/usr/share/zoneinfo/right/Europe/Paris": "TZif2",
                "/usr/share/zoneinfo/tzdata.zi":
                    "# version 2024a\nZ Europe/Paris 0:9:21 -\nL Asia/Kolkata Asia/Calcutta\n",
                "cert.pem": "-----BEGIN CERTIFICATE-----\n", "key.pem": "-----BEGIN PRIVATE KEY-----\n",
                "locked.pem": "-----BEGIN ENCRYPTED PRIVATE KEY-----\n",
            ]
        )
        return read(text.replacing("HEX", with: hex), on: machine).rendered
    }
}
