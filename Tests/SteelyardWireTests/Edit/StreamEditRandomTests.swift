import SeededRandom
import SteelyardWire
import Testing

/// Streams made at random: valid ones, whose form without usage is known as they are made, and broken ones.
@Suite("Taking usage out of streams made at random")
struct StreamEditRandomTests {
    private let seed = UInt64.random(in: .min ... .max)

    @Test("what leaves a valid stream is the stream made without usage, however it is cut")
    func valid() {
        print("random streams: seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            var maker = StreamMaker(random: random)
            let (asked, unasked) = maker.stream()
            random = maker.random
            for cuts in [[], random.cuts(in: asked.count), random.cuts(in: asked.count), Array(0..<asked.count)] {
                guard StreamEditTests.edit(asked, cutAt: cuts) == unasked else {
                    Issue.record("seed \(seed), cut at \(cuts): \(String(decoding: asked, as: UTF8.self))")
                    return
                }
            }
        }
    }

    @Test("bytes of any kind leave in the same way however they are cut, and none is invented")
    func mutants() {
        print("random mutants: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let streams = StreamFixture.all.map(\.asked).filter { $0.count < 16_384 }
        for _ in 0..<3_000 {
            var mutant = streams[random.below(streams.count)]
            for _ in 0...random.below(6) { random.mutate(&mutant) }
            let whole = StreamEditTests.edit(mutant, cutAt: [])
            let isCutAlike = StreamEditTests.edit(mutant, cutAt: random.cuts(in: mutant.count)) == whole
            #expect(isCutAlike, "seed \(seed): \(mutant)")
            let labelled = StreamEditTests.edit(mutant, cutAt: random.cuts(in: mutant.count), labelled: .json)
            #expect(labelled == StreamEditTests.edit(mutant, cutAt: [], labelled: .json), "seed \(seed): \(mutant)")
            #expect(whole.isRearranged(from: mutant), "seed \(seed): \(mutant)")
        }
    }

    @Test("a stream in which usage cannot be spelled passes as it is")
    func nothingToTakeOut() {
        print("random bytes: seed \(seed)")
        var random = SeededRandom(seed: seed)
        let streams = StreamFixture.all.map(\.asked).filter { $0.count < 16_384 }
        for _ in 0..<2_000 {
            var mutant = streams[random.below(streams.count)]
            for _ in 0...random.below(40) { random.mutate(&mutant) }
            // No `g` and no escape: no key is `usage`. No comment: none leaves out of turn.
            mutant.removeAll { [UInt8(ascii: "g"), UInt8(ascii: "\\")].contains($0) }
            mutant = mutant.indices.map { index in
                let isLineStart = index == 0 || mutant[index - 1] == 0x0A || mutant[index - 1] == 0x0D
                return isLineStart && mutant[index] == UInt8(ascii: ":") ? UInt8(ascii: ".") : mutant[index]
            }
            #expect(StreamEditTests.edit(mutant, cutAt: random.cuts(in: mutant.count)) == mutant, "seed \(seed)")
        }
    }
}

/// Makes streams of chunks with known answers.
private struct StreamMaker {
    var random: SeededRandom

    /// A stream as it comes with usage asked for, and without.
    mutating func stream() -> (asked: [UInt8], unasked: [UInt8]) {
        let lineEnd = ["\n", "\r\n", "\r"][random.below(3)]
        var (asked, unasked) = ("", "")
        for _ in 0...random.below(5) {
            let (line, edited) = event()
            asked += line + lineEnd + lineEnd
            if let edited { unasked += edited + lineEnd + lineEnd }
        }
        return (Array(asked.utf8), Array(unasked.utf8))
    }

