import SteelyardPolicy
import Testing

@testable import SteelyardCrypto

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
    /// Two byte strings and whether they are equal.
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

@Suite("The digest of a key")
struct KeyDigestTests {
    @Test("is that of the whole message, however it is asked for", arguments: [0, 1, 55, 56, 61, 63, 64, 65, 1_000])
    func sameAsOther(count: Int) throws {
        let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let digest: KeyDigest = Digest.sha256(message.span)
        let bytes: [UInt8] = Digest.sha256(message)
        #expect(digest == KeyDigest(bytes))
    }
}

@Suite("New keys")
struct RandomKeyTests {
    @Test("are of the form, with their own digest and an id that is free")
    func form() throws {
        let first = try RandomKey.made()
        let (id, digest) = (first.id, first.digest)
        let bytes = first.revealed()
        #expect(bytes.count == SteelyardKey.byteCount)
        let (read, hashed) = (try SteelyardKey.id(of: bytes.span), Digest.sha256(bytes.span))
        #expect(read == id && hashed == digest)
        let second = try RandomKey.made(idsTaken: [id])
        #expect(second.id != id && second.digest != digest)
    }

    @Test("every character is as likely as any other: bytes that 62 does not divide evenly are thrown away")
    func evenly() {
        let digits = RandomDigits.base62(of: Array(0...UInt8.max))
        let counts = Dictionary(digits.map { ($0, 1) }, uniquingKeysWith: +)
        #expect(counts.count == 62 && counts.values.allSatisfy { $0 == 4 })
    }

    @Test("there are as many characters as asked for", arguments: [0, 1, 8, 43, 500])
    func count(count: Int) throws {
        #expect(try RandomDigits.base62(count: count).count == count)
    }
}
