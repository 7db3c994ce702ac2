import Foundation
import SeededRandom
import Testing

@testable import SteelyardPolicy

@Suite("A key in a text")
struct KeySearchTests {
    private static let key = SteelyardKeyTests.key

    /// Codings in which the key would still reach whoever undoes them.
    static let codings: [(String, @Sendable (String) -> String)] = [
        ("plain", { $0 }), ("capitals", { $0.uppercased() }), ("small letters", { $0.lowercased() }),
        ("base64", { Data($0.utf8).base64EncodedString() }),
        ("base64url", { Data($0.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_") }),
        ("hexadecimal", { $0.utf8.map { hex($0, uppercase: false) }.joined() }),
        ("hexadecimal in capitals", { $0.utf8.map { hex($0, uppercase: true) }.joined() }),
        ("escapes", { escaped($0, "%") { _ in true } }),
        ("an escaped underscore", { escaped($0, "%") { $0 == UInt8(ascii: "_") } }),
        ("escaped letters", { escaped($0, "%") { $0 > UInt8(ascii: "Z") } }),
        ("escapes of escapes", { escaped(escaped($0, "%") { _ in true }, "%") { _ in true } }),
        ("quoted pairs", { $0.map { "\\\($0)" }.joined() }),
        ("JSON", { escaped($0, "\\u00") { _ in true } }),
        ("base64 in escapes", { escaped(Data($0.utf8).base64EncodedString(), "%") { _ in true } }),
    ]

    private static func hex(_ byte: UInt8, uppercase: Bool) -> String { String(byte, radix: 16, uppercase: uppercase) }

    private static func escaped(_ text: String, _ mark: String, _ isEscaped: (UInt8) -> Bool) -> String {
        text.utf8.map { byte in
            isEscaped(byte) ? mark + hex(byte, uppercase: byte % 2 == 0) : String(UnicodeScalar(byte))
        }.joined()
    }

    @Test("is found in every coding, wherever it stands", arguments: codings)
    func found(name: String, code: @Sendable (String) -> String) {
        for (before, behind) in [("", ""), ("a", ""), ("ab", "c"), ("abc", "d=e; "), ("user:", ""), ("k=", "&b=c")] {
            #expect(finds(code(before + Self.key + behind)), "\(before)…\(behind)")
            #expect(finds("field: x " + code(Self.key) + " " + code(behind)))
        }
    }

    @Test("is found whatever its checksum, and with a few characters missing or behind it")
    func almost() {
        #expect(finds(String(Self.key.dropLast()) + "x"))
        #expect(finds(String(Self.key.dropLast(6))))
        #expect(finds(String(Self.key.dropLast(6 + 10))))
        #expect(finds(Self.key + Self.key))
        #expect(finds("sy_sy_sy_k7" + Self.key))
    }

    @Test(
        "is not seen where none is",
        arguments: [
            "", "sy_", "sy_k7QwR2xT", String(key.dropLast(6 + 11)), String(key.dropFirst()), "sy" + key.dropFirst(3),
            key.replacing("T_0", with: "T-0"), key.replacing("k7Q", with: "k7QQ"), key.replacing("9A", with: "9.A"),
            "Bearer sk-proj-" + String(repeating: "aB3_", count: 40), "%", "\\", "%7", "\\u00", "\\u005",
            "easy_settings_0123456789abcdef0123456789abcdef",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            String(repeating: "%", count: 200), String(repeating: "sy_", count: 100),
        ]
    )
    func none(text: String) {
        #expect(!finds(text))
    }

    @Test("is not seen in random letters, and never makes the search fail", arguments: [1, 2, 3])
    func random(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                UInt8.random(in: 0x20...0x7E, using: &random)
            }
            let isFound = KeySearch.finds(in: text.span)
            #expect(!isFound, "seed \(seed)")
        }
    }

    private func finds(_ text: String) -> Bool { KeySearch.finds(in: Array(text.utf8).span) }
}