    /// The data line of an event, and what is left of it; nil when nothing is.
    private mutating func event() -> (asked: String, unasked: String?) {
        let choices = ["[]", "[ ]", "null", #"[{"usage":null}]"#, "[1]", nil][random.below(6)]
        let usage = ["null", #"{"a":{"usage":null},"b":[]}"#, "{}", "0", #""null""#, "[]", nil][random.below(7)]
        let hasError = random.below(10) == 0
        let hasNullError = !hasError && random.below(10) == 0
        var members = Self.envelope.filter { _ in random.below(2) == 0 }
        let others = Self.others.filter { _ in random.below(6) == 0 }
        members += others
        if let choices { members.append((key("choices"), choices)) }
        if hasError { members.append((key("error"), [#""x""#, "{}"][random.below(2)])) }
        if hasNullError { members.append((key("error"), "null")) }
        shuffle(&members)
        let place = random.below(members.count + 1)
        let isFilled = choices?.contains("1") ?? false || choices?.contains("{") ?? false
        let space = ["", " ", "\t "][random.below(3)]
        let plain = write(members, space)
        guard let usage else { return (plain, plain) }
        var asked = members
        asked.insert((key("usage"), usage), at: place)
        let written = write(asked, space)
        // A null that has left before the error shows stays out.
        if hasError { return errorAnswer(members, asked, place, usage, isFilled, space) }
        if usage == "null" { return (written, plain) }
        guard usage.hasPrefix("{"), !isFilled else { return (written, written) }
        return (written, others.isEmpty ? nil : plain)
    }

    /// An event with an error passes as it is, unless its usage was decided in front of the error.
    private func errorAnswer(
        _ members: [(String, String)],
        _ asked: [(String, String)],
        _ place: Int,
        _ usage: String,
        _ isFilled: Bool,
        _ space: String
    ) -> (String, String?) {
        let front = asked.prefix { Self.name($0.0) != "error" }
        let written = write(asked, space)
        guard place < front.count, usage == "null" || usage.hasPrefix("{") else { return (written, written) }
        let choices = front.first { Self.name($0.0) == "choices" }?.1
        let isOther = front.contains { Self.others.map(\.0).contains($0.0) }
        let isContent = choices.map { $0.contains("1") || $0.contains("{") } ?? false
        let isDecided = usage == "null" ? isOther || isContent : isOther && choices != nil && !isContent
        return (written, isDecided ? write(members, space) : written)
    }

    private func write(_ members: [(String, String)], _ space: String) -> String {
        let list = members.map { $0.0 + space + ":" + space + $0.1 }
        let separator = space + "," + space
        let body = list.joined(separator: separator)
        return "data:" + space + "{" + space + body + "}" + space
    }

    private mutating func key(_ name: String) -> String {
        guard random.below(4) == 0, let first = name.unicodeScalars.first else { return "\"\(name)\"" }
        return "\"\\u00" + String(first.value, radix: 16) + name.dropFirst() + "\""
    }

    private static func name(_ key: String) -> String {
        let text = key.dropFirst().dropLast()
        guard text.hasPrefix("\\u00"), let code = UInt8(text.dropFirst(4).prefix(2), radix: 16) else {
            return String(text)
        }
        return String(UnicodeScalar(code)) + text.dropFirst(6)
    }

    private mutating func shuffle(_ members: inout [(String, String)]) {
        for index in members.indices { members.swapAt(index, random.below(members.count)) }
    }

    private static let envelope = [
        (#""id""#, #""x\"\\""#), (#""object""#, #""chunk""#), (#""created""#, "-1.5e3"), (#""model""#, #""mé""#),
        (#""service_tier""#, "null"), (#""obfuscation""#, #""""#),
    ]
    private static let others = [
        (#""usages""#, "null"), (#""x""#, #"{"usage":null,"error":1}"#), (#""choice""#, "[true,false]"),
    ]
}

extension SeededRandom {
    /// A few positions in ascending order.
    fileprivate mutating func cuts(in count: Int) -> [Int] {
        (0...below(8)).map { _ in below(count + 1) }.sorted()
    }

    /// Changes, takes out, puts in or repeats some bytes.
    fileprivate mutating func mutate(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return bytes.append(byte()) }
        let index = below(bytes.count)
        switch below(4) {
        case 0: bytes[index] = byte()
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(byte(), at: index)
        default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + below(60))], at: below(bytes.count))
        }
    }
}

extension [UInt8] {
    /// Whether no byte occurs more often than in the other bytes, and no more than usage members are missing.
    fileprivate func isRearranged(from other: [UInt8]) -> Bool {
        var counts = [Int](repeating: 0, count: 256)
        for byte in other { counts[Int(byte)] += 1 }
        for byte in self { counts[Int(byte)] -= 1 }
        return counts.allSatisfy { $0 >= 0 }
    }
}
