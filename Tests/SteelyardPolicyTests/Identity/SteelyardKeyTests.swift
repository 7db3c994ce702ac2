import SeededRandom
import Testing

@testable import SteelyardPolicy

@Suite("The form of a Steelyard key")
struct SteelyardKeyTests {
    /// Its checksum comes from zlib's crc32, so that the table of ``CRC32`` is not tested against itself.
    static let key = "sy_k7QwR2xT_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg1Vdh9e"

    @Test("a key of another implementation is read, and its id found")
    func known() throws {
        #expect(try read(Array(Self.key.utf8)).text == "k7QwR2xT")
        #expect(Self.key.utf8.count == SteelyardKey.byteCount)
    }

    /// The text, and what is wrong with it.
    static let typos: [(String, KeyTypo)] = [
        ("sy_", .length), (String(key.dropLast()), .length), (key + "a", .length), ("sy_k7QwR2xT", .length),
        (key.replacing("sy_", with: "SY_"), .character), (key.replacing("T_0", with: "T-0"), .character),
        (key.replacing("k7Q", with: "k7 "), .character), (key.replacing("9A", with: "9."), .character),
        (String(key.dropLast()) + "!", .character), (String(key.dropLast(2)) + "é", .character),
        (key.replacing("k7Q", with: "k8Q"), .checksum), (key.replacing("01", with: "10"), .checksum),
        (key.replacing("Z", with: "z"), .checksum), (String(key.dropLast(6)) + "000000", .checksum),
        (String(key.dropLast(6)) + "zzzzzz", .checksum),
    ]

    @Test("a typo is told from an unknown key before anything is looked up", arguments: typos)
    func typo(text: String, typo: KeyTypo) {
        let bytes = Array(text.utf8)
        #expect(throws: typo) { try read(bytes) }
        #expect(isClaimed(bytes))
    }

    @Test(
        "what begins otherwise is somebody else's key",
        arguments: ["", "s", "sy", "sk-proj-abc", "xsy_", "sy-abc", "\u{0}"]
    )
    func foreign(text: String) {
        #expect(!isClaimed(Array(text.utf8)))
    }

    @Test("a key is put together only from what has its form")
    func assembled() throws {
        let id = try #require(KeyID("k7QwR2xT"))
        let secret = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg".utf8)
        #expect(SteelyardKey.assembled(id: id, secret: secret) == Array(Self.key.utf8))
        #expect(SteelyardKey.assembled(id: id, secret: Array(secret.dropLast())) == nil)
        #expect(SteelyardKey.assembled(id: id, secret: secret.dropLast() + [0x2d]) == nil)
    }

    @Test("an id is eight letters and digits", arguments: ["", "k7QwR2x", "k7QwR2xTT", "k7QwR2x-", "k7QwR2é"])
    func noID(text: String) {
        #expect(KeyID(text) == nil)
    }

    @Test("any bytes are read or refused; every single change of a key is noticed")
    func anyBytes() {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededRandom(seed: seed)
        let key = Array(Self.key.utf8)
        for _ in 0..<20_000 {
            var bytes = key
            for _ in 0..<Int.random(in: 1...3, using: &random) { random.change(&bytes) }
            let id = try? read(bytes)
            // Three changes may cancel each other; a text that differs is refused, because a CRC detects every burst of
            // 32 bits and, of anything wider, all but one in 2³².
            #expect((id == nil) == (bytes != key), "seed \(seed): \(bytes)")
        }
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...70, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            #expect((try? read(bytes)) == nil, "seed \(seed): \(bytes)")
            #expect((try? read(Array("sy_".utf8) + bytes)) == nil, "seed \(seed): \(bytes)")
        }
    }

    @Test("two neighbours that change places are noticed, wherever they stand")
    func swaps() {
        let key = Array(Self.key.utf8)
        for index in 1..<key.count where key[index] != key[index - 1] {
            var swapped = key
            swapped.swapAt(index, index - 1)
            #expect((try? read(swapped)) == nil, "at \(index)")
        }
    }

    @Test("a digit is the character it came from")
    func base62() {
        for value in 0..<Base62.radix { #expect(Base62.value(of: Base62.character(of: value)) == value) }
        let characters = (0...UInt8.max).filter { Base62.value(of: $0) != nil }
        #expect(characters.count == 62 && characters.allSatisfy { Character(UnicodeScalar($0)).isASCII })
    }
}

/// Spans cannot pass through an expectation.
private func read(_ bytes: [UInt8]) throws(KeyTypo) -> KeyID { try SteelyardKey.id(of: bytes.span) }

private func isClaimed(_ bytes: [UInt8]) -> Bool { SteelyardKey.isClaimed(by: bytes.span) }

extension SeededRandom {
    /// Removes, doubles or replaces a byte.
    mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: 0..<bytes.count, using: &self)
        switch next() % 4 {
        case 0: bytes.remove(at: index)
        case 1: bytes.insert(bytes[index], at: index)
        case 2: bytes[index] = Base62.character(of: UInt8.random(in: 0..<62, using: &self))
        default: bytes[index] = UInt8.random(in: 0...255, using: &self)
        }
    }
}
