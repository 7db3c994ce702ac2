import SteelyardCrypto
import Testing

@Suite("SHA-256")
struct DigestTests {
    /// NIST FIPS 180-4 examples: the empty message, one block, two blocks, a million letters.
    static let examples: [(String, Int, String)] = [
        ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]

    @Test("gives the digests of the standard's examples", arguments: examples)
    func knownAnswers(text: String, times: Int, digest: String) {
        let message = Array(String(repeating: text, count: times).utf8)
        let digits = Digest.sha256(message).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        #expect(digits.joined() == digest)
    }
}

@Suite("A comparison in constant time")
struct ConstantTimeTests {
    /// Two byte strings and whether they are the same.
    static let pairs: [([UInt8], [UInt8], Bool)] = [
        ([], [], true), ([1, 2, 3], [1, 2, 3], true), ([1, 2, 3], [1, 2, 4], false), ([0, 2, 3], [1, 2, 3], false),
        ([1, 2], [1, 2, 3], false), ([], [0], false), ([0], [0, 0], false),
        (Array(repeating: 7, count: 4096), Array(repeating: 7, count: 4096), true),
    ]

    @Test("tells equal from unequal", arguments: pairs)
    func equality(left: [UInt8], right: [UInt8], areEqual: Bool) {
        #expect(ConstantTime.areEqual(left, right) == areEqual)
        #expect(ConstantTime.areEqual(right, left) == areEqual)
    }
}
