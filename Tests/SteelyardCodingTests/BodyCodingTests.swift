import NIOCore
import SeededRandom
import SteelyardCoding
import SteelyardWire
import Testing

@Suite("A request's body that came in a coding", .timeLimit(.minutes(1)))
struct BodyCodingTests {
    private static let codings: [ContentCoding] = [.gzip, .deflate, .zstd]
    private static let text = #"{"model":"gpt-4.1","messages":[{"role":"user","content":"h\u00e9"}]}"#
    private static let limit = 8 << 20

    private func code(_ bytes: [UInt8], _ coding: ContentCoding) throws -> [UInt8] {
        let encoder = try #require(BodyEncoder(coding, of: ByteBuffer(bytes: bytes)))
        while encoder.advance() == true {}
        return Array(encoder.coded.readableBytesView)
    }

    /// What comes of coded bytes, and in how many slices.
    private func decode(
        _ bytes: [UInt8],
        _ coding: ContentCoding,
        limit: Int = limit
    ) throws -> (progress: BodyDecoder.Progress, decoded: [UInt8], slices: Int) {
        let decoder = try #require(BodyDecoder(coding, of: ByteBuffer(bytes: bytes), limitBytes: limit))
        var (progress, slices) = (BodyDecoder.Progress.more, 0)
        while progress == .more {
            let before = decoder.decoded.readableBytes
            progress = decoder.advance()
            slices += 1
            #expect(decoder.decoded.readableBytes - before <= BodyDecoder.sliceBytes)
        }
        return (progress, Array(decoder.decoded.readableBytesView), slices)
    }

    private static func noise(_ byteCount: Int) -> [UInt8] {
        var random = SeededRandom(seed: 3)
        return (0..<byteCount).map { _ in UInt8(random.below(64)) }
    }

    @Test("is read as it was before, whatever its size", arguments: codings)
    func roundTrip(coding: ContentCoding) throws {
        for size in [0, 1, 4095, BodyDecoder.sliceBytes - 1, BodyDecoder.sliceBytes, BodyDecoder.sliceBytes * 3 + 7] {
            let plain = Self.noise(size)
            let outcome = try decode(try code(plain, coding), coding)
            #expect(outcome.progress == .decoded && outcome.decoded == plain, "\(size) bytes")
            #expect(outcome.slices >= size / BodyDecoder.sliceBytes)
        }
    }

    @Test("is broken when it ends early or goes on with something else", arguments: codings)
    func ends(coding: ContentCoding) throws {
        let coded = try code(Array(Self.text.utf8), coding)
        for end in 0..<coded.count { #expect(try decode(Array(coded[..<end]), coding).progress == .broken, "\(end)") }
        for tail in [[0], Array("{}".utf8), [UInt8](repeating: 0, count: 600)] {
            #expect(try decode(coded + tail, coding).progress == .broken)
        }
        #expect(try decode(Array(Self.text.utf8), coding).progress == .broken)
    }

    @Test("may be several members or frames")
    func members() throws {
        let (first, second) = (Array(Self.text.utf8), Self.noise(300_000))
        for coding in [ContentCoding.gzip, .zstd] {
            let outcome = try decode(try code(first, coding) + code(second, coding), coding)
            #expect(outcome.progress == .decoded && outcome.decoded == first + second)
        }
        #expect(try decode(try code(first, .deflate) + code(second, .deflate), .deflate).progress == .broken)
        // A frame that decoders skip (RFC 8878 §3.1.2).
        let skipped: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        #expect(try decode(skipped + code(first, .zstd), .zstd).decoded == first)
    }

    @Test("is bounded in size and in ratio", arguments: codings)
    func bounds(coding: ContentCoding) throws {
        let plain = Self.noise(100_000)
        #expect(try decode(try code(plain, coding), coding, limit: 100_000).progress == .decoded)
        #expect(try decode(try code(plain, coding), coding, limit: 99_999).progress == .tooLarge)
        let zeros = try code([UInt8](repeating: 0, count: 4 << 20), coding)
        #expect(zeros.count * BodyDecoder.ratioLimit < 4 << 20)
        #expect(try decode(zeros, coding).progress == .tooLarge)
        let few = try code([UInt8](repeating: 0, count: BodyDecoder.freeBytes), coding)
        #expect(try decode(few, coding).progress == .decoded)
    }

    @Test("in zstd is given a window of 8 MiB and no more (RFC 9659)")
    func window() throws {
        // A frame's head with a window of 8 MiB or 16 MiB, then one raw block of a byte (RFC 8878 §3.1.1).
        func frame(_ exponent: UInt8) -> [UInt8] { [0x28, 0xB5, 0x2F, 0xFD, 0x00, exponent << 3, 0x09, 0, 0, 0x7B] }
        #expect(try decode(frame(13), .zstd).decoded == [0x7B])
        #expect(try decode(frame(14), .zstd).progress == .broken)
    }

    @Test("is not read in raw deflate, which servers read under that name or not")
    func rawDeflate() throws {
        let zlib = try code(Array(Self.text.utf8), .deflate)
        #expect(try decode(Array(zlib[2..<(zlib.count - 4)]), .deflate).progress == .broken)
    }

    @Test("is not read in other codings", arguments: [ContentCoding.identity, .unreadable])
    func others(coding: ContentCoding) {
        #expect(BodyDecoder(coding, of: ByteBuffer(string: "{}"), limitBytes: 10) == nil)
        #expect(BodyEncoder(coding, of: ByteBuffer(string: "{}")) == nil)
    }

    @Test("never traps on mutated bytes", arguments: codings)
    func mutations(coding: ContentCoding) throws {
        let coded = try code(Array(String(repeating: Self.text, count: 40).utf8), coding)
        let seed = UInt64.random(in: .min ... .max)
        print("mutations of a body in \(coding): seed \(seed)")
        var random = SeededRandom(seed: seed)
        for _ in 0..<3000 {
            var mutant = coded
            for _ in 0...random.below(4) { mutant[random.below(mutant.count)] = UInt8(random.below(256)) }
            _ = try decode(mutant, coding, limit: 1 << 20)
        }
    }
}
