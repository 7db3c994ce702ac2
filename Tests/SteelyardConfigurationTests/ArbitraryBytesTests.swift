import SeededRandom
import SteelyardConfiguration
import Testing

@Suite("Any bytes")
struct ArbitraryBytesTests {
    @Test("any bytes are read, or refused with a problem; nothing traps")
    func anyBytes() {
        var random = SeededRandom()
        print("seed \(random.seed)")
        let template = Array(ConfigurationReadingTests.full.utf8)
        for _ in 0..<3_000 {
            let bytes = random.next() % 4 == 0 ? random.bytes(count: 40) : random.mutated(template)
            let reading = Configuration.read(bytes, file: "proxy.yaml", surroundings: .empty)
            #expect(
                (reading.configuration == nil) == reading.problems.areFatal,
                "seed \(random.seed): \(String(decoding: bytes, as: UTF8.self).debugDescription)"
            )
        }
    }

    @Test("any bytes of a price file are read or refused; nothing traps")
    func anyPriceBytes() {
        var random = SeededRandom()
        print("seed \(random.seed)")
        for _ in 0..<3_000 {
            let bytes = random.mutated(Array(PriceFileTests.full.utf8))
            let surroundings = Surroundings(variable: { _ in nil }, readFile: { _ in .bytes(bytes) })
            let text = "prices: { file: p.yaml }\n" + openAI
            let reading = Configuration.read(Array(text.utf8), file: "proxy.yaml", surroundings: surroundings)
            #expect((reading.configuration == nil) == reading.problems.areFatal, "seed \(random.seed)")
        }
    }

    @Test("deep, wide and endless files are refused", arguments: HostileFile.allCases)
    func hostile(file: HostileFile) {
        let reading = read(file.text)
        #expect(reading.configuration == nil && reading.problems.areFatal)
    }

    enum HostileFile: CaseIterable {
        case lists, sections, dashes, questions, staircase, long, repeated

        var text: String {
            switch self {
            case .lists: String(repeating: "[", count: 100_000)
            case .sections: String(repeating: "{a: ", count: 100_000)
            case .dashes: String(repeating: "- ", count: 100_000)
            case .questions: String(repeating: "? ", count: 100_000)
            case .staircase: (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
            case .long: String(repeating: "a", count: 2 << 20)
            case .repeated: String(repeating: "a: 1\n", count: 5_000)
            }
        }
    }

    @Test("aliases cannot unfold a short file into an endless one")
    func billionLaughs() {
        let levels = (1...30).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }
        let reading = read("a0: &a0 lol\n" + levels.joined() + openAI)
        #expect(reading.problems.contains { $0.message == "has more than 50000 values" })
        #expect(reading.problems.contains { $0.message == "anchors and aliases (&name, *name) are not supported" })
    }

    @Test("bytes that are not UTF-8 are refused on their line")
    func notUTF8() {
        let bytes = Array("# one\nserver: {}\n# ".utf8) + [0xff, 0x0a]
        let reading = Configuration.read(bytes, file: "proxy.yaml", surroundings: .empty)
        #expect(reading.problems.rendered == "proxy.yaml:3: is not UTF-8\n  remedy: save the file as UTF-8\n")
    }
}

extension SeededRandom {
    mutating func bytes(count: Int) -> [UInt8] {
        (0..<Int.random(in: 0...count, using: &self)).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// A copy with a few bytes removed, doubled, or replaced by bytes with a meaning in YAML.
    mutating func mutated(_ original: [UInt8]) -> [UInt8] {
        var copy = original
        for _ in 0..<Int.random(in: 1...6, using: &self) where !copy.isEmpty {
            let start = Int.random(in: 0..<copy.count, using: &self)
            let end = min(copy.count, start + Int.random(in: 0...8, using: &self))
            let special = Array("&*!|>'\"{}[],:-?#%@`\t\n\\~<= 0".utf8)
            switch next() % 4 {
            case 0: copy.removeSubrange(start..<end)
            case 1: copy.insert(contentsOf: copy[start..<end], at: start)
            case 2: copy[start] = special.randomElement(using: &self) ?? 0
            default: copy.insert(special.randomElement(using: &self) ?? 0, at: start)
            }
        }
        return copy
    }
}
