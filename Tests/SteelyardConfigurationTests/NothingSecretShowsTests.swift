import Foundation
import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("Nothing secret shows")
struct NothingSecretShowsTests {
    private static let secrets = ["sk-proj-Zq7Hw3NcVt9Kd2", "adm1n-Token-Xr5Lp8", "sy_k7QwR2xT_Jb4Fm6Gs"]

    private static let text = """
        admin: { listen: 127.0.0.1:9090, token: env:TOKEN }
        providers: { openai: { base_url: https://api.openai.com/v1, api_key: env:KEY } }
        teams:
          search: { keys: [{ id: k7QwR2xT, sha256: \(TeamProblemTests.hex) }] }
        """

    private static let machine = Machine(variables: ["KEY": secrets[0], "TOKEN": secrets[1]])

    @Test("a configuration shows no secret, however it is printed")
    func configuration() throws {
        let reading = read(Self.text, on: Self.machine)
        let configuration = try #require(reading.configuration)
        var other = configuration
        other.admin.token = Secret(Array("other".utf8))
        other.providers[0].apiKey = .bound(BoundSecret(Secret(Array("x".utf8)), to: other.providers[0].origin))
        let changes = configuration.changes(to: other)
        #expect(changes.map(\.key) == ["admin.token", "providers.openai.api_key"])
        for value: Any in [configuration, reading, changes, configuration.providers, configuration.admin] {
            for text in Self.prints(of: value) { Self.expectNothingSecret(text) }
        }
    }

    @Test("without the guard, a secret kept as bytes would be printed")
    func testOfTheTest() {
        struct Careless { let bytes: [UInt8] }
        let shown = Self.prints(of: Careless(bytes: Array(Self.secrets[0].utf8))).joined()
        #expect(Self.forms(of: Self.secrets[0]).contains { shown.contains($0) })
    }

    /// Places where somebody may write the secret itself by mistake.
    static let places = [
        "admin: { token: SECRET }", "admin: { token: \"env:SECRET x\" }",
        "providers: { a: { base_url: https://a.example, api_key: SECRET } }",
        "teams: { a: { keys: [{ id: SECRET, sha256: SECRET }] } }",
        "teams: { a: { keys: [{ id: k7QwR2xT, sha256: \"sha256:SECRET\" }] } }",
        "teams: { a: { provider_keys: [SECRET, \"sha256:SECRET\"] } }",
    ]

    @Test("a secret written into the file is refused without being shown", arguments: places)
    func written(place: String) {
        for secret in Self.secrets {
            let reading = read(place.replacing("SECRET", with: secret) + "\n", on: Self.machine)
            #expect(reading.configuration == nil)
            for text in Self.prints(of: reading) + [reading.rendered] { Self.expectNothingSecret(text) }
        }
    }

    @Test("a key is checked even if the URL cannot be read")
    func besideAnotherError() {
        let reading = read(
            "providers: { a: { base_url: ftp://a.example, api_key: \(Self.secrets[0]) } }\n",
            on: Self.machine
        )
        #expect(reading.problems.map(\.key).sorted() == ["providers.a.api_key", "providers.a.base_url"])
        Self.expectNothingSecret(reading.rendered)
    }

    private static func expectNothingSecret(_ text: String) {
        for form in secrets.flatMap(forms) { #expect(!text.contains(form), "\(form) in \(text.prefix(300))") }
    }

    /// Everything that Swift prints of a value: descriptions, dumps, and the content of its mirrors.
    private static func prints(of value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(reflecting: value), dumped] + mirrored(value, depth: 0)
    }

    private static func mirrored(_ value: Any, depth: Int) -> [String] {
        guard depth < 12 else { return [] }
        return Mirror(reflecting: value).children.flatMap { ["\($0.value)"] + mirrored($0.value, depth: depth + 1) }
    }

    /// As text, in hexadecimal, in base64, as an array of numbers, and as in a dump.
    private static func forms(of secret: String) -> [String] {
        let bytes = Array(secret.utf8)
        let hex = bytes.map { String($0, radix: 16) }.joined()
        let numbers = bytes.map { "\($0)" }
        let base64 = Data(bytes).base64EncodedString().trimmingCharacters(in: ["="])
        return [secret, hex, hex.uppercased(), base64, numbers.prefix(8).joined(separator: ", ")]
    }
}
